//! The course of a request up to its answer: asked, sent again, withdrawn (CUS-04).

use super::known::MailPlaces;
use super::names::joined;
use super::request::{
    CreateRelationshipRequest, ForwardableText, Organization, PartyRow, RelationshipRequest, RequestOf, RequestRow,
    StoredState,
};
use super::{request_store, rules, store};
use crate::config::Config;
use crate::customers::{self, CustomerRow};
use crate::db::Db;
use crate::db::words::Json;
use crate::db::write::Tx;
use crate::error::{Code, Error, Fault, Result, all_or};
use crate::links::{self, LinkState};
use crate::mail::{self, Mail};
use crate::messages::{Language, Text};
use crate::partners::{PartnerRow, PartnerState, is_active};
use crate::personal_link::PersonalLink;
use crate::profiles::Contact;
use crate::topic::Topic;
use chrono::TimeDelta;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Map, Value};

/// Asks what a body says, in the name of these parties, the asking one first.
pub async fn ask_as(
    tx: &mut Tx<'_>,
    config: &Config,
    parties: &[PartnerRow],
    body: &CreateRelationshipRequest,
) -> Result<RelationshipRequest> {
    let asker = parties.first().ok_or_else(|| Error::internal("a request without a party"))?;
    let known = match &body.customer_id {
        None => None,
        // Known to a partner is what it serves or has served; for all else it is not there (CUS-05).
        Some(id) => match store::between(tx.db(), &asker.id, id).await? {
            Some(_) => Some(customers::get(tx.db(), id).await?),
            None => return Err(Error::not_found("customer")),
        },
    };
    let (organization, faults) = rules::organization(body);
    all_or((), faults)?;
    let asked = match known {
        Some(customer) => Asked::Known(customer, organization),
        None => Asked::New(organization),
    };
    let (include_mca, send_mail) = (body.include_mca, body.send_mail);
    ask(tx, config, Ask { parties, asked, include_mca, send_mail }).await
}

/// A reseller and a provider are accepted together only while they are linked (LNK-08): the end of their link is the end
/// of what was asked through it.
pub async fn must_be_linked(db: &mut Db<'_>, parties: &[(PartyRow, PartnerRow)]) -> Result<()> {
    let [(reseller, _), (provider, _)] = parties else { return Ok(()) };
    if links::is_live(db, &provider.partner_id, &reseller.partner_id).await? {
        return Ok(());
    }
    Err(Error::new(Code::LinkNotActive).with("state", LinkState::Ended))
}

/// Who is asked.
enum Asked {
    /// An organisation without a record here: it gets one when it accepts.
    New(Organization),
    /// One with a record, and how it was addressed this time.
    Known(CustomerRow, Organization),
}

/// What an organisation is asked.
struct Ask<'a> {
    /// The parties that it is to accept, the asking one first: one, or a reseller and its provider (LNK-08). Whether
    /// they may ask together is for their link to say.
    parties: &'a [PartnerRow],
    /// Who is asked.
    asked: Asked,
    /// Whether it is to accept the MCA too.
    include_mca: bool,
    /// Whether the marketplace mails the link.
    send_mail: bool,
}

/// Asks an organisation to accept one party or two at once. The answer shows the link, this once.
async fn ask(tx: &mut Tx<'_>, config: &Config, ask: Ask<'_>) -> Result<RelationshipRequest> {
    let (customer, organization) = match ask.asked {
        Asked::New(organization) => (None, organization),
        Asked::Known(customer, organization) => (Some(customer), organization),
    };
    let asker = ask.parties.first().ok_or_else(|| Error::internal("a request without a party"))?;
    let contact: Contact = match &customer {
        Some(customer) => customer.contact.read()?,
        None => organization.contact.clone(),
    };
    let mut faults: Vec<Fault> = is_active(asker).into_iter().collect();
    let is_stopped = |partner: &&PartnerRow| partner.state != PartnerState::Active;
    let providers = ask.parties.iter().skip(1);
    faults.extend(providers.filter(is_stopped).map(|_| Fault::at("", Code::ProviderNotActive)));
    let mut is_related = customer.is_some();
    if let Some(customer) = &customer {
        for party in ask.parties {
            is_related &= store::is_accepted(tx.db(), &party.id, &customer.id).await?;
        }
        if is_related && !ask.include_mca {
            faults.push(Fault::at("/customerId", Code::RelationshipExists));
        }
        if ask.include_mca && customers::has_accepted_mca(tx.db(), &customer.id).await? {
            faults.push(Fault::at("/includeMca", Code::McaAlreadyAccepted));
        }
    }
    // Whoever holds the link could answer it, and the asking partner does: what weighs more than a new name in its own
    // list needs the customer's own word (CUS-06).
    let needs_code = ask.include_mca || (customer.is_some() && !is_related);
    if needs_code {
        let ids: Vec<&str> = ask.parties.iter().map(|party| party.id.as_str()).collect();
        let places = MailPlaces::of(tx.db(), &ids).await?;
        faults.extend(rules::reaches_the_customer(&contact.email, &places, "/contact/email"));
    }
    all_or((), faults)?;
    let link = PersonalLink::new()?;
    let row = RequestRow {
        id: tx.id(),
        partner_id: asker.id.clone(),
        customer_id: customer.map(|customer| customer.id),
        organization: Json::of(&organization)?,
        include_mca: ask.include_mca,
        send_mail: ask.send_mail,
        needs_code,
        digest: link.digest.clone(),
        state: StoredState::Requested,
        expires_at: end_of_link(tx, config),
        expiry_told: false,
        version: 1,
        created_at: tx.now().naive_utc(),
        answered_at: None,
        answered_by: None,
        source_address: None,
        user_agent: None,
    };
    let mut parties = Vec::new();
    for partner in ask.parties {
        parties.push(PartyRow {
            id: tx.id(),
            request_id: row.id.clone(),
            partner_id: partner.id.clone(),
            relationship_id: None,
            accepted_at: None,
        });
    }
    request_store::insert(tx, &row, &parties).await?;
    let parties: Vec<_> = parties.into_iter().zip(ask.parties.iter().cloned()).collect();
    tell(tx, Topic::RelationshipRequestCreated, &row, &parties);
    hand_over(tx, config, row, parties, &link.token).await
}

/// Sends a request again, with a new link and a new term: the older link dies.
pub async fn send_again(tx: &mut Tx<'_>, config: &Config, mut row: RequestRow) -> Result<RelationshipRequest> {
    rules::must_be_unanswered(row.state_at(tx.now()))?;
    let parties = request_store::parties_of(tx.db(), &row).await?;
    must_be_linked(tx.db(), &parties).await?;
    let link = PersonalLink::new()?;
    row.digest.clone_from(&link.digest);
    row.expiry_told = false;
    row.expires_at = end_of_link(tx, config);
    row.version += 1;
    request_store::update(tx, &row).await?;
    tx.forget_answers(&row.secret_name()).await?;
    tell(tx, Topic::RelationshipRequestResent, &row, &parties);
    hand_over(tx, config, row, parties, &link.token).await
}

/// Takes a request back: its link then only says so.
pub async fn withdraw(tx: &mut Tx<'_>, mut row: RequestRow) -> Result<RelationshipRequest> {
    rules::must_be_unanswered(row.state_at(tx.now()))?;
    row.state = StoredState::Withdrawn;
    row.version += 1;
    request_store::update(tx, &row).await?;
    tx.forget_answers(&row.secret_name()).await?;
    let parties = request_store::parties_of(tx.db(), &row).await?;
    tell(tx, Topic::RelationshipRequestWithdrawn, &row, &parties);
    RelationshipRequest::of(row, parties, tx.now())
}

/// Tells every party what happened to a request.
pub fn tell(tx: &mut Tx<'_>, topic: Topic, row: &RequestRow, parties: &[(PartyRow, PartnerRow)]) {
    for (party, _) in parties {
        tx.emit(topic, &RequestOf { request: row, partner_id: &party.partner_id });
    }
}

fn end_of_link(tx: &Tx<'_>, config: &Config) -> chrono::NaiveDateTime {
    (tx.now() + TimeDelta::days(config.relationships.request_days.into())).naive_utc()
}

/// Gives the link to those who pass it on: the mail where it is wanted, and the answer.
async fn hand_over(
    tx: &mut Tx<'_>,
    config: &Config,
    row: RequestRow,
    parties: Vec<(PartyRow, PartnerRow)>,
    token: &SecretString,
) -> Result<RelationshipRequest> {
    let link = SecretString::from(format!("{}/accept/{}", config.public_url, token.expose_secret()));
    let organization: Organization = row.organization.read()?;
    let names: Vec<&str> = parties.iter().map(|(_, partner)| partner.legal_name.as_str()).collect();
    let until = row.expires_at.format("%Y-%m-%d").to_string();
    if row.send_mail {
        let kind = if row.include_mca { "mail_relationship_request_mca" } else { "mail_relationship_request" };
        let mail = Mail::new(kind, &organization.contact.email, organization.language)
            .with("company", organization.company_name.as_str())
            .with("partners", joined(&names, organization.language.into()))
            .with("until", until.as_str())
            .link(link.clone());
        mail::send(tx, &mail).await?;
    }
    let text = |language: Language| {
        let facts: Map<String, Value> = [
            ("company", organization.company_name.clone()),
            ("name", organization.contact.first_name.clone()),
            ("partners", joined(&names, language)),
            ("until", until.clone()),
            ("link", link.expose_secret().to_owned()),
        ]
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value.into()))
        .collect();
        let words = Text::of(if row.include_mca { "forward_request_mca" } else { "forward_request" });
        ForwardableText {
            language,
            subject: words.say(language, None, &facts).unwrap_or_default(),
            text: words.say(language, Some("body"), &facts).unwrap_or_default(),
        }
    };
    let texts = vec![text(Language::Spanish), text(Language::English)];
    let now = tx.now();
    Ok(RelationshipRequest::of(row, parties, now)?.showing(&link, texts))
}
