//! Files that partners hand in with a request: bounded, of a few types that are told by their own bytes, and sealed in
//! the database like every secret. The thing that a file belongs to says who may see it.

mod model;
mod rules;
mod store;

pub use model::{AboutKind, Attachment, AttachmentFile, AttachmentRow, NewAttachment};
pub use rules::{Checked, MOST, check, check_one};
pub use store::{find, keep, of_all};
