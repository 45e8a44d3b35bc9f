//! The course of an answer: the link is looked up, the answer judged, and everything that comes of it written at once.

use super::codes::{self, CodeRow};
use super::model::{AcceptanceDecision, AnswerAcceptance};
use crate::clock::Instant;
use crate::customers::{self, AgreementKind, AgreementMethod, AgreementRow, CustomerRow};
use crate::db::Db;
use crate::db::words::Json;
use crate::db::write::Tx;
use crate::error::{Code, Error, Fault, Result, all_or};
use crate::mail::{self, Mail};
use crate::partners::{PartnerRow, is_active};
use crate::personal_link;
use crate::profiles::{self, Contact, PreferredLanguage};
use crate::relationships::{
    self, Accepter, MailPlaces, Organization, PartyRow, RelationshipRequestState, RequestRow, StoredState,
};
use crate::topic::Topic;
use secrecy::{ExposeSecret, SecretString};

/// What stands behind a link.
pub struct Invitation {
    /// The request.
    pub request: RequestRow,
    /// Whom the organisation is asked to accept.
    pub parties: Vec<(PartyRow, PartnerRow)>,
    /// The organisation's name.
    pub company_name: String,
    /// The language it is written to.
    pub language: PreferredLanguage,
    /// To whom a code goes: the contact of the organisation's own record, where it has one.
    pub contact: Contact,
    contact_changed_by: Option<String>,
    organization: Organization,
    code: Option<CodeRow>,
}

/// From where an answer comes (CUS-06).
pub struct Browser {
    /// The address.
    pub source_address: String,
    /// What it says of itself.
    pub user_agent: String,
}

impl Invitation {
    /// What this link's token leads to. An unknown one, an older one and one of another marketplace lead nowhere.
    pub async fn find(db: &mut Db<'_>, token: &str) -> Result<Self> {
        let unknown = || Error::not_found("acceptance");
        if token.len() != personal_link::LENGTH {
            return Err(unknown());
        }
        let digest = personal_link::digest_of(token);
        let request = relationships::by_digest(db, &digest).await?.ok_or_else(unknown)?;
        let parties = relationships::parties_of(db, &request).await?;
        let organization: Organization = request.organization.read()?;
        let (company_name, language, contact, contact_changed_by) = match &request.customer_id {
            Some(id) => {
                let customer = customers::get(db, id).await?;
                let contact = customer.contact.read()?;
                (customer.company_name, customer.language, contact, customer.contact_changed_by)
            }
            None => (organization.company_name.clone(), organization.language, organization.contact.clone(), None),
        };
        let code = codes::last_of(db, &request.id, &contact.email).await?;
        Ok(Self { request, parties, company_name, language, contact, contact_changed_by, organization, code })
    }

    /// Until when the code that was sent last is good.
    pub fn live_code_until(&self, now: Instant) -> Option<Instant> {
        self.code.as_ref().and_then(|code| code.live_until(now))
    }

    /// What was taken back, or came too late, no longer says what it was about.
    pub fn must_be_shown(&self, now: Instant) -> Result<()> {
        match self.request.state_at(now) {
            RelationshipRequestState::Expired => {
                Err(Error::new(Code::AcceptanceExpired).with("expiredAt", self.request.expires_at.and_utc()))
            }
            RelationshipRequestState::Withdrawn => Err(Error::new(Code::AcceptanceWithdrawn)),
            RelationshipRequestState::Requested
            | RelationshipRequestState::Accepted
            | RelationshipRequestState::Declined => Ok(()),
        }
    }

    fn must_be_open(&self, now: Instant) -> Result<()> {
        self.must_be_shown(now)?;
        match self.request.state_at(now) {
            RelationshipRequestState::Requested => Ok(()),
            state => Err(Error::new(Code::AcceptanceAlreadyAnswered)
                .with("state", state)
                .with("answeredAt", self.request.answered_at.map(|at| at.and_utc()))),
        }
    }

    /// The code never goes to somebody who asks, also where that was not known when they asked (CUS-06).
    async fn must_reach_the_customer(&self, db: &mut Db<'_>) -> Result<()> {
        let ids: Vec<&str> = self.parties.iter().map(|(party, _)| party.partner_id.as_str()).collect();
        if MailPlaces::of(db, &ids).await?.include(&self.contact.email) {
            return Err(Error::new(Code::ContactIsPartnersOwn));
        }
        match &self.contact_changed_by {
            Some(changer) if ids.contains(&changer.as_str()) => Err(Error::new(Code::ContactChangedByPartner)),
            _ => Ok(()),
        }
    }
}

/// Does what the answer decides. The inner error is a refusal that leaves a trace: an attempt at a code.
pub async fn answer(
    tx: &mut Tx<'_>,
    token: &str,
    answer: &AnswerAcceptance,
    browser: &Browser,
) -> Result<Result<Invitation>> {
    let invitation = Invitation::find(tx.db(), token).await?;
    invitation.must_be_open(tx.now())?;
    match answer.decision {
        AcceptanceDecision::SendCode => send_code(tx, &invitation).await?,
        AcceptanceDecision::Decline => decline(tx, invitation, answer, browser).await?,
        AcceptanceDecision::Accept => {
            relationships::must_be_linked(tx.db(), &invitation.parties).await?;
            let accepter = may_accept(&invitation, answer)?;
            if let Some(code) = answer.code.as_ref().filter(|_| invitation.request.needs_code) {
                invitation.must_reach_the_customer(tx.db()).await?;
                let code = SecretString::from(code.clone());
                let (request, recipient) = (&invitation.request.id, &invitation.contact.email);
                if let Err(refusal) = codes::redeem(tx, request, recipient, &code).await? {
                    tx.because("an attempt with a code that is not the right one");
                    return Ok(Err(refusal));
                }
            }
            accept(tx, invitation, &accepter, browser).await?;
        }
    }
    Invitation::find(tx.db(), token).await.map(Ok)
}

/// Everything that stands against accepting, before the code is looked at: a form that is not whole wastes no attempt.
fn may_accept(invitation: &Invitation, answer: &AnswerAcceptance) -> Result<Accepter> {
    let given = [("/firstName", &answer.first_name), ("/lastName", &answer.last_name), ("/email", &answer.email)];
    let missing = given.iter().filter(|(_, value)| value.is_none());
    let missing: Vec<Fault> = missing.map(|(pointer, _)| Fault::at(*pointer, Code::FieldRequired)).collect();
    if !missing.is_empty() {
        return Err(Error::invalid(missing));
    }
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    let accepter = Accepter {
        first_name: text(&answer.first_name),
        last_name: text(&answer.last_name),
        title: answer.title.clone(),
        email: text(&answer.email),
    };
    let mut faults = Vec::new();
    faults.extend(profiles::contact_name(&accepter.first_name, "/firstName"));
    faults.extend(profiles::contact_name(&accepter.last_name, "/lastName"));
    if invitation.request.include_mca && !answer.agrees_to_mca {
        faults.push(Fault::at("/agreesToMca", Code::ConsentRequired));
    }
    if invitation.request.needs_code && answer.code.is_none() {
        faults.push(Fault::at("/code", Code::AcceptanceCodeRequired));
    }
    faults.extend(invitation.parties.iter().filter_map(|(_, partner)| is_active(partner)));
    all_or(accepter, faults)
}

async fn accept(tx: &mut Tx<'_>, invitation: Invitation, accepter: &Accepter, browser: &Browser) -> Result<()> {
    let Invitation { mut request, parties, organization, .. } = invitation;
    let customer_id = match &request.customer_id {
        Some(id) => id.clone(),
        None => open_record(tx, &request, organization).await?,
    };
    for (party, _) in &parties {
        let accepted = relationships::accept(tx, &party.partner_id, &customer_id, Some(&request.id)).await?;
        relationships::record_acceptance(tx, party, &accepted).await?;
        tx.emit(Topic::RelationshipAccepted, &accepted);
    }
    if request.include_mca && !customers::has_accepted_mca(tx.db(), &customer_id).await? {
        let now = tx.now().naive_utc();
        let contact = Contact {
            first_name: accepter.first_name.clone(),
            last_name: accepter.last_name.clone(),
            email: accepter.email.clone(),
            phone: None,
        };
        let agreement = AgreementRow {
            id: tx.id(),
            customer_id: customer_id.clone(),
            partner_id: request.partner_id.clone(),
            kind: AgreementKind::Mca,
            method: AgreementMethod::Accepted,
            contact: Json::of(&contact)?,
            agreed_at: now,
            created_at: now,
        };
        customers::record_agreement(tx, &agreement).await?;
    }
    request.customer_id = Some(customer_id);
    request.answered_by = Some(Json::of(accepter)?);
    close(tx, request, StoredState::Accepted, browser).await?;
    Ok(())
}

/// The organisation gets its record here.
async fn open_record(tx: &mut Tx<'_>, request: &RequestRow, organization: Organization) -> Result<String> {
    let customer = CustomerRow {
        id: tx.id(),
        company_name: organization.company_name,
        country: organization.country,
        address: Json::of(&organization.address)?,
        contact: Json::of(&organization.contact)?,
        language: organization.language,
        version: 1,
        created_at: tx.now().naive_utc(),
        organization_registration_number: organization.organization_registration_number,
        contact_changed_by: None,
    };
    customers::open(tx, &customer, &request.partner_id).await?;
    Ok(customer.id)
}

async fn decline(tx: &mut Tx<'_>, invitation: Invitation, answer: &AnswerAcceptance, browser: &Browser) -> Result<()> {
    let mut request = invitation.request;
    if let (Some(first_name), Some(last_name), Some(email)) = (&answer.first_name, &answer.last_name, &answer.email) {
        request.answered_by = Some(Json::of(&Accepter {
            first_name: first_name.clone(),
            last_name: last_name.clone(),
            title: answer.title.clone(),
            email: email.clone(),
        })?);
    }
    close(tx, request, StoredState::Declined, browser).await
}

/// Keeps the answer, and from where it came.
async fn close(tx: &mut Tx<'_>, mut request: RequestRow, state: StoredState, browser: &Browser) -> Result<()> {
    request.state = state;
    request.answered_at = Some(tx.now().naive_utc());
    request.source_address = Some(browser.source_address.clone());
    request.user_agent = Some(browser.user_agent.clone());
    request.version += 1;
    relationships::update(tx, &request).await?;
    let parties = relationships::parties_of(tx.db(), &request).await?;
    let topic = match state {
        StoredState::Accepted => Topic::RelationshipRequestAccepted,
        _ => Topic::RelationshipRequestDeclined,
    };
    relationships::tell(tx, topic, &request, &parties);
    Ok(())
}

async fn send_code(tx: &mut Tx<'_>, invitation: &Invitation) -> Result<()> {
    if !invitation.request.needs_code {
        return Err(Error::new(Code::AcceptanceCodeNotNeeded));
    }
    invitation.must_reach_the_customer(tx.db()).await?;
    let email = &invitation.contact.email;
    let code = codes::make(tx, &invitation.request.id, email).await?;
    let names: Vec<&str> = invitation.parties.iter().map(|(_, partner)| partner.legal_name.as_str()).collect();
    let mail = Mail::new("mail_acceptance_code", email, invitation.language)
        .with("code", code.expose_secret())
        .with("company", invitation.company_name.as_str())
        .with("partners", relationships::joined(&names, invitation.language.into()))
        .with("minutes", codes::MINUTES);
    mail::send(tx, &mail).await?;
    tx.because("a code was mailed to the customer's contact");
    Ok(())
}
