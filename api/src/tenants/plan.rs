//! What would become of a tenant: every check, nothing written. Creating and previewing go by the same plan.

use super::model::{CreateTenant, TenantMode, TenantRow, TenantState};
use super::rules::{self, Reference};
use super::{names, store};
use crate::access::Viewer;
use crate::config::Config;
use crate::customers::{self, CustomerRow};
use crate::db::Db;
use crate::error::{Code, Fault, Result};
use crate::links;
use crate::partners::{self, PartnerKind, PartnerRow, is_active};
use crate::relationships;

/// What would become of it.
pub struct Plan {
    /// Who asks for it.
    pub partner: PartnerRow,
    /// For whom.
    pub customer: CustomerRow,
    /// What it is known by.
    pub reference: Reference,
    /// Whom the customer is to accept first; nobody, where it is active at once.
    pub parties: Vec<PartnerRow>,
    /// What stands against it.
    pub faults: Vec<Fault>,
}

impl Plan {
    /// Gathers the facts and judges them.
    pub async fn make(
        viewer: &Viewer,
        db: &mut Db<'_>,
        config: &Config,
        partner_id: &str,
        customer_id: &str,
        asked: &CreateTenant,
    ) -> Result<Self> {
        let customer = customers::find(viewer, db, customer_id).await?;
        let partner = partners::find(db, partner_id).await?;
        let faults = is_active(&partner).into_iter().collect();
        let mut plan = Self { partner, customer, reference: Reference::default(), parties: Vec::new(), faults };
        match asked.mode {
            TenantMode::Create => plan.create(db, config, asked).await?,
            TenantMode::Link => plan.link(viewer, db, config, asked).await?,
        }
        Ok(plan)
    }

    /// In which state it begins.
    pub fn state(&self) -> TenantState {
        if self.parties.is_empty() { TenantState::Active } else { TenantState::AwaitingAcceptance }
    }

    async fn create(&mut self, db: &mut Db<'_>, config: &Config, asked: &CreateTenant) -> Result<()> {
        let Some(name) = &asked.name else {
            self.faults.push(Fault::at(rules::NAME, Code::FieldRequired));
            return Ok(());
        };
        let only_of_links = [("/domain", asked.domain.is_some()), ("/tenantId", asked.tenant_id.is_some())];
        let unfit = only_of_links.into_iter().filter(|(_, is_there)| *is_there);
        self.faults.extend(unfit.map(|(pointer, _)| Fault::at(pointer, Code::FieldNotAllowed)));
        match rules::domain(name, config.tenants, rules::NAME) {
            Ok(domain) if names::is_taken(db, &domain).await? => {
                self.faults.push(rules::taken(&domain));
                self.reference.domain = Some(domain);
            }
            Ok(domain) => self.reference.domain = Some(domain),
            Err(fault) => self.faults.push(fault),
        }
        Ok(())
    }

    async fn link(&mut self, viewer: &Viewer, db: &mut Db<'_>, config: &Config, asked: &CreateTenant) -> Result<()> {
        let (reference, faults) = rules::reference(asked, config.tenants);
        self.faults.extend(faults);
        self.reference = reference;
        let known = store::known_by(db, &self.reference).await?;
        let was_elsewhere = self.judge(viewer, db, &known).await?;
        // What neither is nor was a tenant here is a partner's own directory.
        if let Some(domain) = &self.reference.domain
            && !known.iter().any(|one| one.domain.as_ref() == Some(domain))
            && names::is_taken(db, domain).await?
        {
            self.faults.push(Fault::at("", Code::TenantBelongsToOtherCustomer));
        }
        let asks = asked.previous_provider || was_elsewhere;
        let distributor = self.distributor(db, asked.provider_id.as_deref(), asks).await?;
        if !asks {
            return Ok(());
        }
        // The storefront and the distributor, each once (TEN-05).
        let storefront = match config.storefront.partner_id.as_str() {
            "" => self.partner.clone(),
            id => partners::find(db, id).await?,
        };
        self.parties.push(storefront);
        if let Some(distributor) = distributor.filter(|one| self.parties.iter().all(|party| party.id != one.id)) {
            self.parties.push(distributor);
        }
        // Who asks is named too: the customer's yes is also for the partner that it then has the tenant from.
        if self.parties.iter().all(|party| party.id != self.partner.id) {
            self.parties.push(self.partner.clone());
        }
        self.faults.extend(relationships::may_ask_for_tenant(db, &self.customer, &self.partner, &self.parties).await?);
        Ok(())
    }

    /// What is on record under the same names: tells whether another provider serves it, or has.
    async fn judge(&mut self, viewer: &Viewer, db: &mut Db<'_>, known: &[TenantRow]) -> Result<bool> {
        let mut was_elsewhere = false;
        for other in known {
            // One that waits is nobody's yet: whoever does not see it is not held up by it.
            let is_linked = matches!(other.state, TenantState::Active | TenantState::AwaitingAcceptance);
            let is_seen = store::find(viewer, db, &other.id).await.is_ok();
            if is_linked && is_seen {
                self.faults.push(if other.customer_id == self.customer.id {
                    Fault::at("", Code::TenantAlreadyLinked).with("tenantId", &other.id)
                } else {
                    Fault::at("", Code::TenantBelongsToOtherCustomer)
                });
            }
            let is_elsewhere = match other.state {
                TenantState::Active => !is_seen,
                TenantState::Unlinked => other.partner_id != self.partner.id,
                _ => false,
            };
            was_elsewhere |= is_elsewhere;
        }
        Ok(was_elsewhere)
    }

    /// Through whom the partner deals: a reseller through its link's provider, all others by themselves.
    async fn distributor(&mut self, db: &mut Db<'_>, named: Option<&str>, asks: bool) -> Result<Option<PartnerRow>> {
        const PROVIDER: &str = "/providerId";
        if self.partner.kind != PartnerKind::IndirectReseller {
            if named.is_some_and(|named| named != self.partner.id) {
                self.faults.push(Fault::at(PROVIDER, Code::LinkNotActive).with("state", "none"));
            }
            return Ok(Some(self.partner.clone()));
        }
        if named.is_none() && !asks {
            return Ok(None);
        }
        let linked = links::live_providers_of(db, &self.partner.id).await?;
        match links::choose_provider(&linked, named, PROVIDER) {
            Ok(id) => Ok(Some(partners::find(db, id).await?)),
            Err(fault) => {
                self.faults.push(fault);
                Ok(None)
            }
        }
    }
}
