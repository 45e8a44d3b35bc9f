//! Who is told of newly placed events.

use super::{rules, store};
use crate::db::write::Tx;
use crate::error::Result;
use crate::events::EventRow;

/// Begins a delivery for each endpoint that wants one of these events.
pub async fn fan_out(tx: &mut Tx<'_>, events: &[EventRow]) -> Result<()> {
    let mut partners: Vec<String> =
        events.iter().flat_map(|event| [&event.partner_id, &event.partner_of_record_id]).flatten().cloned().collect();
    partners.sort_unstable();
    partners.dedup();
    for endpoint in store::enabled_of(tx.db(), &partners).await? {
        let filter = endpoint.filter()?;
        let sees = |event: &&EventRow| match &endpoint.partner_id {
            None => true,
            owner => event.partner_id == *owner || event.partner_of_record_id == *owner,
        };
        for event in events.iter().filter(sees).filter(|event| rules::wants(&filter, &event.topic)) {
            store::begin(tx, &endpoint.id, &event.id, &event.topic).await?;
        }
    }
    Ok(())
}
