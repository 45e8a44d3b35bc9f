//! Who changes something.

use crate::clock::machine_now;
use crate::ids;

/// Who changes something, and through what: the audit record's face.
#[derive(Debug, Clone)]
pub struct Actor {
    /// The operation id, the command or the job.
    pub operation: String,
    /// The API client; empty for commands and jobs.
    pub client_id: String,
    /// The id of the token (`jti`); empty for commands and jobs.
    pub token_id: String,
    /// The partner of the token.
    pub partner_id: Option<String>,
    /// The customer of the token.
    pub customer_id: Option<String>,
    /// The request id.
    pub request_id: String,
    /// Where the request came from.
    pub source_address: String,
}

impl Actor {
    /// A command of the operator or a job of this house.
    pub fn house(operation: &str) -> Self {
        Self {
            operation: operation.to_owned(),
            client_id: String::new(),
            token_id: String::new(),
            partner_id: None,
            customer_id: None,
            request_id: ids::new_id(machine_now()),
            source_address: String::new(),
        }
    }

    /// Whose idempotency keys these are: the partner's, else the client's, so that a new token changes nothing.
    pub fn subject(&self) -> &str {
        self.partner_id.as_deref().unwrap_or(&self.client_id)
    }
}
