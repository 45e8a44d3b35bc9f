//! The head of the document: which servers there are, and what its chapters are about.

use super::{part, put};
use serde_json::{Value, json};

/// The chapters, in the order in which somebody new reads them.
const TAGS: [(&str, &str); 22] = [
    ("access", "Tokens, the keys that verify them, and the API clients that ask for them."),
    ("partners", "Enrolment of providers, resellers and advisors: profile, verification, agreement, users, review."),
    ("markets", "Where a partner may sell."),
    ("links", "The tie between an indirect provider and a reseller, and the directory of providers."),
    ("customers", "Customers, their agreement, and the relationship that makes them customers of a partner."),
    ("acceptance", "What a customer sees and answers under the link that it was sent."),
    ("tenants", "The customers' tenants: created or linked, with their first credentials and licences."),
    ("gcc", "The government cloud: validations of partners and customers, codes, qualifications."),
    ("catalogue", "What is sold, at which price, and what fits whom."),
    ("orders", "Orders of software and of cloud plans, with a preview of each."),
    ("subscriptions", "Seats, plans and terms of what runs on."),
    ("software", "Bought software: keys, downloads, links that share them, and the stock of keys."),
    ("open", "The Open programme: agreements, orders, keys and their redemption."),
    ("billing", "Invoices, credit notes, renewals and their payments."),
    ("refunds", "Quotes and requests of refunds, with what is handed in for them."),
    ("earnings", "What a partner earns, and the agreements of advisors."),
    ("events", "What happened, in order."),
    ("webhooks", "Endpoints to which events are sent, and what became of each delivery."),
    ("deliveries", "The messages that those endpoints receive."),
    ("audit", "Who did what, in a chain that shows whether anything was taken out."),
    ("sandbox", "The clock and the mails of a sandbox; not there in production."),
    ("service", "Whether the service is well, and what its words mean."),
];

/// Completes it.
pub fn complete(document: &mut Value) {
    let tags: Vec<Value> = TAGS.iter().map(|(name, about)| json!({ "name": name, "description": about })).collect();
    let server = json!({
        "url": "/",
        "description": "This server: production, or a sandbox for staging and local work.",
        "x-internal": false,
    });
    put(document, "tags", Value::Array(tags));
    put(document, "servers", json!([server]));
    let license = env!("CARGO_PKG_LICENSE");
    if let Some(info) = part(document, "info") {
        info.insert("license".to_owned(), json!({ "name": license, "identifier": license }));
    }
}
