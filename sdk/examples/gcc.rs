//! Selling in the US government cloud: the partner qualifies, an organisation is validated, and buys.
//!
//! The seeded sandbox has no partner in the United States, so the operator first registers one, and makes its client with
//! the command `lonja`. Run it beside `make run`:
//! `LONJA_ENVIRONMENT=sandbox cargo run -p lonja-sdk --example gcc -- target/debug/lonja`.

mod sandbox;

use lonja_sdk::{
    Client, Secret,
    types::{
        AcceptPartnerAgreement, Address, ApproveGccCustomerValidation, AttachmentType, AttestAgreement,
        CheckGccEligibility, Contact, CreateCustomer, CreatePartner, CreateTenant, GccOrganization,
        GccPartnerCriterion, NewAttachment, PartnerKind, PlaceOrder, PlaceOrderLine, Qualification, SetPartnerLocation,
        SubmitGccCustomerValidation, SubmitGccPartnerValidation, TenantMode,
    },
};
use sandbox::{Result, client, fresh};
use serde::Deserialize;
use std::process::Command;
use uuid::Uuid;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result {
    let operator = client("operator")?;
    let run = fresh();
    let name = format!("City of {run}");
    let lonja = american(&operator, &run).await?;

    // Forms name the partner by its commercial tenant.
    let own = lonja.get_own_partner().await?;
    let tenant_id = own.tenant_id.ok_or("the partner has no tenant on record")?;

    // At any time this says what stands between a customer and the offers, and whose turn it is.
    let ask = CheckGccEligibility { organization_name: Some(name.clone()), ..Default::default() };
    let answer = lonja.check_gcc_eligibility(&ask).await?;
    for step in &answer.steps {
        println!("to do, by {}: {}", step.by, step.detail);
    }

    if !own.qualifications.contains(&Qualification::GovernmentCommunityCloud) {
        let form = SubmitGccPartnerValidation {
            partner_tenant_id: tenant_id.clone(),
            criteria: vec![GccPartnerCriterion::ServesGovernment],
            evidence: "GSA schedule 47QTCA22D003X since 2022.".into(),
            attachments: Some(vec![charter()]),
            submitter: contact("Marta", "Ruiz", "marta@distribuidora.example"),
        };
        let submitted = lonja.submit_gcc_partner_validation(&form).await?;
        let due = submitted.due_by.map(|due| due.to_string()).unwrap_or_default();
        println!("partner validation {}: an answer is due by {due}", submitted.state);
        operator.approve_gcc_partner_validation(&submitted.id).await?;
    }

    let grace = contact("Grace", "Whitfield", "grace@bluebonnetdental.example");
    let form = SubmitGccCustomerValidation {
        partner_tenant_id: tenant_id,
        organization: GccOrganization { company_name: name.clone(), country: "US".into(), address: address() },
        category: "stateOrLocal".into(),
        evidence: "Charter of 1907.".into(),
        attachments: Some(vec![charter()]),
        contact: grace.clone(),
        submitter: contact("Marta", "Ruiz", "marta@distribuidora.example"),
        ..Default::default()
    };
    let submitted = lonja.submit_gcc_customer_validation(&form).await?;
    let two = ApproveGccCustomerValidation { max_creates: Some(2) };
    let approved = operator.approve_gcc_customer_validation(&submitted.id, &two).await?;
    println!("{name} is {}; next: {}", approved.state, approved.next_step);

    // The approval gave a code; with it the customer is made and qualified in one step.
    let codes = lonja.list_gcc_validation_codes(&Default::default()).await?;
    let code = codes.items.iter().find(|code| code.organization_name == name).ok_or("no code for the organisation")?;
    let new = CreateCustomer {
        company_name: name,
        country: "US".into(),
        address: address(),
        contact: grace.clone(),
        gcc_validation_code: Some(code.id.clone()),
        ..Default::default()
    };
    let customer = lonja.create_customer(&new).await?;
    let agreed = AttestAgreement { contact: grace, agreed_at: "2026-01-15T17:00:00Z".parse()? };
    lonja.attest_customer_agreement(&customer.id, &agreed).await?;
    let wanted = CreateTenant { mode: TenantMode::Create, name: Some(run), ..Default::default() };
    let tenant = lonja.create_tenant(&customer.id, &wanted).await?;

    // One validation opens all offers of the government cloud.
    for offer in ["office-365-e3-gcc-usd", "power-bi-pro-gcc-usd"] {
        let order = PlaceOrder {
            customer_id: customer.id.clone(),
            tenant_id: tenant.id.clone(),
            lines: vec![PlaceOrderLine { offer_id: offer.into(), quantity: 25, ..Default::default() }],
            ..Default::default()
        };
        let placed = lonja.place_order(&order).await?;
        println!("{offer}: {}, {} {}", placed.state, placed.total.amount, placed.total.currency);
    }
    Ok(())
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Credentials {
    client_id: String,
    client_secret: Secret,
}

/// A direct-bill partner in the United States.
async fn american(operator: &Client, run: &str) -> Result<Client> {
    let new = CreatePartner {
        legal_name: format!("{run} Cloud LLC"),
        country: "US".into(),
        kind: Some(PartnerKind::DirectBill),
        tenant_id: Some(Uuid::new_v4().to_string()),
        ..Default::default()
    };
    let partner = operator.create_partner(&new).await?;
    let scope = "partners:read partners:write customers:read customers:write tenants:read tenants:write \
                 orders:read orders:write gcc:read gcc:write";
    let program = std::env::args().nth(1).unwrap_or_else(|| "lonja".into());
    let made = Command::new(&program)
        .args(["client", "create", "--json", "--partner", &partner.id, "--scope", scope])
        .args(["--role", "globalAdmin", "--role", "adminAgent"])
        .output()
        .map_err(|error| format!("{program}: {error}; give its path as the argument"))?;
    if !made.status.success() {
        return Err(String::from_utf8_lossy(&made.stderr).into());
    }
    let credentials: Credentials = serde_json::from_slice(&made.stdout)?;
    let lonja = Client::builder()
        .base_url(sandbox::url())
        .client_credentials(credentials.client_id, credentials.client_secret)
        .build()?;

    // It is active when it has stated its PartnerID, the operator has confirmed that, and the agreement is accepted.
    let read = lonja.get_own_partner().send().await?;
    let number = Uuid::new_v4().as_fields().0 % 9_000_000 + 1_000_000;
    let location = SetPartnerLocation { partner_location_id: number.to_string(), ..Default::default() };
    lonja.set_partner_location(&read.id, &location).if_match(&read).await?;
    operator.approve_partner(&read.id).await?;
    let agreement = lonja.get_partner_agreement_document(&read.id, &Default::default()).await?;
    lonja.accept_partner_agreement(&read.id, &AcceptPartnerAgreement { version: agreement.version }).await?;
    Ok(lonja)
}

fn charter() -> NewAttachment {
    NewAttachment {
        file_name: "charter.pdf".into(),
        content_type: AttachmentType::from("application/pdf"),
        content: "JVBERi0xLjcKY2hhcnRlcg==".into(),
    }
}

fn address() -> Address {
    Address {
        line1: "410 Congress Ave".into(),
        city: "Austin".into(),
        state: Some("TX".into()),
        postal_code: "78701".into(),
        ..Default::default()
    }
}

fn contact(first_name: &str, last_name: &str, email: &str) -> Contact {
    Contact {
        first_name: first_name.into(),
        last_name: last_name.into(),
        email: email.into(),
        phone: Some("+1 512 555 0123".into()),
    }
}
