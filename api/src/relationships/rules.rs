//! What stands against a request, and against ending a relationship.

use super::known::MailPlaces;
use super::request::{CreateRelationshipRequest, Organization, RelationshipRequestState};
use crate::error::{Code, Error, Fault, Result};
use crate::profiles::{self, PreferredLanguage};

/// The organisation as it is asked; every fault of what is said of it (CUS-02).
pub fn organization(asked: &CreateRelationshipRequest) -> (Organization, Vec<Fault>) {
    let mut faults: Vec<Fault> = profiles::company_name(&asked.company_name, "/companyName").into_iter().collect();
    faults.extend(profiles::contact(&asked.contact, "/contact"));
    let country = profiles::country(&asked.country, "/country").map_err(|fault| faults.push(fault)).unwrap_or_default();
    // Of a country that is none there is nothing further to say.
    if !country.is_empty() {
        let number = asked.organization_registration_number.as_deref();
        faults.extend(profiles::address(&asked.address, &country, "/address"));
        faults.extend(profiles::registration_number(number, &country, "/organizationRegistrationNumber"));
    }
    let organization = Organization {
        company_name: asked.company_name.clone(),
        country,
        address: asked.address.clone(),
        contact: asked.contact.clone(),
        language: asked.language.unwrap_or(PreferredLanguage::Spanish),
        organization_registration_number: asked.organization_registration_number.clone(),
    };
    (organization, faults)
}

/// Where a code would go, it may not go to somebody who asks: that partner could then accept in the customer's name
/// (CUS-06).
pub fn reaches_the_customer(email: &str, askers: &MailPlaces, pointer: &str) -> Option<Fault> {
    askers.include(email).then(|| Fault::at(pointer, Code::ContactIsPartnersOwn))
}

/// What nobody has answered can be sent again, also when its time is over, or withdrawn.
pub fn must_be_unanswered(state: RelationshipRequestState) -> Result<()> {
    use RelationshipRequestState as State;
    match state {
        State::Requested | State::Expired => Ok(()),
        State::Accepted | State::Declined | State::Withdrawn => {
            Err(Error::new(Code::RelationshipRequestClosed).with("state", state))
        }
    }
}

/// A relationship ends only when nothing live hangs on it (CUS-07).
pub fn may_end(entitlements: i64, subscriptions: i64, open_keys: i64, orders: i64) -> Result<()> {
    if (entitlements, subscriptions, open_keys, orders) == (0, 0, 0, 0) {
        return Ok(());
    }
    let live = Error::new(Code::CustomerHasLiveLicenses);
    let live = live.with("entitlements", entitlements).with("subscriptions", subscriptions);
    Err(live.with("openKeys", open_keys).with("orders", orders))
}
