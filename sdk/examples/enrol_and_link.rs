//! A reseller enrols, is approved, and is linked with a provider; then both invite a customer.
//!
//! Four parties take part, each with a client of its own: the storefront, the newcomer, the operator and the provider.
//! Run it beside `make run`: `cargo run -p lonja-sdk --example enrol_and_link`.

mod sandbox;

use lonja_sdk::{
    Client, Secret, StreamExt, TryStreamExt,
    types::{
        AcceptPartnerAgreement, Address, AnswerAcceptance, AuthorizeIndirectProviderLink, Contact, CreateApiClient,
        CreatePartner, CreateRelationshipRequest, InviteIndirectReseller, ListSandboxEmails,
        LookUpIndirectProviderLink, SetPartnerLocation, VerifyEmail,
    },
};
use sandbox::{Result, client, fresh};
use uuid::Uuid;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result {
    let (storefront, operator, provider) = (client("storefront")?, client("operator")?, client("indirectProvider")?);
    let run = fresh();
    let mail = format!("ana@{run}.example");

    // The storefront makes the draft; its answer holds, once, the newcomer's first API client.
    let draft = CreatePartner {
        legal_name: format!("Integradora {run} S.C."),
        country: "MX".into(),
        tenant_id: Some(Uuid::new_v4().to_string()),
        address: Some(address()),
        primary_contact: Some(contact(&mail)),
        support_contact: Some(contact(&mail)),
        ..Default::default()
    };
    let made = storefront.create_partner(&draft).await?;
    let first = made.client.ok_or("the draft came without a client")?;
    let newcomer = with(&first.client_id, first.client_secret)?;
    println!("draft {} of {}", made.id, made.legal_name);

    // What was read names the version that a change is made to: nobody's work is overwritten.
    let read = newcomer.get_own_partner().send().await?;
    let number = Uuid::new_v4().as_fields().0 % 9_000_000 + 1_000_000;
    let location = SetPartnerLocation { partner_location_id: number.to_string(), ..Default::default() };
    newcomer.set_partner_location(&read.id, &location).if_match(&read).await?;

    newcomer.submit_partner(&made.id).await?;
    newcomer.verify_email(&VerifyEmail { token: mailed(&operator, &mail).await? }).await?;
    operator.approve_partner(&made.id).await?;
    let agreement = newcomer.get_partner_agreement_document(&made.id, &Default::default()).await?;
    newcomer.accept_partner_agreement(&made.id, &AcceptPartnerAgreement { version: agreement.version }).await?;
    let partner = newcomer.get_own_partner().await?;
    println!("{} is {}", partner.legal_name, partner.state);

    // The provider invites it; the token of the mail says what is asked before anything is agreed to.
    let invitation =
        InviteIndirectReseller { email: mail.clone(), reseller_id: Some(made.id.clone()), ..Default::default() };
    let link = provider.invite_indirect_reseller(&invitation).await?;
    let token = mailed(&operator, &mail).await?;
    let asked = newcomer.lookup_indirect_provider_link(&LookUpIndirectProviderLink { token: token.clone() }).await?;
    println!("{} asks for a link", asked.provider.legal_name);
    let consent =
        AuthorizeIndirectProviderLink { token, consent: Some(true), consent_version: Some(asked.consent.version) };
    let link = newcomer.authorize_indirect_provider_link(&link.id, &consent).await?;
    println!("link {} is {}", link.id, link.state);

    // The first client enrols and links; for daily work the newcomer makes itself another.
    let work = CreateApiClient {
        name: "work".into(),
        roles: vec!["adminAgent".into()],
        scope: "customers:read customers:write links:read".into(),
    };
    let work = newcomer.create_api_client(&work).await?;
    let work = with(&work.client_id, work.client_secret)?;
    let customer = CreateRelationshipRequest {
        company_name: format!("Panadería {run} S.A. de C.V."),
        country: "MX".into(),
        address: address(),
        contact: contact(&format!("lucia@{run}.example")),
        ..Default::default()
    };
    let request = work.invite_link_customer(&link.id, &customer).await?;
    // The customer opens the link, which is shown once, and says yes to both.
    let personal = request.link.ok_or("the request came without its link")?;
    let token = personal.expose().rsplit('/').next().unwrap_or_default();
    let yes = AnswerAcceptance {
        decision: "accept".into(),
        first_name: Some("Lucía".into()),
        last_name: Some("Hernández".into()),
        email: Some(format!("lucia@{run}.example")),
        ..Default::default()
    };
    work.answer_acceptance(token, &yes).await?;
    for side in [&provider, &work] {
        let shared = side.list_link_customers(&link.id, &Default::default()).into_stream();
        let names: Vec<_> = shared.map_ok(|customer| customer.company_name).take(5).try_collect().await?;
        println!("shared: {}", names.join(", "));
    }
    Ok(())
}

/// A client like the storefront's, with other credentials.
fn with(id: &str, secret: Secret) -> Result<Client> {
    Ok(Client::builder().base_url(sandbox::url()).client_credentials(id, secret).build()?)
}

/// The token in the newest mail to this address; outside of a sandbox, people read their mail.
async fn mailed(operator: &Client, to: &str) -> Result<Secret> {
    let mails =
        operator.list_sandbox_emails(&ListSandboxEmails { to: Some(to.into()), ..Default::default() }).into_stream();
    let newest = mails.try_fold(None, async |_, mail| Ok(Some(mail))).await?.ok_or("no mail came")?;
    let link = newest.text.split_whitespace().find(|word| word.starts_with("http")).ok_or("the mail has no link")?;
    Ok(link.rsplit('/').next().unwrap_or_default().into())
}

fn address() -> Address {
    Address {
        line1: "Av. Revolución 1200".into(),
        city: "Tijuana".into(),
        state: Some("BCN".into()),
        postal_code: "22000".into(),
        ..Default::default()
    }
}

fn contact(email: &str) -> Contact {
    Contact { first_name: "Lucía".into(), last_name: "Hernández".into(), email: email.into(), ..Default::default() }
}
