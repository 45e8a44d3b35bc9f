//! The main job against a running sandbox: sell software, hand over the key, refund it.
//!
//! `make demo` runs it beside `make run`. Credentials come from `sandbox.json`, which the sandbox wrote; the operator's
//! step runs the `lonja` command (its path is the argument), as an operator would.

use comfy_table::{ContentArrangement, Table, presets::UTF8_BORDERS_ONLY};
use lonja_sdk::Client;
use lonja_sdk::types::{
    Address, AttestAgreement, Contact, CreateCustomer, CreateTenant, ListCreditNotes, PlaceOrder, PlaceOrderLine,
    QuoteRefund, RefundContact, RefundImpact, RequestRefund, RevealKey, TenantMode,
};
use serde_json::Value;
use std::error::Error;
use std::io::Write;
use std::process::{Command, Stdio};
use uuid::Uuid;

const OFFER: &str = "windows-server-standard-1y-mxn";

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let url = variable("LONJA_URL", "http://127.0.0.1:8080");
    let file = format!("{}/sandbox.json", variable("LONJA_DATA_DIR", "./var"));
    let sandbox: Value = serde_json::from_str(
        &std::fs::read_to_string(&file).map_err(|error| format!("{file}: {error}; is `make run` running?"))?,
    )?;
    let lonja = client(&url, &sandbox, "directBill")?;
    let operator = client(&url, &sandbox, "operator")?;
    let mut steps = Steps::default();

    let partner = lonja.get_own_partner().await?;
    steps.done("get_own_partner", format!("{} ({}, {})", partner.legal_name, partner.kind, partner.state));

    let customer = lonja.create_customer(&panaderia()).await?;
    steps.done("create_customer", format!("{} in {}", customer.company_name, customer.country));
    let agreed = AttestAgreement { contact: contact(), agreed_at: "2026-01-15T17:00:00Z".parse()? };
    let agreement = lonja.attest_customer_agreement(&customer.id, &agreed).await?;
    steps.done("attest_customer_agreement", format!("{} {}", agreement.kind, agreement.method));
    let name = format!("demo{}", Uuid::new_v4().simple().to_string().chars().take(12).collect::<String>());
    let tenant = lonja
        .create_tenant(&customer.id, &CreateTenant { mode: TenantMode::Create, name: Some(name), ..Default::default() })
        .await?;
    steps.done("create_tenant", format!("{}, {}", tenant.domain.unwrap_or_default(), tenant.state));

    import_keys()?;
    let stock = operator.list_key_stock(&Default::default()).await?;
    let windows: i64 = stock
        .items
        .iter()
        .filter(|row| row.product_id == "windows-server-standard")
        .map(|row| row.in_stock as i64)
        .sum();
    steps.done("lonja keys import", format!("{windows} keys of windows-server-standard in stock"));

    let order = PlaceOrder {
        customer_id: customer.id.clone(),
        tenant_id: tenant.id.clone(),
        lines: vec![PlaceOrderLine { offer_id: OFFER.into(), quantity: 3, ..Default::default() }],
        ..Default::default()
    };
    let preview = lonja.preview_order(&order).await?;
    let total = preview.total.map(|total| format!("{} {}", total.amount, total.currency)).unwrap_or_default();
    steps.done("preview_order", format!("possible: {}, total {total}", preview.possible));
    let order = lonja.place_order(&order).await?;
    steps.done("place_order", format!("{}, total {} {}", order.state, order.total.amount, order.total.currency));
    let line = order.lines.first().ok_or("an order without lines")?;

    let reveal = RevealKey {
        version: "2022".into(),
        language: "es".into(),
        bitness: "x64".into(),
        reason: "Instalación en el servidor de la tienda".into(),
        ..Default::default()
    };
    let key = lonja.reveal_key(line.entitlement_id.as_deref().unwrap_or_default(), &reveal).await?;
    // A demo needs no key in clear on a terminal that may be shared.
    let last = key.product_key.expose().rsplit('-').next().unwrap_or_default().to_owned();
    steps.done("reveal_key", format!("XXXXX-XXXXX-XXXXX-XXXXX-{last} ({}, {})", key.kind, key.version));

    let ask = QuoteRefund { order_id: Some(order.id.clone()), ..Default::default() };
    let quote = lonja.quote_refund(&ask).await?;
    steps.done("quote_refund", format!("{} = {} {}", quote.formula, quote.amount.amount, quote.amount.currency));
    let refund = lonja
        .request_refund(&RequestRefund {
            customer: customer.company_name.clone(),
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
        })
        .await?;
    steps.done("request_refund", format!("{}, {} {}", refund.state, refund.amount.amount, refund.amount.currency));
    let of_order = ListCreditNotes { order_id: Some(order.id.clone()), ..Default::default() };
    let notes = lonja.list_credit_notes(&of_order).await?;
    let note = notes.items.first().ok_or("no credit note")?;
    steps.done(
        "list_credit_notes",
        format!("{} {} on invoice {}", note.total.amount, note.total.currency, note.invoice_id),
    );

    match lonja.reveal_key(line.entitlement_id.as_deref().unwrap_or_default(), &reveal).await {
        Ok(_) => return Err("a revoked key was shown".into()),
        Err(error) => {
            let status = error.status().map(|status| status.to_string()).unwrap_or_default();
            steps.done("reveal_key", format!("{status}: {}", error.code()));
        }
    }
    println!("{}", steps.0);
    Ok(())
}

/// What was done, as a table.
struct Steps(Table);

impl Default for Steps {
    fn default() -> Self {
        let mut table = Table::new();
        table.load_style(UTF8_BORDERS_ONLY).set_content_arrangement(ContentArrangement::Dynamic);
        table.set_header(["step", "answer"]);
        Self(table)
    }
}

impl Steps {
    fn done(&mut self, step: &str, answer: String) {
        self.0.add_row([step.to_owned(), answer]);
    }
}

fn client(url: &str, sandbox: &Value, name: &str) -> Result<Client, Box<dyn Error>> {
    let clients = sandbox.get("clients").and_then(Value::as_array).ok_or("sandbox.json lists no clients")?;
    let text = |client: &Value, field: &str| client.get(field).and_then(Value::as_str).unwrap_or_default().to_owned();
    let found = clients.iter().find(|client| text(client, "name") == name).ok_or("sandbox.json lacks a client")?;
    Ok(Client::builder()
        .base_url(url)
        .client_credentials(text(found, "clientId"), text(found, "clientSecret"))
        .build()?)
}

/// Pipes two random keys of the right form into `lonja keys import`.
fn import_keys() -> Result<(), Box<dyn Error>> {
    let alphabet: Vec<char> = "BCDFGHJKMNPQRTVWXY2346789".chars().collect();
    let mut file = String::from("product,version,key\n");
    for _ in 0..2 {
        let random = [Uuid::new_v4().into_bytes(), Uuid::new_v4().into_bytes()].concat();
        let letters = random.iter().take(25).filter_map(|byte| alphabet.get(usize::from(*byte) % alphabet.len()));
        file.push_str(&format!("windows-server-standard,2022,{}\n", letters.collect::<String>()));
    }
    let mut command = Command::new(std::env::args().nth(1).unwrap_or_else(|| "lonja".to_owned()))
        .args(["keys", "import", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| format!("the command `lonja` cannot be run: {error}; give its path as the argument"))?;
    // Whoever does not read it to its end says why.
    let sent = command.stdin.take().map_or(Ok(()), |mut input| input.write_all(file.as_bytes()));
    let ended = command.wait_with_output()?;
    if ended.status.success() {
        return Ok(sent?);
    }
    Err(format!("lonja keys import ended with {}: {}", ended.status, String::from_utf8_lossy(&ended.stderr)).into())
}

fn panaderia() -> CreateCustomer {
    CreateCustomer {
        company_name: "Panadería La Espiga S.A. de C.V.".into(),
        country: "MX".into(),
        address: Address {
            line1: "Av. Reforma 222".into(),
            city: "Ciudad de México".into(),
            state: Some("CMX".into()),
            postal_code: "06600".into(),
            ..Default::default()
        },
        contact: contact(),
        ..Default::default()
    }
}

fn contact() -> Contact {
    Contact {
        first_name: "Lucía".into(),
        last_name: "Hernández".into(),
        email: "lucia@laespiga.example".into(),
        ..Default::default()
    }
}

#[expect(clippy::disallowed_methods, reason = "an example is told by its environment where the server is")]
fn variable(name: &str, otherwise: &str) -> String {
    std::env::var(name).unwrap_or_else(|_unset| otherwise.to_owned())
}
