//! The money of orders under random histories: whatever is bought, changed, given back, renewed and paid, invoices less
//! credit notes is what was told to whoever asked, to the cent (REF-04, REF-09).

use chrono::{DateTime, TimeDelta, Utc};
use lonja_tests::refunds::{cancellation, minor, request};
use lonja_tests::shop::{E1_MXN, E3_MXN, OFFICE_MXN, WINDOWS_MXN};
use lonja_tests::{Actor, Backend, House, Reply, Shop};
use proptest::prelude::{Just, ProptestConfig, Strategy, any, prop_oneof};
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use test_case::test_case;

/// What somebody may do next. What is named by a number is one of those that are there.
#[derive(Debug, Clone)]
enum Step {
    BuySoftware {
        offer: &'static str,
        quantity: u32,
    },
    BuySeats {
        seats: u32,
    },
    ChangeSeats {
        which: usize,
        seats: u32,
    },
    Upgrade {
        which: usize,
        seats: u32,
    },
    /// Of an order, all of it or so many, and this share of the quote in per cent.
    Refund {
        which: usize,
        quantity: Option<u32>,
        percent: u32,
    },
    Cancel {
        which: usize,
    },
    /// What becomes of a refund in review: the operator's yes or no, or the partner takes it back.
    Decide {
        which: usize,
        verb: &'static str,
    },
    Wait {
        hours: i64,
    },
    Pay,
}

fn step() -> impl Strategy<Value = Step> {
    let which = any::<usize>();
    prop_oneof![
        2 => (prop_oneof![Just(WINDOWS_MXN), Just(OFFICE_MXN)], 1u32..4)
            .prop_map(|(offer, quantity)| Step::BuySoftware { offer, quantity }),
        2 => (1u32..12).prop_map(|seats| Step::BuySeats { seats }),
        2 => (which, 1u32..15).prop_map(|(which, seats)| Step::ChangeSeats { which, seats }),
        1 => (which, 1u32..6).prop_map(|(which, seats)| Step::Upgrade { which, seats }),
        4 => (which, proptest::option::of(1u32..5), 1u32..=100)
            .prop_map(|(which, quantity, percent)| Step::Refund { which, quantity, percent }),
        1 => which.prop_map(|which| Step::Cancel { which }),
        3 => (which, prop_oneof![3 => Just("approve"), 1 => Just("reject"), 1 => Just("withdraw")])
            .prop_map(|(which, verb)| Step::Decide { which, verb }),
        // Most inside the windows, some into the next month.
        3 => prop_oneof![3 => 1i64..120, 1 => 500i64..900].prop_map(|hours| Step::Wait { hours }),
        1 => Just(Step::Pay),
    ]
}

fn amount(minor: i64) -> Value {
    json!({ "amount": format!("{}.{:02}", minor / 100, minor % 100), "currency": "MXN" })
}

/// A shop, and what each answer said that it costs or gives back, by order.
struct Ledger<'a> {
    house: &'a House,
    shop: Shop,
    operator: Actor,
    now: DateTime<Utc>,
    told: BTreeMap<String, i64>,
}

impl Ledger<'_> {
    async fn items(&self, path: &str) -> Vec<Value> {
        let separator = if path.contains('?') { '&' } else { '?' };
        let reply = self.shop.seller.get(&format!("{path}{separator}limit=200")).await;
        assert_eq!(reply.status, 200, "{}", reply.text);
        reply.json()["items"].as_array().unwrap().clone()
    }

    /// One of those that are there, the newest for nought.
    async fn one(&self, path: &str, which: usize) -> Option<Value> {
        let items = self.items(path).await;
        (!items.is_empty()).then(|| items[which % items.len()].clone())
    }

    async fn post(&self, path: &str, body: &Value) -> Reply {
        let reply = self.shop.seller.post(path, body).await;
        assert!(reply.status.as_u16() < 500, "{path} {body}: {}", reply.text);
        reply
    }

    fn tell(&mut self, order: &Value, minor: i64) {
        *self.told.entry(order.as_str().unwrap().to_owned()).or_default() += minor;
    }

    async fn buy(&mut self, offer: &str, quantity: u32) {
        if !offer.starts_with("office-365") {
            let product =
                if offer == WINDOWS_MXN { "windows-server-standard" } else { "office-ltsc-professional-plus" };
            self.house.stock(product, if offer == WINDOWS_MXN { "2022" } else { "2024" }, 1).await;
        }
        let order = self.post("/v1/orders", &json!(self.shop.order(offer, quantity))).await;
        if order.status == 201 {
            let order = order.json();
            assert_eq!(order["state"], "completed");
            self.tell(&order["id"], minor(&order["total"]));
        }
    }

    /// A change of a subscription whose preview says what it costs: it does what was previewed, or neither is possible.
    async fn change(&mut self, which: usize, preview: &str, verb: &str, body: &Value, asked: &Value) {
        let Some(subscription) = self.one("/v1/subscriptions", which).await else { return };
        let path = format!("/v1/subscriptions/{}", subscription["id"].as_str().unwrap());
        let preview = self.post(&format!("{path}:{preview}"), asked).await;
        let done = self.post(&format!("{path}:{verb}"), body).await;
        if preview.status == 200 {
            assert_eq!(preview.json()["possible"], json!(done.status == 200), "{}\n{}", preview.text, done.text);
        }
        if done.status == 200 {
            let total = preview.json()["total"].clone();
            let total = if total.is_null() { 0 } else { minor(&total) };
            if verb == "cancel" && total != 0 {
                // It is a refund, and tells the same.
                let path = format!("/v1/refunds?subscriptionId={}", subscription["id"].as_str().unwrap());
                let refunds = self.items(&path).await;
                let newest = refunds.iter().max_by_key(|refund| refund["id"].as_str().unwrap().to_owned()).unwrap();
                assert_eq!(minor(&newest["amount"]), -total, "{newest}");
            } else {
                self.tell(&subscription["orderId"], total);
            }
        }
    }

    async fn refund(&mut self, which: usize, quantity: Option<u32>, percent: u32) {
        let Some(order) = self.one("/v1/orders", which).await else { return };
        let mut named = json!({ "orderId": order["id"] });
        if let Some(quantity) = quantity {
            named["quantity"] = json!(quantity);
        }
        let quote = self.post("/v1/refund-quotes", &named).await;
        if quote.status != 200 {
            return;
        }
        let most = minor(&quote.json()["amount"]);
        let left = minor(&quote.json()["invoiced"]) - minor(&quote.json()["credited"]);
        assert!(most <= left, "{}", quote.text);
        let part = (most * i64::from(percent) / 100).max(1);
        let ask = |minor: i64| request(&self.shop.customer.company_name, &named, &amount(minor));
        assert_eq!(self.post("/v1/refunds", &ask(most + 1)).await.code(), "refund_amount_exceeds_quote");
        let refund = self.post("/v1/refunds", &ask(part)).await;
        assert_eq!((refund.status.as_u16(), minor(&refund.json()["amount"])), (201, part), "{}", refund.text);
    }

    async fn decide(&self, which: usize, verb: &str) {
        let Some(refund) = self.one("/v1/refunds?state=inReview", which).await else { return };
        let path = format!("/v1/refunds/{}", refund["id"].as_str().unwrap());
        let by = if verb == "withdraw" { &self.shop.seller } else { &self.operator };
        let body = if verb == "reject" { json!({ "reason": "Ya se acordó otra cosa" }) } else { Value::Null };
        let decided = by.post(&format!("{path}:{verb}"), &body).await;
        assert_eq!(decided.status, 200, "{}", decided.text);
        if verb != "approve" {
            return;
        }
        lonja::jobs::run_due(&self.house.state).await.unwrap();
        let done = self.shop.seller.get(&path).await.json();
        // What was asked, and each period that was charged for the seats since.
        let seats = refund["quote"]["quantity"].as_i64().unwrap();
        let mut expected = minor(&refund["amount"]);
        let at = |value: &Value| value.as_str().unwrap().parse::<DateTime<Utc>>().unwrap();
        for invoice in self.items("/v1/invoices").await {
            let is_later = !invoice["renewalId"].is_null()
                && invoice["subscriptionId"] == refund["subscriptionId"]
                && at(&invoice["issuedAt"]) > at(&refund["createdAt"]);
            if is_later {
                let line = &invoice["lines"][0];
                expected += seats.min(line["quantity"].as_i64().unwrap()) * minor(&line["unitPrice"]);
            }
        }
        assert_eq!((&done["state"], minor(&done["amount"])), (&json!("credited"), expected), "{done}");
    }

    async fn pay(&mut self) {
        for renewal in self.items("/v1/renewals?atRisk=true").await {
            if !renewal["amount"].is_null() {
                let body = json!({ "amount": renewal["amount"], "method": "bankTransfer", "reference": "SPEI 1" });
                self.post(&format!("/v1/renewals/{}/payments", renewal["id"].as_str().unwrap()), &body).await;
            }
        }
    }

    async fn take(&mut self, step: Step) {
        let reason = cancellation();
        match step {
            Step::BuySoftware { offer, quantity } => self.buy(offer, quantity).await,
            Step::BuySeats { seats } => self.buy(E1_MXN, seats).await,
            Step::ChangeSeats { which, seats } => {
                let body = json!({ "quantity": seats });
                self.change(which, "preview-change-seats", "change-seats", &body, &body).await;
            }
            Step::Upgrade { which, seats } => {
                let body = json!({ "targetOfferId": E3_MXN, "quantity": seats });
                self.change(which, "preview-upgrade", "upgrade", &body, &body).await;
            }
            Step::Cancel { which } => self.change(which, "preview-cancel", "cancel", &reason, &Value::Null).await,
            Step::Refund { which, quantity, percent } => self.refund(which, quantity, percent).await,
            Step::Decide { which, verb } => self.decide(which, verb).await,
            Step::Wait { hours } => {
                self.now += TimeDelta::hours(hours);
                self.house.set_clock(&self.now.to_rfc3339()).await;
            }
            Step::Pay => self.pay().await,
        }
    }

    /// Invoices, credit notes and refunds of each order, against what was told: nothing is left over.
    async fn reconciles(&self) {
        let (invoices, notes) = (self.items("/v1/invoices").await, self.items("/v1/credit-notes").await);
        let (refunds, orders) = (self.items("/v1/refunds").await, self.items("/v1/orders").await);
        let renewals = self.items("/v1/renewals?atRisk=true").await;
        assert!(invoices.len() < 200 && notes.len() < 200, "a longer history needs pages");
        for order in orders {
            let own = |items: &[Value]| -> Vec<Value> {
                items.iter().filter(|item| item["orderId"] == order["id"]).cloned().collect()
            };
            let (invoices, notes, refunds) = (own(&invoices), own(&notes), own(&refunds));
            let sum = |items: &[Value], name: &str| -> i64 { items.iter().map(|item| minor(&item[name])).sum() };
            // What a renewal charges is told by itself; all else by what was asked.
            let renewed: Vec<Value> =
                invoices.iter().filter(|invoice| !invoice["renewalId"].is_null()).cloned().collect();
            let told = self.told.get(order["id"].as_str().unwrap()).copied().unwrap_or_default();
            let refunds: Vec<Value> = refunds.into_iter().filter(|refund| refund["state"] == "credited").collect();
            let told = told - sum(&refunds, "amount");
            let rest = sum(&invoices, "total") - sum(&notes, "total") - sum(&renewed, "total") - told;
            assert_eq!(rest, 0, "{order}\n{invoices:?}\n{notes:?}");
            // Each refund is its credit notes, and no more.
            for refund in &refunds {
                let settled: Vec<Value> =
                    notes.iter().filter(|note| note["refundId"] == refund["id"]).cloned().collect();
                assert_eq!(sum(&settled, "total"), minor(&refund["amount"]), "{refund}");
            }
            // What is owed for an open renewal is what its invoice charged less what was given back of it.
            for renewal in renewals.iter().filter(|renewal| renewal["state"] == "paymentPending") {
                let Some(invoice) = renewed.iter().find(|invoice| invoice["id"] == renewal["invoiceId"]) else {
                    continue;
                };
                let of_it = |note: &&Value| note["invoiceId"] == invoice["id"];
                let back: i64 = notes.iter().filter(of_it).map(|note| minor(&note["total"])).sum();
                assert_eq!(minor(&renewal["amount"]), minor(&invoice["total"]) - back, "{renewal}");
            }
            // Each line of a credit note is of an invoice's line, which is never overdrawn.
            let mut given: BTreeMap<String, i64> = BTreeMap::new();
            for line in notes.iter().flat_map(|note| note["lines"].as_array().unwrap()) {
                *given.entry(line["invoiceLineId"].as_str().unwrap().to_owned()).or_default() += minor(&line["amount"]);
            }
            for line in invoices.iter().flat_map(|invoice| invoice["lines"].as_array().unwrap()) {
                let back = given.remove(line["id"].as_str().unwrap()).unwrap_or_default();
                assert!((0..=minor(&line["total"])).contains(&back), "{line} gave back {back}");
            }
            assert_eq!(given, BTreeMap::new(), "credited from what was never invoiced");
        }
    }
}

async fn live(backend: Backend, approval: &str, history: Vec<Step>) {
    let house = House::open_with(backend, &format!("[refunds]\napproval = \"{approval}\"\n")).await;
    let now = "2095-01-31T20:30:00Z".parse().unwrap();
    house.set_clock("2095-01-31T20:30:00Z").await;
    let mut ledger = Ledger {
        house: &house,
        shop: Shop::open(&house).await,
        operator: house.operator().await,
        now,
        told: BTreeMap::new(),
    };
    for step in history {
        ledger.take(step).await;
        ledger.reconciles().await;
    }
}

#[test_case(Backend::Sqlite, "automatic", 16; "sqlite")]
#[test_case(Backend::Sqlite, "reviewed", 16; "sqlite reviewed")]
#[test_case(Backend::Postgres, "automatic", 6; "postgres")]
#[test_case(Backend::Postgres, "reviewed", 6; "postgres reviewed")]
fn rule_ref_09_invoices_credit_notes_and_refunds_of_an_order_reconcile_to_zero(
    backend: Backend,
    approval: &str,
    cases: u32,
) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let config = ProptestConfig { cases, max_shrink_iters: 60, failure_persistence: None, ..ProptestConfig::default() };
    let history = proptest::collection::vec(step(), 4..16);
    let run = TestRunner::new(config).run(&history, |history| {
        runtime.block_on(tokio::task::LocalSet::new().run_until(live(backend, approval, history)));
        Ok(())
    });
    if let Err(failure) = run {
        panic!("{failure}");
    }
}
