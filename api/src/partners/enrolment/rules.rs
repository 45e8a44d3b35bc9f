//! What an enrolment must hold, and which state allows what.

use super::model::UpdatePartner;
use crate::access::TokenKind;
use crate::db::words::Json;
use crate::error::{Code, Error, Fault, Result, all_or};
use crate::partners::{PartnerKind, PartnerRow, PartnerState, must_be_in};
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

/// After a change: the legal data of an enrolment under review, or of one that went through, stays as it was reviewed,
/// but what is still open may be added, and an approved partner may name another primary contact. A rejected enrolment,
/// and one whose address was not proven yet, become a draft by being corrected (ENR-07, ENR-09).
pub fn settle(before: &PartnerRow, row: &mut PartnerRow) -> Result<()> {
    if before.state == PartnerState::Suspended {
        return must_be_in(before, &[PartnerState::Draft, PartnerState::Active]);
    }
    if before.state == PartnerState::Rejected {
        reopen(row);
        return Ok(());
    }
    let is_settled = matches!(before.state, PartnerState::Approved | PartnerState::Active);
    let changes = [
        before.legal_name != row.legal_name || before.country != row.country,
        before.tenant_id.is_some() && before.tenant_id != row.tenant_id,
        before.duns.is_some() && before.duns != row.duns,
        before.address.is_some() && before.address != row.address,
        !is_settled && before.primary_contact != row.primary_contact,
    ];
    match before.state {
        PartnerState::Draft => Ok(()),
        _ if !changes.contains(&true) && !is_settled => Ok(()),
        PartnerState::AwaitingEmailProof => {
            row.state = PartnerState::Draft;
            Ok(())
        }
        _ if changes.contains(&true) => Err(Error::new(Code::PartnerDataLocked).with("state", before.state)),
        // Nothing is submitted again that could tell of it.
        _ => all_or((), written_right(row)?),
    }
}

/// What was rejected is corrected, and an enrolment becomes a draft by it (ENR-09).
pub fn reopen(row: &mut PartnerRow) {
    row.rejection_reasons = None;
    if row.state == PartnerState::Rejected {
        row.state = PartnerState::Draft;
    }
}

/// Everything that is missing or wrong, in one answer (ENR-02); `further`: what others have found.
pub fn complete(row: &PartnerRow, further: Vec<Fault>) -> Result<()> {
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
    faults.extend(written_right(row)?);
    faults.extend(further);
    all_or((), faults)
}

/// Everything that is there and not as it must be.
pub fn written_right(row: &PartnerRow) -> Result<Vec<Fault>> {
    let mut faults = Vec::new();
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
    Ok(faults)
}
