//! From which plan to which one may upgrade, and who has to move (CAT-04, CAT-05, CAT-06).

use super::model::{Channel, OfferRow};
use crate::error::{Code, Fault};

crate::word_enum! {
    /// Who moves in an upgrade (CAT-05).
    pub enum UpgradeScope {
        /// Some of the users, or all: both plans are of one family.
        Subset = "subset",
        /// All users of the tenant's plans of that family: the new plan is of another.
        AllUsers = "allUsers",
    }
}

/// A pair of a table that holds at an instant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UpgradePair {
    /// The table.
    pub table_id: String,
    /// The channels that it serves.
    pub channels: Vec<Channel>,
    /// The product that one may go to.
    pub to_product_id: String,
}

/// An offer that one may upgrade to.
#[derive(Debug, Clone)]
pub struct UpgradeTarget {
    /// The offer, in force at the instant that was asked for.
    pub offer: OfferRow,
    /// Who has to move.
    pub scope: UpgradeScope,
    /// The table that says so.
    pub table_id: String,
    /// The channels that the table serves.
    pub channels: Vec<Channel>,
}

impl UpgradeTarget {
    /// Whether what was bought through this channel may go this way (CAT-06).
    pub fn serves(&self, channel: Channel) -> bool {
        self.channels.contains(&channel)
    }
}

/// The scope of an upgrade: inside a family some may move, else all of them or none.
pub fn scope(from: &OfferRow, to: &OfferRow) -> UpgradeScope {
    if from.family.is_some() && from.family == to.family { UpgradeScope::Subset } else { UpgradeScope::AllUsers }
}

/// The targets among the offers that sell the products of these pairs: in the currency of what is left behind, because
/// nothing is converted (MKT-03). A product that two tables lead to is there for the channels of both.
pub(super) fn targets(from: &OfferRow, pairs: &[UpgradePair], sold: Vec<OfferRow>) -> Vec<UpgradeTarget> {
    let reached = |offer: OfferRow| {
        let mut leading = pairs.iter().filter(|pair| pair.to_product_id == offer.product_id).peekable();
        let table_id = leading.peek()?.table_id.clone();
        let mut channels: Vec<Channel> = Vec::new();
        for channel in leading.flat_map(|pair| &pair.channels) {
            if !channels.contains(channel) {
                channels.push(*channel);
            }
        }
        Some(UpgradeTarget { scope: scope(from, &offer), table_id, channels, offer })
    };
    sold.into_iter().filter(|offer| offer.currency == from.currency).filter_map(reached).collect()
}

/// The target with this name, where the table has it for this channel; else why not, with the targets that are allowed.
pub fn choose<'a>(
    from: &OfferRow,
    targets: &'a [UpgradeTarget],
    to_offer_id: &str,
    channel: Channel,
    pointer: &str,
) -> Result<&'a UpgradeTarget, Fault> {
    let allowed: Vec<&str> =
        targets.iter().filter(|target| target.serves(channel)).map(|target| target.offer.id.as_str()).collect();
    let Some(target) = targets.iter().find(|target| target.offer.id == to_offer_id) else {
        return Err(Fault::at(pointer, Code::UpgradeNotAllowed)
            .with("from", &from.id)
            .with("to", to_offer_id)
            .with("allowed", allowed));
    };
    if !target.serves(channel) {
        return Err(Fault::at(pointer, Code::UpgradeChannelNotSupported)
            .with("channel", channel)
            .with("channels", &target.channels)
            .with("table", &target.table_id));
    }
    Ok(target)
}
