//! The course of a tenant: created or linked, decided by its customer, unlinked (TEN-03, TEN-05, TEN-09).

use super::model::{NewTenant, Tenant, TenantMode, TenantOf, TenantRow, TenantState};
use super::plan::Plan;
use super::{credentials, licenses, names, rules, store};
use crate::config::Config;
use crate::db::write::Tx;
use crate::error::{Error, Result, all_or};
use crate::mail::{self, Mail};
use crate::relationships::{self, RequestRow};
use crate::renewals::Settings;
use crate::topic::Topic;
use crate::{customers, orders, partners};

/// How a tenant's wait has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TenantOutcome {
    /// It is active.
    Active,
    /// The customer said no.
    Declined,
    /// Nobody answered in time.
    Expired,
    /// It was given up, or could not be made.
    Failed,
}

/// Creates or links what nothing stands against.
pub async fn carry_out(
    tx: &mut Tx<'_>,
    config: &Config,
    plan: Plan,
    mode: TenantMode,
    declared: bool,
) -> Result<Tenant> {
    let state = plan.state();
    let Plan { partner, customer, reference, parties, faults } = plan;
    all_or((), faults)?;
    let now = tx.now();
    if mode == TenantMode::Create {
        let domain = reference.domain.ok_or_else(|| Error::internal("a new tenant without a domain"))?;
        let new = NewTenant { customer_id: &customer.id, partner_id: &partner.id, domain };
        return Ok(Tenant::of(store::create(tx, &new).await?, now));
    }
    let mut row = TenantRow {
        id: tx.id(),
        customer_id: customer.id.clone(),
        partner_id: partner.id.clone(),
        mode,
        domain: reference.domain,
        custom_domain: reference.custom_domain,
        directory_id: reference.directory_id,
        previous_provider: declared,
        state,
        request_id: None,
        expires_at: None,
        version: 1,
        created_at: now.naive_utc(),
        merged_into: None,
    };
    let mut request = None;
    if state == TenantState::AwaitingAcceptance {
        let asked = relationships::ask_for_tenant(tx, config, &row, &customer, &partner, &parties).await?;
        row.request_id = Some(asked.id.clone());
        row.expires_at = Some(asked.expires_at.naive_utc());
        request = Some(asked);
    }
    store::insert(tx, &row).await?;
    if request.is_some() {
        tell(tx, Topic::TenantAcceptanceRequested, &row).await?;
    } else {
        keep_name(tx, &row).await?;
        tell(tx, Topic::TenantLinked, &row).await?;
    }
    Ok(Tenant::of(row, now).asking(request))
}

/// A request about a tenant was answered, ran out or was taken back: the orders that wait for it go on, or are given up.
pub async fn answered(tx: &mut Tx<'_>, config: &Config, request: &RequestRow, outcome: TenantOutcome) -> Result<()> {
    let Some(id) = &request.tenant_id else { return Ok(()) };
    let mut tenant = store::get(tx.db(), id).await?;
    if let Some(kept) = &tenant.merged_into {
        let kept = store::get(tx.db(), kept).await?;
        return orders::move_to(tx, Settings::of(config), &tenant.id, &kept).await;
    }
    // One that was told to have run out is not told so again, but can still be taken back.
    let is_open = match tenant.state {
        TenantState::AwaitingAcceptance => true,
        TenantState::Expired => outcome != TenantOutcome::Expired,
        _ => false,
    };
    if !is_open {
        return Ok(());
    }
    let (state, topic, kind) = match outcome {
        TenantOutcome::Active => (TenantState::Active, Topic::TenantActivated, Some("mail_tenant_active")),
        TenantOutcome::Declined => (TenantState::Declined, Topic::TenantDeclined, Some("mail_tenant_declined")),
        TenantOutcome::Expired => (TenantState::Expired, Topic::TenantExpired, Some("mail_tenant_expired")),
        TenantOutcome::Failed => (TenantState::Unlinked, Topic::TenantUnlinked, None),
    };
    tenant.state = state;
    store::update(tx, &mut tenant).await?;
    if state == TenantState::Active {
        keep_name(tx, &tenant).await?;
    }
    tell(tx, topic, &tenant).await?;
    if let Some(kind) = kind {
        tell_by_mail(tx, kind, &tenant).await?;
    }
    orders::tenant_decided(tx, Settings::of(config), &tenant, outcome).await
}

/// A request about a tenant was sent again: it waits again.
pub async fn asked_again(tx: &mut Tx<'_>, request: &RequestRow) -> Result<()> {
    let Some(id) = &request.tenant_id else { return Ok(()) };
    let mut tenant = store::get(tx.db(), id).await?;
    rules::must_await_acceptance(tenant.state)?;
    tenant.state = TenantState::AwaitingAcceptance;
    tenant.expires_at = Some(request.expires_at);
    store::update(tx, &mut tenant).await?;
    tell(tx, Topic::TenantAcceptanceRequested, &tenant).await
}

/// Takes a tenant away, when nothing live is on it. What the customer was asked for it is taken back.
pub async fn unlink(tx: &mut Tx<'_>, config: &Config, mut tenant: TenantRow) -> Result<()> {
    rules::may_unlink(tenant.state, licenses::live(tx.db(), &tenant.id).await?)?;
    if let (Ok(()), Some(request)) = (rules::must_await_acceptance(tenant.state), &tenant.request_id) {
        let request = relationships::request(tx.db(), request).await?;
        relationships::withdraw(tx, config, request).await?;
        return Ok(());
    }
    tenant.state = TenantState::Unlinked;
    store::update(tx, &mut tenant).await?;
    credentials::forget(tx, &tenant).await?;
    tell(tx, Topic::TenantUnlinked, &tenant).await
}

/// Nobody can create what the customer has.
async fn keep_name(tx: &mut Tx<'_>, tenant: &TenantRow) -> Result<()> {
    if let Some(domain) = &tenant.domain {
        names::keep(tx, domain).await?;
    }
    Ok(())
}

/// Tells whoever linked a tenant, and whom its customer was asked to accept.
pub(super) async fn tell(tx: &mut Tx<'_>, topic: Topic, tenant: &TenantRow) -> Result<()> {
    let mut told = vec![tenant.partner_id.clone()];
    if let Some(id) = &tenant.request_id {
        let request = relationships::request(tx.db(), id).await?;
        let parties = relationships::parties_of(tx.db(), &request).await?;
        told.extend(parties.into_iter().map(|(party, _)| party.partner_id).filter(|id| *id != tenant.partner_id));
    }
    for partner_id in &told {
        tx.emit(topic, &TenantOf { tenant, partner_id });
    }
    Ok(())
}

/// Mails whoever linked it, where an address is known.
async fn tell_by_mail(tx: &mut Tx<'_>, kind: &'static str, tenant: &TenantRow) -> Result<()> {
    let partner = partners::find(tx.db(), &tenant.partner_id).await?;
    let Some(contact) = partner.primary_contact()? else { return Ok(()) };
    let customer = customers::get(tx.db(), &tenant.customer_id).await?;
    let mail = Mail::new(kind, &contact.email, partner.language)
        .with("company", customer.company_name.as_str())
        .with("tenant", tenant.name());
    mail::send(tx, &mail).await
}
