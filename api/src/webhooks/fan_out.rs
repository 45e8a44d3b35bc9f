//! Who is told of newly placed events.

use super::model::{EndpointRow, FanOutRow};
use super::{rules, store};
use crate::db::write::Tx;
use crate::error::Result;
use crate::state::State;

/// How many events one transaction looks at.
const EVENTS: i64 = 100;
/// The most deliveries that one transaction begins: an event that more want is told in several.
const DELIVERIES: usize = 500;

/// Begins the next deliveries. `false`: the feed is told to its end, or another replica is at it.
pub async fn fan_out(state: &State) -> Result<bool> {
    let mut reader = state.read().await?;
    let is_any = store::is_any_untold(&mut reader.db()?).await?;
    drop(reader);
    if !is_any {
        return Ok(false);
    }
    state
        .upkeep("webhooks.fan_out", async |tx| Ok(tx.is_alone("webhooks.fan_out").await? && begin_some(tx).await?))
        .await
}

/// Begins deliveries for the events after the mark, and moves the mark with them: a crash leaves both or neither.
async fn begin_some(tx: &mut Tx<'_>) -> Result<bool> {
    let mut told = store::told(tx.db()).await?;
    let events = store::untold(tx.db(), told.position, EVENTS).await?;
    let mut partners: Vec<String> =
        events.iter().flat_map(|event| [&event.partner_id, &event.partner_of_record_id]).flatten().cloned().collect();
    partners.sort_unstable();
    partners.dedup();
    let mut endpoints = Vec::new();
    for endpoint in store::enabled_of(tx.db(), &partners).await? {
        endpoints.push((endpoint.filter()?, endpoint));
    }
    endpoints.sort_unstable_by(|(_, one), (_, other)| one.id.cmp(&other.id));
    let mut begun: Vec<(&EndpointRow, &store::Placed)> = Vec::new();
    'all: for event in &events {
        let sees = |endpoint: &EndpointRow| match &endpoint.partner_id {
            None => true,
            owner => event.partner_id == *owner || event.partner_of_record_id == *owner,
        };
        let after = std::mem::take(&mut told.endpoint_id);
        told.position = event.position - 1;
        let wanted = endpoints
            .iter()
            .filter(|(filter, endpoint)| endpoint.id > after && sees(endpoint) && rules::wants(filter, &event.topic));
        let mut last = after.as_str();
        for (_, endpoint) in wanted {
            if begun.len() >= DELIVERIES {
                last.clone_into(&mut told.endpoint_id);
                break 'all;
            }
            begun.push((endpoint, event));
            last = &endpoint.id;
        }
        told.position = event.position;
    }
    store::begin_all(tx, &begun).await?;
    store::set_told(tx, &FanOutRow { id: 1, ..told }).await?;
    Ok(!events.is_empty())
}
