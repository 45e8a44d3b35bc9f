//! What tests say when they ask for money back.

use super::actor::Actor;
use serde_json::{Value, json};

/// The setting with which an operator decides each refund (REF-08).
pub const REVIEWED: &str = "[refunds]\napproval = \"reviewed\"\n";

/// Whom to ask about a refund.
pub fn contact() -> Value {
    json!({ "name": "Marta Ruiz", "email": "marta@distribuidora.example", "phone": "+52 55 5555 0123" })
}

/// The quote of what this names.
pub async fn quoted(seller: &Actor, named: &Value) -> Value {
    let quote = seller.post("/v1/refund-quotes", named).await;
    assert_eq!(quote.status, 200, "{}", quote.text);
    quote.json()
}

/// A request for this amount of what is named.
pub fn request(customer: &str, named: &Value, amount: &Value) -> Value {
    let mut request = named.clone();
    request["customer"] = json!(customer);
    request["amount"] = amount.clone();
    request["reason"] = json!("El cliente compró la edición equivocada");
    request["title"] = json!("Reembolso");
    request["impact"] = json!("moderate");
    request["contact"] = contact();
    request
}

/// An amount in minor units of a currency that has two decimals.
pub fn minor(amount: &Value) -> i64 {
    amount["amount"].as_str().unwrap().replace('.', "").parse().unwrap()
}

/// Why a subscription is cancelled, and whom to ask.
pub fn cancellation() -> Value {
    json!({ "reason": "El cliente eligió otro plan", "impact": "minimal", "contact": contact() })
}
