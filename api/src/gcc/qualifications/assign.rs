//! Qualifying a customer with a validation code (GCC-11, GCC-12).

use super::model::Grant;
use super::store;
use crate::access::Viewer;
use crate::customers::CustomerRow;
use crate::db::write::Tx;
use crate::error::{Code, Error, Fault, Result};
use crate::gcc::codes::{self, CodeRow, GccCodeState};
use crate::gcc::{self, rules};
use crate::links::LinkState;
use crate::partners::{PartnerRow, is_active};

/// Gives a customer the qualification, and uses the code up by one: both or neither.
pub async fn assign(
    tx: &mut Tx<'_>,
    caller: &PartnerRow,
    code_id: &str,
    customer: &CustomerRow,
    pointer: &str,
) -> Result<()> {
    let code = codes::find(&Viewer::Partner(caller.id.clone()), tx.db(), code_id).await?;
    let sellers = gcc::sellers(tx.db(), caller).await?;
    let is_qualified = store::is_qualified(tx.db(), &customer.id).await?;
    let faults = faults(&code, caller, &sellers, customer, is_qualified, pointer);
    if !faults.is_empty() {
        return Err(Error::refused(faults));
    }
    if !codes::use_up(tx, &code.id).await? {
        return Err(Error::refused(vec![exhausted(&code, pointer)]));
    }
    store::grant(tx, &customer.id, Grant::with(&code)).await
}

/// Everything that stands against it.
fn faults(
    code: &CodeRow,
    caller: &PartnerRow,
    sellers: &[PartnerRow],
    customer: &CustomerRow,
    is_qualified: bool,
    pointer: &str,
) -> Vec<Fault> {
    let mut faults: Vec<Fault> = is_active(caller).into_iter().collect();
    match sellers.iter().find(|seller| seller.id == code.partner_id) {
        Some(seller) => faults.extend(rules::may_transact(seller, caller, pointer)),
        // The link through which it came is no longer live.
        None => faults.push(Fault::at(pointer, Code::LinkNotActive).with("state", LinkState::Ended)),
    }
    if is_qualified {
        faults.push(Fault::at("", Code::GccCustomerAlreadyQualified).with("customerId", &customer.id));
    }
    let is_same = rules::organization_key(&customer.company_name) == code.organization_key && customer.country == "US";
    if !is_same {
        let fault = Fault::at(pointer, Code::GccCodeWrongOrganization).with("validated", &code.organization);
        faults.push(fault.with("customer", &customer.company_name).with("country", &customer.country));
    }
    if code.state == GccCodeState::Withdrawn {
        faults.push(Fault::at(pointer, Code::GccCodeWithdrawn).with("validationCode", &code.id));
    } else if code.remaining_creates == 0 {
        faults.push(exhausted(code, pointer));
    }
    faults
}

fn exhausted(code: &CodeRow, pointer: &str) -> Fault {
    let fault = Fault::at(pointer, Code::GccCodeExhausted).with("validationCode", &code.id);
    fault.with("maxCreates", code.max_creates).with("organization", &code.organization)
}
