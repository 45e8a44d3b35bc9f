//! Requests about refunds.

use super::super::refunds::request as asked;
use super::{Furnished, Request, buy};
use crate::walk::Operation;
use serde_json::{Value, json};
use uuid::Uuid;

/// A small PDF.
pub const PDF: &str =
    "JVBERi0xLjcKMSAwIG9iago8PCAvVHlwZSAvQ2F0YWxvZyA+PgplbmRvYmoKdHJhaWxlcgo8PCAvUm9vdCAxIDAgUiA+PgolJUVPRgo=";

impl Furnished<'_> {
    /// A refund of seats beside those of software.
    pub(super) async fn furnish_refunds(&self) {
        let named = json!({ "subscriptionId": self.subscribe().await, "quantity": 1 });
        let body = asked(&self.shop.customer.company_name, &named, &peso());
        let reply = self.seller().post("/v1/refunds", &body).await;
        assert_eq!(reply.status, 201, "{}", reply.text);
    }

    /// A file that was handed in with a refund.
    pub(super) async fn new_attachment(&self, refund: &str) -> String {
        let path = format!("/v1/refunds/{refund}/attachments");
        let reply = self.seller().post(&path, &file()).await.json();
        reply["attachments"].as_array().unwrap().last().unwrap()["id"].as_str().unwrap().to_owned()
    }

    /// A refund that waits for the operator: written down as one that a house with reviews would have.
    async fn refund_in_review(&self) -> String {
        let (id, order) = (Uuid::new_v4(), buy(self.house, &self.shop).await);
        let entitlement = order.lines[0].entitlement_id.as_deref().unwrap();
        let line = format!("(SELECT id FROM order_lines WHERE order_id = '{}')", order.id);
        let charged = format!("(SELECT id FROM invoice_lines WHERE order_line_id = {line})");
        let credits = format!("'[{{\"invoiceLineId\":\"' || {charged} || '\",\"quantity\":1,\"amountMinor\":100}}]'");
        let columns = "partner_id, partner_of_record_id, customer_id";
        let kept = "currency, request, quote, version, created_at";
        let statement = format!(
            "INSERT INTO refunds (id, {columns}, {kept}, order_id, order_line_id, entitlement_id, state, amount_minor, credits)
             SELECT '{id}', {columns}, {kept}, '{}', {line}, '{entitlement}', 'inReview', 100, {credits}
             FROM refunds WHERE id = '{}'",
            order.id, self.refund
        );
        self.house.execute(&statement).await;
        id.to_string()
    }

    /// The request, where it is one about refunds.
    pub(super) async fn refund_request(&self, operation: &Operation) -> Option<Request> {
        let mut id = self.id_for(operation).to_owned();
        let body = match operation.id.as_str() {
            "quote_refund" => json!({
                "orderId": self.order.id, "subscriptionId": self.entitlement(), "lineNumber": 1, "quantity": 1,
            }),
            "request_refund" | "preview_refund" => {
                let order = buy(self.house, &self.shop).await;
                let entitlement = &order.lines[0].entitlement_id;
                let named = json!({
                    "orderId": order.id, "subscriptionId": entitlement, "lineNumber": 1, "quantity": 1,
                    "attachments": [file()],
                });
                asked(&self.shop.customer.company_name, &named, &peso())
            }
            "add_refund_attachment" => file(),
            "get_refund_attachment" => {
                let file = self.new_attachment(&id).await;
                return Some(Request { path: operation.at_inner(&id, &file), body: Value::Null });
            }
            "approve_refund" | "withdraw_refund" => {
                id = self.refund_in_review().await;
                Value::Null
            }
            "reject_refund" => {
                id = self.refund_in_review().await;
                json!({ "reason": "La factura adjunta es de otro cliente" })
            }
            _ => return None,
        };
        Some(Request { path: operation.at(&id), body })
    }
}

fn peso() -> Value {
    json!({ "amount": "1.00", "currency": "MXN" })
}

/// A file with every field.
fn file() -> Value {
    json!({ "fileName": "factura.pdf", "contentType": "application/pdf", "content": PDF })
}
