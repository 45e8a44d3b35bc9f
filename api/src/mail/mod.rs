//! Mail: asked for inside a transaction with [`send`], rendered there in the reader's language, and sent afterwards by a
//! job: by SMTP, or in a sandbox without a mail server into files.

mod deliver;
mod letter;
mod model;
mod postman;
mod routes;
mod store;

pub use deliver::{SEND, deliver, give_up};
pub use letter::{Letter, Mail};
pub use postman::Postman;
pub use routes::routes;
pub use store::send;
