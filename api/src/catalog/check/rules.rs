//! Whether products, offers and the sales guide of a file make sense.

use super::{Found, Readable};
use crate::catalog::file::{CatalogueOffer, CatalogueProduct, CatalogueTerm, GuideSize, SalesGuide, Want};
use crate::catalog::model::OfferKind;
use crate::catalog::terms::{BillingCycle, RefundKind};
use crate::money::{Amount, Money, MoneyFault};
use std::collections::{BTreeMap, HashMap, HashSet};

/// Everything that is wrong with them.
pub(super) fn check(read: &Readable, found: &mut Vec<Found>) {
    let catalogue = &read.catalogue;
    let mut seen = HashSet::new();
    for (product, place) in catalogue.products.iter().zip(&read.products) {
        let at = format!("/products/{place}");
        if !seen.insert(product.id.as_str()) {
            found.push(Found::at(format!("{at}/id"), "product_duplicate", format!("`{}` is there twice", product.id)));
        }
        check_product(product, &at, found);
    }
    let products: HashMap<&str, &CatalogueProduct> =
        catalogue.products.iter().map(|product| (product.id.as_str(), product)).collect();
    let mut versions = HashSet::new();
    for (offer, place) in catalogue.offers.iter().zip(&read.offers) {
        let at = format!("/offers/{place}");
        if !versions.insert((offer.id.as_str(), offer.sold_from)) {
            let detail = format!("`{}` is there twice from {}", offer.id, offer.sold_from);
            found.push(Found::at(format!("{at}/id"), "offer_duplicate", detail));
        }
        if !read.names.contains(&offer.product_id) {
            found.push(missing(&format!("{at}/productId"), &offer.product_id));
        }
        check_offer(offer, products.get(offer.product_id.as_str()).copied(), &at, found);
    }
    if let Some(guide) = &catalogue.sales_guide {
        check_guide(guide, read, found);
    }
}

/// A product that the file names and does not bring.
pub(super) fn missing(at: &str, id: &str) -> Found {
    Found::at(at, "product_unknown", format!("there is no product `{id}`"))
}

fn check_product(product: &CatalogueProduct, at: &str, found: &mut Vec<Found>) {
    match (product.kind, product.media.is_empty()) {
        (OfferKind::Software, true) => {
            found.push(Found::at(at, "media_missing", "software needs the media that it comes on"));
        }
        (OfferKind::Cloud, false) => {
            found.push(Found::at(format!("{at}/media"), "media_not_allowed", "a cloud plan comes on no media"));
        }
        _ => {}
    }
    if product.target_size.is_some_and(|size| size.to.is_some_and(|to| to < size.from)) {
        found.push(Found::at(format!("{at}/targetSize"), "size_reversed", "the size ends before it begins"));
    }
}

fn check_offer(offer: &CatalogueOffer, product: Option<&CatalogueProduct>, at: &str, found: &mut Vec<Found>) {
    if offer.sold_until.is_some_and(|until| until <= offer.sold_from) {
        found.push(Found::at(format!("{at}/soldUntil"), "dates_reversed", "it ends before it begins"));
    }
    if Money::parse("1", &offer.currency).is_err() {
        let detail = format!("`{}` is no currency", offer.currency);
        found.push(Found::at(format!("{at}/currency"), "currency_unknown", detail));
    }
    let mut seen = HashSet::new();
    for (index, term) in offer.terms.iter().enumerate() {
        let at = format!("{at}/terms/{index}");
        if !seen.insert((term.term_months, term.billing_cycle)) {
            found.push(Found::at(at.clone(), "term_duplicate", "the same term and billing cycle are there twice"));
        }
        if let Some(price) = &term.price {
            check_price(price, &offer.currency, &format!("{at}/price"), found);
        }
        check_term(term, product, &at, found);
    }
    if let Some(price) = &offer.extension_price {
        check_price(price, &offer.currency, &format!("{at}/extensionPrice"), found);
    }
    let for_good = offer.terms.iter().filter(|term| term.term_months.is_none()).count();
    if for_good > 0 && for_good < offer.terms.len() {
        let detail = "one offer is licensed for a term or for good, not for both";
        found.push(Found::at(format!("{at}/terms"), "license_mixed", detail));
    }
}

fn check_term(term: &CatalogueTerm, product: Option<&CatalogueProduct>, at: &str, found: &mut Vec<Found>) {
    let fits = match (term.billing_cycle, term.term_months) {
        (BillingCycle::OneTime, _) | (BillingCycle::Monthly, Some(_)) => true,
        (BillingCycle::Annual, Some(months)) => months % 12 == 0,
        (_, None) => false,
    };
    if !fits {
        let detail = "a monthly or annual payment needs a term of whole months or years";
        found.push(Found::at(format!("{at}/billingCycle"), "cycle_not_possible", detail));
    }
    let Some(product) = product else { return };
    if product.kind == OfferKind::Cloud && term.term_months.is_none() {
        found.push(Found::at(at, "term_required", "a cloud plan is sold for a term"));
    }
    let fits = match (term.refund, product.kind, term.term_months) {
        (RefundKind::NotRefundable, _, _) => true,
        (RefundKind::CloudSeats, kind, _) => kind == OfferKind::Cloud,
        (RefundKind::SoftwareSubscription, kind, months) => kind == OfferKind::Software && months.is_some(),
        (RefundKind::SoftwarePerpetual, kind, months) => kind == OfferKind::Software && months.is_none(),
    };
    if !fits {
        let detail = format!("`{}` is not for what is sold here", term.refund.as_str());
        found.push(Found::at(format!("{at}/refund"), "refund_not_possible", detail));
    }
}

fn check_price(price: &Amount, currency: &str, at: &str, found: &mut Vec<Found>) {
    let wrong = |place: &str, code, detail: String| Found::at(format!("{at}/{place}"), code, detail);
    if price.currency != currency {
        let detail = format!("the offer is in {currency}, the price in {}", price.currency);
        found.push(wrong("currency", "currency_mismatch", detail));
    }
    let amount = &price.amount;
    match Money::try_from(price) {
        Ok(money) if money.minor() > 0 => {}
        Ok(_) => found.push(wrong("amount", "amount_not_positive", format!("`{amount}` is not more than nothing"))),
        Err(MoneyFault::TooManyDecimals) => {
            let detail = format!("`{amount}` has more decimals than {}", price.currency);
            found.push(wrong("amount", "amount_too_precise", detail));
        }
        Err(MoneyFault::TooLarge) => {
            found.push(wrong("amount", "amount_too_large", format!("`{amount}` is beyond any price")));
        }
        Err(MoneyFault::NotANumber) => {
            found.push(wrong("amount", "amount_invalid", format!("`{amount}` is no plain decimal number")));
        }
        Err(MoneyFault::UnknownCurrency) => {
            found.push(wrong("currency", "currency_unknown", format!("`{}` is no currency", price.currency)));
        }
    }
}

/// The table has a plan for each size and want, and no signal tells two profiles.
fn check_guide(guide: &SalesGuide, read: &Readable, found: &mut Vec<Found>) {
    let mut cells = HashSet::new();
    for (index, row) in guide.recommendations.iter().enumerate() {
        let at = format!("/salesGuide/recommendations/{index}");
        if !cells.insert((row.size, row.want)) {
            found.push(Found::at(at.clone(), "recommendation_duplicate", "this size and want are there already"));
        }
        if !read.names.contains(&row.product_id) {
            found.push(missing(&format!("{at}/productId"), &row.product_id));
        }
    }
    for size in [GuideSize::Small, GuideSize::Large] {
        for want in [Want::Mail, Want::DesktopApps, Want::BothOrOther] {
            if !cells.contains(&(size, want)) {
                let detail = format!("there is no plan for `{}` and `{}`", size.as_str(), want.as_str());
                found.push(Found::at("/salesGuide/recommendations", "recommendation_missing", detail));
            }
        }
    }
    let (mut ids, mut signals) = (HashSet::new(), BTreeMap::new());
    for (index, profile) in guide.profiles.iter().enumerate() {
        let at = format!("/salesGuide/profiles/{index}");
        if !ids.insert(profile.id.as_str()) {
            found.push(Found::at(format!("{at}/id"), "profile_duplicate", format!("`{}` is there twice", profile.id)));
        }
        for signal in profile.signals.keys() {
            if let Some(other) = signals.insert(signal.as_str(), profile.id.as_str()) {
                let detail = format!("`{signal}` tells `{other}` already");
                found.push(Found::at(format!("{at}/signals/{signal}"), "signal_duplicate", detail));
            }
        }
    }
}
