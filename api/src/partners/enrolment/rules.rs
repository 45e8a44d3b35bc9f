//! What an enrolment must hold, and which state allows what.

use super::model::UpdatePartner;
use crate::access::TokenKind;
use crate::db::words::Json;
use crate::error::{Code, Error, Fault, Result};
use crate::partners::{PartnerKind, PartnerRow, PartnerState};
use crate::profiles;
use crate::profiles::{Address, Contact};

/// Who may make partners of which kind: a newcomer enrols as a reseller, the operator registers any (ENR-01).
pub fn kind(asked: Option<PartnerKind>, by: TokenKind) -> Result<PartnerKind, Fault> {
    let kind = asked.unwrap_or(PartnerKind::IndirectReseller);
    if by == TokenKind::Operator || kind == PartnerKind::IndirectReseller {
        Ok(kind)
    } else {
        Err(Fault::at("/kind", Code::EnrolmentKindNotAllowed).with("kind", kind))
    }
}

/// The state must be one of these.
pub fn must_be_in(row: &PartnerRow, allowed: &[PartnerState]) -> Result<()> {
    if allowed.contains(&row.state) {
        return Ok(());
    }
    Err(Error::new(Code::PartnerStateNotAllowed).with("state", row.state).with("allowed", allowed))
}

/// A partner has one work account; whoever has one needs no other (ENR-17).
pub fn has_no_work_account(row: &PartnerRow) -> Result<()> {
    match &row.tenant_id {
        Some(tenant) => Err(Error::new(Code::WorkAccountExists).with("tenantId", tenant)),
        None => Ok(()),
    }
}

/// Puts what is given into the row; tells what is wrong with it. A draft may hold what its submission will refuse, save
/// an id that is none.
pub fn change(row: &mut PartnerRow, given: &UpdatePartner) -> Result<Vec<Fault>> {
    let mut faults = Vec::new();
    if let Some(name) = &given.legal_name {
        row.legal_name.clone_from(name);
    }
    if let Some(country) = &given.country {
        match profiles::country(country, "/country") {
            Ok(country) => row.country = country,
            Err(fault) => faults.push(fault),
        }
    }
    let ids = [
        (&given.tenant_id, &mut row.tenant_id, "/tenantId"),
        (&given.azure_gcc_tenant_id, &mut row.azure_gcc_tenant_id, "/azureGccTenantId"),
    ];
    for (given, kept, pointer) in ids {
        match given.as_ref().map(|id| profiles::tenant_guid(id, pointer)) {
            Some(Ok(id)) => *kept = Some(id),
            Some(Err(fault)) => faults.push(fault),
            None => {}
        }
    }
    if let Some(address) = &given.address {
        row.address = Some(Json::of(address)?);
    }
    if let Some(contact) = &given.primary_contact {
        row.primary_contact = Some(Json::of(contact)?);
    }
    if let Some(contact) = &given.support_contact {
        row.support_contact = Some(Json::of(contact)?);
    }
    if let Some(duns) = &given.duns {
        // Dashes are how people write it; what is wrong with it is said by the submission.
        row.duns = Some(profiles::duns(duns, "/duns").unwrap_or_else(|_wrong| duns.clone()));
    }
    row.language = given.language.unwrap_or(row.language);
    Ok(faults)
}

/// After a change: the legal data of an enrolment under review, or of one that went through, stays as it was reviewed; a
/// rejected one becomes a draft by being corrected (ENR-09).
pub fn settle(before: &PartnerRow, row: &mut PartnerRow) -> Result<()> {
    if before.state == PartnerState::Suspended {
        return must_be_in(before, &[PartnerState::Draft, PartnerState::Active]);
    }
    if before.state == PartnerState::Rejected {
        row.state = PartnerState::Draft;
        row.rejection_reasons = None;
        return Ok(());
    }
    let legal = |row: &PartnerRow| {
        let texts = (row.legal_name.clone(), row.country.clone(), row.tenant_id.clone(), row.duns.clone());
        (texts, row.address.clone(), row.primary_contact.clone())
    };
    if before.state != PartnerState::Draft && legal(before) != legal(row) {
        return Err(Error::new(Code::PartnerDataLocked).with("state", before.state));
    }
    Ok(())
}

/// Everything that is missing or wrong, in one answer (ENR-02).
pub fn complete(row: &PartnerRow) -> Result<()> {
    let missing = [
        (row.tenant_id.is_none(), "/tenantId"),
        (row.address.is_none(), "/address"),
        (row.primary_contact.is_none(), "/primaryContact"),
        (row.support_contact.is_none(), "/supportContact"),
    ];
    let mut faults: Vec<Fault> = missing
        .into_iter()
        .filter(|(is_missing, _)| *is_missing)
        .map(|(_, pointer)| Fault::at(pointer, Code::FieldRequired))
        .collect();
    if !faults.is_empty() {
        faults.insert(0, Fault::at("", Code::EnrolmentIncomplete));
    }
    faults.extend(profiles::company_name(&row.legal_name, "/legalName"));
    if let Some(address) = &row.address {
        faults.extend(profiles::address(&address.read::<Address>()?, &row.country, "/address"));
    }
    if let Some(contact) = row.primary_contact()? {
        faults.extend(profiles::contact(&contact, "/primaryContact"));
        faults.extend(profiles::webmail(&contact.email, "/primaryContact/email"));
    }
    if let Some(contact) = &row.support_contact {
        faults.extend(profiles::contact(&contact.read::<Contact>()?, "/supportContact"));
    }
    if let Some(duns) = &row.duns {
        faults.extend(profiles::duns(duns, "/duns").err());
    }
    if row.azure_gcc_tenant_id.is_some() && row.azure_gcc_tenant_id == row.tenant_id {
        // ENR-15: the two are told apart by being recorded, so they cannot be one.
        faults.push(Fault::at("/azureGccTenantId", Code::GccTenantIsCommercial));
    }
    if faults.is_empty() { Ok(()) } else { Err(Error::refused(faults)) }
}
