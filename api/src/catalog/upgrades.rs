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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::model::OfferKind;
    use crate::db::words::Json;
    use test_case::test_case;

    fn offer(id: &str, family: Option<&str>, currency: &str) -> OfferRow {
        OfferRow {
            id: id.to_owned(),
            sold_from: chrono::DateTime::UNIX_EPOCH.naive_utc(),
            sold_until: None,
            superseded_at: None,
            version: 1,
            catalogue: "test".to_owned(),
            kind: OfferKind::Cloud,
            product_id: id.to_owned(),
            name: id.to_owned(),
            license: None,
            gcc: false,
            family: family.map(str::to_owned),
            seat_cap: None,
            currency: currency.to_owned(),
            terms: Json("[]".to_owned()),
            channels: Json("[]".to_owned()),
            details: Json("{}".to_owned()),
        }
    }

    #[test_case(Some("one"), Some("one"), UpgradeScope::Subset; "one family")]
    #[test_case(Some("one"), Some("two"), UpgradeScope::AllUsers; "two families")]
    #[test_case(None, None, UpgradeScope::AllUsers; "none is no family to be inside of")]
    #[test_case(Some("one"), None, UpgradeScope::AllUsers; "out of a family")]
    fn rule_cat_05_who_moves(from: Option<&str>, to: Option<&str>, expected: UpgradeScope) {
        assert_eq!(scope(&offer("a", from, "EUR"), &offer("b", to, "EUR")), expected);
    }

    #[test]
    fn rule_cat_06_a_product_that_two_tables_lead_to_is_there_for_the_channels_of_both() {
        let pair = |table: &str, channels: &[Channel]| UpgradePair {
            table_id: table.to_owned(),
            channels: channels.to_vec(),
            to_product_id: "b".to_owned(),
        };
        let pairs = [pair("first", &[Channel::Csp]), pair("second", &[Channel::Csp, Channel::Advisor])];
        let sold = vec![offer("b", None, "EUR"), offer("c", None, "EUR")];
        let found = targets(&offer("a", None, "EUR"), &pairs, sold);
        assert_eq!((found.len(), &found[0].channels), (1, &vec![Channel::Csp, Channel::Advisor]));
        let said = |to: &str, channel| {
            choose(&offer("a", None, "EUR"), &found, to, channel, "/to").map_err(|fault| fault.code)
        };
        assert!(said("b", Channel::Advisor).is_ok());
        assert_eq!(said("b", Channel::Open).unwrap_err(), Code::UpgradeChannelNotSupported);
        assert_eq!(said("c", Channel::Csp).unwrap_err(), Code::UpgradeNotAllowed);
    }

    #[test]
    fn rule_mkt_03_an_upgrade_stays_in_its_currency() {
        let pairs = [UpgradePair { table_id: "t".into(), channels: vec![Channel::Csp], to_product_id: "b".into() }];
        let sold = vec![offer("b", None, "MXN")];
        assert!(targets(&offer("a", None, "EUR"), &pairs, sold).is_empty());
    }
}
