//! Queries over relationships.

use super::model::{RelationshipRow, RelationshipState};
use crate::db::schema::relationships;
use crate::db::write::Tx;
use crate::error::Result;
use crate::on;
use diesel_async::RunQueryDsl;

/// Records that the organisation has accepted the partner.
pub async fn accept(tx: &mut Tx<'_>, partner_id: &str, customer_id: &str) -> Result<()> {
    let row = RelationshipRow {
        id: tx.id(),
        partner_id: partner_id.to_owned(),
        customer_id: customer_id.to_owned(),
        state: RelationshipState::Accepted,
        created_at: tx.now().naive_utc(),
    };
    on!(tx.db(), c => diesel::insert_into(relationships::table).values(&row).execute(c))?;
    Ok(())
}
