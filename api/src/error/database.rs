//! What goes wrong in the database, and what of it passes by itself.

use super::{Code, Error};

impl From<diesel::result::Error> for Error {
    fn from(error: diesel::result::Error) -> Self {
        use diesel::result::{DatabaseErrorKind as Kind, Error as Diesel};
        match &error {
            Diesel::DatabaseError(Kind::SerializationFailure, _) => Self::new(Code::Busy).transient().caused_by(error),
            Diesel::DatabaseError(Kind::ClosedConnection | Kind::UnableToSendCommand, _) => {
                Self::new(Code::Busy).caused_by(error)
            }
            Diesel::DatabaseError(_, details) if is_passing(details.message()) => {
                Self::new(Code::Busy).transient().caused_by(error)
            }
            _ => Self::internal(error),
        }
    }
}

/// Failures without a kind of their own that pass by themselves: another process holds SQLite's lock, a deadlock or a
/// time limit on PostgreSQL. Only the retry hangs on these texts, never what is answered.
fn is_passing(message: &str) -> bool {
    ["database is locked", "deadlock detected", "lock timeout", "statement timeout"]
        .iter()
        .any(|text| message.contains(text))
}
