//! Requests about orders of seats, subscriptions, renewals and what a sale earns.

use super::super::refunds::cancellation;
use super::{Furnished, Request};
use crate::shop::{E1_MXN, E3_MXN, new_customer};
use crate::walk::Operation;
use serde_json::{Value, json};

impl Furnished<'_> {
    /// A subscription of five seats that nobody else needs.
    pub(super) async fn subscribe(&self) -> String {
        self.shop.subscribe(E1_MXN, 5).await.id
    }

    /// A renewal whose payment is open, and what is owed for it: the day of one is brought forward.
    async fn open_renewal(&self) -> (String, Value) {
        let subscription = self.subscribe().await;
        let forward =
            format!("UPDATE renewals SET next_at = '2001-01-01 00:00:00' WHERE subscription_id = '{subscription}'");
        self.house.execute(&forward).await;
        lonja::renewals::do_due(&self.house.state).await.unwrap();
        let path = format!("/v1/renewals?subscriptionId={subscription}&atRisk=true");
        let renewal = self.seller().get(&path).await.json()["items"][0].clone();
        (renewal["id"].as_str().unwrap().to_owned(), renewal["amount"].clone())
    }

    /// The request, where it is one about sales.
    pub(super) async fn sales_request(&self, operation: &Operation) -> Option<Request> {
        let mut id = self.id_for(operation).to_owned();
        let body = match operation.id.as_str() {
            "place_order" | "preview_order" => json!({
                "customerId": self.shop.customer.id,
                "tenantId": self.shop.tenant.id,
                "channel": "csp",
                "providerId": self.seller().partner_id,
                "partnerIdOnRecord": self.partner_location,
                "lines": [{ "offerId": E1_MXN, "quantity": 2, "termMonths": 12, "billingCycle": "monthly" }],
            }),
            "cancel_order" => {
                // Nobody has keys of it in stock.
                let order = self.shop.buy("sql-server-standard-1y-mxn", 1).await;
                assert_eq!(order.state.as_str(), "awaitingStock");
                id = order.id;
                Value::Null
            }
            "update_subscription" => json!({ "friendlyName": "Puestos", "tenantId": self.shop.tenant.id }),
            "change_seats" => {
                id = self.subscribe().await;
                json!({ "quantity": 7, "effective": "now" })
            }
            "preview_change_seats" => json!({ "quantity": 7, "effective": "now" }),
            "upgrade_subscription" => {
                id = self.subscribe().await;
                json!({ "targetOfferId": E3_MXN, "quantity": 2, "allUsers": false })
            }
            "preview_upgrade" => json!({ "targetOfferId": E3_MXN, "quantity": 2, "allUsers": false }),
            "set_end_of_term" => {
                id = self.subscribe().await;
                json!({ "endOfTerm": "cancel" })
            }
            "revoke_scheduled_changes" => {
                id = self.subscribe().await;
                let later = json!({ "quantity": 3, "effective": "endOfTerm" });
                let path = format!("/v1/subscriptions/{id}:change-seats");
                assert_eq!(self.seller().post(&path, &later).await.status, 200);
                Value::Null
            }
            "suspend_subscription" => {
                id = self.subscribe().await;
                Value::Null
            }
            "resume_subscription" => {
                id = self.subscribe().await;
                let path = format!("/v1/subscriptions/{id}:suspend");
                assert_eq!(self.seller().post(&path, &Value::Null).await.status, 200);
                Value::Null
            }
            "cancel_subscription" => {
                id = self.subscribe().await;
                cancellation()
            }
            "record_renewal_payment" => {
                let (renewal, amount) = self.open_renewal().await;
                id = renewal;
                json!({ "amount": amount, "method": "bankTransfer", "reference": "SPEI 8846730" })
            }
            "record_renewal_payment_failure" => {
                id = self.open_renewal().await.0;
                json!({ "method": "card", "reason": "La tarjeta ha caducado" })
            }
            "recommend_plan" => json!({
                "users": 10,
                "growing": false,
                "itNeeds": "basic",
                "want": "mail",
                "signals": ["windowsXp"],
                "currency": "EUR",
            }),
            "compare_earnings" => json!({
                "years": 2,
                "plans": [{
                    "offerId": "office-365-enterprise-e3",
                    "seats": 10,
                    "termMonths": 12,
                    "billingCycle": "monthly",
                    "ownPrice": { "amount": "21.00", "currency": "EUR" },
                    "providerPrice": { "amount": "17.10", "currency": "EUR" },
                }],
                "firstYearPercent": "18.5",
                "services": [{
                    "kind": "implementationAndMigration",
                    "pricePerSeat": { "amount": "30.00", "currency": "EUR" },
                    "period": "once",
                }],
            }),
            "make_advisor_agreement" => json!({
                "customerId": self.shop.seller.lonja.create_customer(&new_customer()).await.unwrap().id,
                "firstYearPercent": "18.5",
                "startsOn": "2026-01-01",
            }),
            _ => return None,
        };
        Some(Request { path: operation.at(&id), body })
    }
}
