//! Software and its key: the operator stocks keys, a partner sells the software and shows the key, once to itself and
//! once to the customer by a link that ends.
//!
//! Run it beside `make run`: `cargo run -p lonja-sdk --example keys`.

mod sandbox;

use lonja_sdk::types::{Bitness, CreateDownloadLink, CreateKeyShare, PlaceOrder, PlaceOrderLine, RevealKey};
use sandbox::{Result, client, fresh};
use uuid::Uuid;

const PRODUCT: &str = "windows-server-standard";

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result {
    let (lonja, operator) = (client("directBill")?, client("operator")?);

    // Keys come as CSV; each line that cannot be taken is told by its number.
    let file = format!("product,version,key\n{PRODUCT},2022,{}\n{PRODUCT},2022,no key\n", random_key());
    let import = operator.import_key_stock(&file).idempotency_key(format!("import-{}", fresh())).await?;
    println!("{} taken, {} refused", import.imported, import.refused.len());

    // The tenant of the sandbox's first customer.
    let tenants = lonja.list_tenants(&Default::default()).await?;
    let tenant = tenants.items.first().ok_or("the sandbox has no tenant")?;
    let order = PlaceOrder {
        customer_id: tenant.customer_id.clone(),
        tenant_id: tenant.id.clone(),
        lines: vec![PlaceOrderLine { offer_id: format!("{PRODUCT}-1y-mxn"), quantity: 1, ..Default::default() }],
        ..Default::default()
    };
    let order = lonja.place_order(&order).await?;
    let line = order.lines.first().ok_or("an order without lines")?;
    let entitlement = line.entitlement_id.as_deref().ok_or("the software is not there yet")?;

    // A key prints as [secret]; who means to see it says so.
    let reveal = RevealKey {
        version: "2022".into(),
        language: "es".into(),
        bitness: Bitness::X64,
        reason: "Instalación en el servidor de la tienda".into(),
        ..Default::default()
    };
    let key = lonja.reveal_key(entitlement, &reveal).await?;
    let last = key.product_key.expose().rsplit('-').next().unwrap_or_default();
    println!("{:?} ends with {last}", key.product_key);

    let share = CreateKeyShare {
        version: "2022".into(),
        language: "es".into(),
        bitness: Bitness::X64,
        reason: "La tienda instala ella misma".into(),
        hours: Some(48),
        most_openings: Some(2),
        acknowledge_risk: true,
    };
    let share = lonja.create_key_share(entitlement, &share).await?;
    println!("for the customer, until {}: a link of {} letters", share.share.expires_at, share.link.expose().len());
    lonja.withdraw_key_share(entitlement, &share.share.id).await?;

    let download = CreateDownloadLink {
        version: "2022".into(),
        language: "es".into(),
        bitness: Bitness::X64,
        acknowledge_risk: true,
        ..Default::default()
    };
    match lonja.create_download_link(entitlement, &download).await {
        Ok(made) => println!("to download {} times", made.download.most_downloads),
        // Whether there is a file is the operator's affair (`lonja media import`).
        Err(error) if error.code() == "media_not_available" => println!("no download: {error}"),
        Err(error) => return Err(error.into()),
    }
    Ok(())
}

/// Of the right form, and nobody's.
fn random_key() -> String {
    let alphabet: Vec<char> = "BCDFGHJKMNPQRTVWXY2346789".chars().collect();
    let random = [Uuid::new_v4().into_bytes(), Uuid::new_v4().into_bytes()].concat();
    random.iter().take(25).filter_map(|byte| alphabet.get(usize::from(*byte) % alphabet.len())).collect()
}
