//! The answer of an organisation that was asked to accept its partners: a web page for people, and the same as JSON.
//! Whoever holds the link may answer; what weighs more than that needs the code that is mailed to the organisation's
//! own contact (CUS-06).

mod agreement;
mod codes;
mod course;
mod form;

mod model;
mod page;

mod routes;

pub use page::routes as pages;
pub use routes::routes;
