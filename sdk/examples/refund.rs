//! Money back: a quote that shows its arithmetic, the request, the credit note, and the key that no longer shows.
//!
//! Run it beside `make run`: `cargo run -p lonja-sdk --example refund`.

mod sandbox;

use lonja_sdk::{
    Client,
    types::{
        ListCreditNotes, ListCustomers, Order, PlaceOrder, PlaceOrderLine, QuoteRefund, RefundContact, RefundImpact,
        RequestRefund,
    },
};
use sandbox::{Result, client, fresh};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result {
    let lonja = client("directBill")?;
    let (customer, order) = sale(&lonja).await?;

    let which = QuoteRefund { order_id: Some(order.id.clone()), ..Default::default() };
    let quote = lonja.quote_refund(&which).await?;
    println!("{} = {} {}, until {}", quote.formula, quote.amount.amount, quote.amount.currency, quote.window_closes_at);

    let request = RequestRefund {
        customer,
        order_id: Some(order.id.clone()),
        amount: quote.amount,
        reason: "El cliente compró la edición equivocada".into(),
        title: "Reembolso de Windows Server".into(),
        impact: RefundImpact::Minimal,
        contact: RefundContact {
            name: "Marta Ruiz".into(),
            email: "marta@distribuidora.example".into(),
            phone: "+52 55 5555 0123".into(),
        },
        ..Default::default()
    };
    // Money moves once, whatever happens on the way: the key is the order's, and survives this program. The client repeats
    // what may pass; what still failed after that can be repeated later, under the same key.
    let key = format!("refund-{}", order.id);
    let refund = match lonja.request_refund(&request).idempotency_key(&key).send().await {
        Ok(refund) => refund,
        Err(error) if error.is_retryable() => return Err(format!("{error}; run again later with {key}").into()),
        Err(error) => {
            for fault in error.field_errors() {
                println!("{}: {}", fault.pointer, fault.code);
            }
            return Err(error.into());
        }
    };
    println!("refund {} is {}, replayed: {}", refund.id, refund.state, refund.is_replayed());
    let again = lonja.request_refund(&request).idempotency_key(&key).send().await?;
    println!("asked again: the same {}, replayed: {}", again.id == refund.id, again.is_replayed());

    let notes = lonja.list_credit_notes(&ListCreditNotes { order_id: Some(order.id), ..Default::default() }).await?;
    for note in &notes.items {
        println!("credit note {}: {} {}", note.id, note.total.amount, note.total.currency);
    }
    Ok(())
}

/// Something that was sold: the customer's name and the order.
async fn sale(lonja: &Client) -> Result<(String, Order)> {
    let tenants = lonja.list_tenants(&Default::default()).await?;
    let tenant = tenants.items.first().ok_or("the sandbox has no tenant")?;
    let customers = lonja.list_customers(&ListCustomers::default()).await?;
    let customer =
        customers.items.into_iter().find(|one| one.id == tenant.customer_id).ok_or("the tenant has no customer")?;
    let line = PlaceOrderLine { offer_id: "windows-server-standard-1y-mxn".into(), quantity: 1, ..Default::default() };
    let order =
        PlaceOrder { customer_id: customer.id, tenant_id: tenant.id.clone(), lines: vec![line], ..Default::default() };
    // A shop has such a number from its cart.
    Ok((customer.company_name, lonja.place_order(&order).idempotency_key(format!("sale-{}", fresh())).await?))
}
