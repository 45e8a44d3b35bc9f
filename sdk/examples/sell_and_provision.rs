//! A partner sells seats: customer, agreement, tenant, order, and later more seats.
//!
//! Run it beside `make run`: `cargo run -p lonja-sdk --example sell_and_provision`.

mod sandbox;

use lonja_sdk::{
    TryStreamExt,
    types::{
        Address, AttestAgreement, ChangeSeats, Contact, CreateCustomer, CreateTenant, ListSubscriptions, PlaceOrder,
        PlaceOrderLine, TenantMode, UpdateSubscription,
    },
};
use sandbox::{Result, client, fresh};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result {
    let lonja = client("directBill")?;
    let run = fresh();

    let contact = Contact {
        first_name: "Lucía".into(),
        last_name: "Hernández".into(),
        email: format!("lucia@{run}.example"),
        ..Default::default()
    };
    let new = CreateCustomer {
        company_name: format!("Panadería {run} S.A. de C.V."),
        country: "MX".into(),
        address: Address {
            line1: "Av. Reforma 222".into(),
            city: "Ciudad de México".into(),
            state: Some("CMX".into()),
            postal_code: "06600".into(),
            ..Default::default()
        },
        contact: contact.clone(),
        ..Default::default()
    };
    // A number of your own that outlives a crash makes a good key: what goes on with this sale makes no second customer.
    let customer = lonja.create_customer(&new).idempotency_key(format!("sale-{run}-customer")).await?;
    let agreed = AttestAgreement { contact, agreed_at: "2026-01-15T17:00:00Z".parse()? };
    lonja.attest_customer_agreement(&customer.id, &agreed).await?;
    let wanted = CreateTenant { mode: TenantMode::Create, name: Some(run.clone()), ..Default::default() };
    let tenant = lonja.create_tenant(&customer.id, &wanted).await?;
    println!("{} with {}", customer.company_name, tenant.domain.unwrap_or_default());

    // A preview runs every check and writes nothing.
    let mut order = PlaceOrder {
        customer_id: customer.id.clone(),
        tenant_id: tenant.id,
        lines: vec![PlaceOrderLine { offer_id: "office-365-e3-gcc-usd".into(), quantity: 25, ..Default::default() }],
        ..Default::default()
    };
    let preview = lonja.preview_order(&order).await?;
    for reason in &preview.reasons {
        println!("not so: {}: {}", reason.code, reason.detail.as_deref().unwrap_or_default());
    }
    match lonja.place_order(&order).await {
        Ok(_) => return Err("a Mexican bakery bought for the US government".into()),
        // Programs go by the code; people read the rest, in their language.
        Err(error) if error.problem().is_some() => println!("refused: {}", error.code()),
        Err(error) => return Err(error.into()),
    }
    for line in &mut order.lines {
        line.offer_id = "office-365-e3-mxn".into();
    }
    let placed = lonja.place_order(&order).await?;
    println!("order {} is {}, {} {}", placed.id, placed.state, placed.total.amount, placed.total.currency);

    // A list is a stream; pages are fetched as they are needed.
    let of_order = ListSubscriptions { order_id: Some(placed.id), ..Default::default() };
    let sold: Vec<_> = lonja.list_subscriptions(&of_order).into_stream().try_collect().await?;
    for subscription in &sold {
        let change = ChangeSeats { quantity: 30, ..Default::default() };
        let after = lonja.change_seats(&subscription.id, &change).await?;
        println!("{}: {} seats until {}", after.name, after.quantity, after.period.end);

        // A change needs the version that was read: `send` gives it with the value.
        let read = lonja.get_subscription(&subscription.id).send().await?;
        let change = UpdateSubscription { friendly_name: Some(Some("Tienda".into())), ..Default::default() };
        lonja.update_subscription(&read.id, &change).if_match(&read).await?;
        let late = lonja.update_subscription(&read.id, &change).if_match(&read).await;
        println!("the same again: {}", late.err().ok_or("an old version was changed")?);
    }
    Ok(())
}
