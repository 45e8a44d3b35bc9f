//! Who a bearer token speaks for: one of our own tokens, or an outside issuer's.

use super::Principal;
use super::clients::Client;
use crate::error::Result;
use crate::state::State;
use std::sync::Arc;

/// Who this token speaks for, and what is known of that client now.
pub async fn of(app: &State, token: &str) -> Result<(Arc<Principal>, Arc<Client>)> {
    if let Some(proven) = app.issuers.proven(token).await? {
        let client = app.directory.outside(&app.pool, &proven.issuer, &proven.subject).await?;
        return Ok((Arc::new(proven.principal(&client)), client));
    }
    let principal = app.tokens.verify(token)?;
    let client = app.directory.client(&app.pool, &principal.client_id).await?;
    Ok((principal, client))
}
