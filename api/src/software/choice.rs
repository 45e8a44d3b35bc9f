//! What an owner may choose of a product: which versions, in which languages and for which processors (SWK-02, SWK-08).

use super::model::{EntitlementRow, KeyKind, Medium};
use crate::catalog::{self, Bitness, License, MediaRow, ProductRow};
use crate::db::Db;
use crate::error::{Code, Fault, Result};

/// What somebody asks for.
#[derive(Debug, Clone, Copy)]
pub struct Chosen<'a> {
    /// Version.
    pub version: &'a str,
    /// Language.
    pub language: &'a str,
    /// Bitness.
    pub bitness: Bitness,
    /// The kind of key; none for whatever there is.
    pub kind: Option<&'a str>,
}

/// What one purchase gives a right to.
pub struct Rights {
    /// Every combination that may be had.
    pub media: Vec<Medium>,
    /// Versions that exist, and are too old for this owner.
    too_old: Vec<String>,
    depth: i64,
}

impl Rights {
    /// Of a purchase.
    pub async fn of(db: &mut Db<'_>, entitlement: &EntitlementRow) -> Result<Self> {
        let media = catalog::media_of(db, &entitlement.product_id).await?;
        let product = catalog::product(db, &entitlement.product_id).await?;
        Self::from(entitlement, product.as_ref(), media)
    }

    /// Who pays for a term may have every version. Who owns for good may have the version that was the newest at the
    /// purchase, and go back from it as far as the product allows.
    pub fn from(entitlement: &EntitlementRow, product: Option<&ProductRow>, media: Vec<MediaRow>) -> Result<Self> {
        let versions = product.map(ProductRow::versions).transpose()?.unwrap_or_default();
        let depth = product.map_or(0, |product| product.downgrade_depth);
        let place = |version: &str| {
            let place = versions.iter().position(|known| known == version)?;
            i64::try_from(place).ok()
        };
        let bought = match &entitlement.product_version {
            Some(version) => place(version),
            None => versions.last().and_then(|newest| place(newest)),
        };
        let mut rights = Self { media: Vec::new(), too_old: Vec::new(), depth };
        for row in media {
            let back = bought.zip(place(&row.version)).map(|(bought, this)| bought - this);
            let is_own = entitlement.product_version.as_ref() == Some(&row.version);
            let may = match (entitlement.license, back) {
                (License::Subscription, _) => true,
                (License::Perpetual, Some(back)) => (0..=depth).contains(&back),
                // What has no place among the others is nobody's but its buyer's.
                (License::Perpetual, None) => is_own || versions.is_empty(),
            };
            let is_older = back.is_some_and(|back| back > 0);
            if may {
                rights.add(row, is_older);
            } else if is_older && !rights.too_old.contains(&row.version) {
                rights.too_old.push(row.version);
            }
        }
        Ok(rights)
    }

    fn add(&mut self, row: MediaRow, is_downgrade: bool) {
        let MediaRow { version, language, bitness, .. } = row;
        self.media.push(Medium { version, language, bitness, is_downgrade });
    }

    /// Everything that stands against a choice; the right ones are listed (SWK-02).
    pub fn faults(&self, chosen: &Chosen<'_>) -> Vec<Fault> {
        let mut faults = Vec::new();
        if chosen.kind.is_some_and(|kind| !kind.eq_ignore_ascii_case(KeyKind::Mak.as_str())) {
            faults.push(Fault::at("/kind", Code::KeyTypeNotAvailable).with("available", [KeyKind::Mak]));
        }
        let fits = |medium: &Medium| {
            medium.version == chosen.version && medium.language == chosen.language && medium.bitness == chosen.bitness
        };
        if !self.media.iter().any(fits) {
            let fault = if self.too_old.iter().any(|version| version == chosen.version) {
                Fault::at("/version", Code::DowngradeNotPermitted).with("depth", self.depth)
            } else {
                Fault::at("/version", Code::CombinationNotAvailable)
            };
            faults.push(fault.with("available", &self.media));
        }
        faults
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::words::Json;
    use crate::software::EntitlementState;
    use chrono::NaiveDateTime;
    use test_case::test_case;

    fn rights(license: License, bought: Option<&str>, depth: i64) -> Rights {
        let entitlement = EntitlementRow {
            id: String::new(),
            partner_id: String::new(),
            partner_of_record_id: None,
            customer_id: String::new(),
            tenant_id: String::new(),
            order_id: String::new(),
            order_line_id: String::new(),
            offer_id: String::new(),
            product_id: "w".to_owned(),
            name: String::new(),
            friendly_name: None,
            license,
            quantity: 1,
            state: EntitlementState::Active,
            version: 1,
            created_at: NaiveDateTime::default(),
            purchased_at: None,
            cancelled_at: None,
            product_version: bought.map(str::to_owned),
        };
        // In an order that their names do not have.
        let versions = ["2012 R2", "2016", "10", "2022"];
        let product = ProductRow {
            id: "w".to_owned(),
            versions: Json::of(&versions).unwrap(),
            downgrade_depth: depth,
            retired: Json::of(&["10"]).unwrap(),
        };
        let media = versions.into_iter().chain(["1999"]).map(|version| MediaRow {
            id: String::new(),
            product_id: "w".to_owned(),
            version: version.to_owned(),
            language: "es".to_owned(),
            bitness: Bitness::X64,
        });
        Rights::from(&entitlement, Some(&product), media.collect()).unwrap()
    }

    #[test_case(License::Perpetual, Some("2022"), 0, &["2022"]; "none")]
    #[test_case(License::Perpetual, Some("2022"), 1, &["10", "2022"]; "one back")]
    #[test_case(License::Perpetual, Some("2022"), 2, &["2016", "10", "2022"]; "two back")]
    #[test_case(License::Perpetual, Some("2016"), 2, &["2012 R2", "2016"]; "what came later is not included")]
    #[test_case(License::Perpetual, None, 1, &["10", "2022"]; "bought before this was kept")]
    #[test_case(License::Perpetual, Some("10"), 1, &["2016", "10"]; "what was retired stays its owner's")]
    #[test_case(License::Perpetual, Some("1999"), 2, &["1999"]; "of no known place")]
    #[test_case(License::Subscription, Some("2016"), 0, &["2012 R2", "2016", "10", "2022", "1999"]; "a subscription has all")]
    fn rule_swk_08_versions_that_may_be_had(license: License, bought: Option<&str>, depth: i64, expected: &[&str]) {
        let rights = rights(license, bought, depth);
        assert_eq!(rights.media.iter().map(|medium| medium.version.as_str()).collect::<Vec<_>>(), expected);
    }

    #[test_case("2022", "es", None, &[]; "what was bought")]
    #[test_case("10", "es", None, &[]; "a downgrade")]
    #[test_case("2016", "es", None, &[Code::DowngradeNotPermitted]; "too far back")]
    #[test_case("1999", "es", None, &[Code::CombinationNotAvailable]; "one without a place among the others")]
    #[test_case("2025", "es", None, &[Code::CombinationNotAvailable]; "no such version")]
    #[test_case("2022", "fr", Some("KMS"), &[Code::KeyTypeNotAvailable, Code::CombinationNotAvailable]; "all reasons")]
    fn rule_swk_02_a_wrong_choice_lists_the_right_ones(
        version: &str,
        language: &str,
        kind: Option<&str>,
        expected: &[Code],
    ) {
        let chosen = Chosen { version, language, bitness: Bitness::X64, kind };
        let faults = rights(License::Perpetual, Some("2022"), 1).faults(&chosen);
        assert_eq!(faults.iter().map(|fault| fault.code).collect::<Vec<_>>(), expected);
        if let Some(fault) = faults.last() {
            assert_eq!(fault.context["available"].as_array().unwrap().len(), 2);
            assert_eq!(fault.context["available"][0]["isDowngrade"], true);
        }
    }
}
