//! The faces of HTTP that every operation shares: problem documents, bodies, queries, pages, ETags, idempotency keys,
//! and the frame around each request. Knows no feature.

pub mod answer;
pub mod body;
pub mod context;
pub mod cors;
pub mod declared;
pub mod document;
pub mod faults;
pub mod frame;
pub mod id;
pub mod page;
pub mod preconditions;
pub mod problem;
pub mod query;
pub mod room;
pub mod source;
pub mod unread;

pub use answer::{Created, Done, NoContent, Resource, Shown, Tagged};
pub use body::Body;
pub use id::Id;
pub use page::Page;
pub use preconditions::{IdempotencyKey, IfMatch};
pub use problem::Problems;
pub use query::Query;
