//! The operations over customers.

use super::agreements::{attest_customer_agreement, list_customer_agreements};
use super::model::{CreateCustomer, Customer, CustomerOf, CustomerPage, CustomerRow, ListCustomers, UpdateCustomer};
use super::{rules, store};
use crate::access::permits::{CustomersRead, CustomersWrite};
use crate::access::{Caller, Permit};
use crate::db::words::Json;
use crate::db::write::{Answer, Tx};
use crate::error::{Result, all_or};
use crate::http::preconditions::{IdempotencyHeader, IfMatchHeader};
use crate::http::{Body, Created, Done, Id, IdempotencyKey, IfMatch, Problems, Query, Shown};
use crate::mail::{self, Mail};
use crate::partners::PartnerKind;
use crate::profiles::{Contact, PreferredLanguage};
use crate::state::App;
use crate::topic::Topic;
use crate::{gcc, links, partners, profiles, relationships};
use actix_web::{get, patch, post, web::Json as JsonAnswer};
use utoipa_actix_web::service_config::ServiceConfig;

/// Mounts the operations.
pub fn routes(service: &mut ServiceConfig<'_>) {
    service.service(list_customers).service(create_customer).service(get_customer).service(update_customer);
    service.service(list_customer_agreements).service(attest_customer_agreement);
}

/// List the customers that the caller sees.
///
/// A partner sees the organisations that have accepted it; oldest first.
#[utoipa::path(tag = "customers", security(("oauth2" = [CustomersRead::NAME])), params(ListCustomers),
    responses((status = 200, description = "A page of customers.", body = CustomerPage), Problems))]
#[get("/v1/customers")]
async fn list_customers(
    app: App,
    caller: Caller<CustomersRead>,
    query: Query<ListCustomers>,
) -> Result<JsonAnswer<CustomerPage>> {
    let page = app.page(&caller, &query)?;
    let mut reader = app.read().await?;
    let rows = store::list(caller.viewer(), &mut reader.db()?, &page).await?;
    let (rows, next_cursor) = page.cut(&app.vault, rows, |row| &row.id)?;
    let items = rows.into_iter().map(Customer::try_from).collect::<Result<_>>()?;
    Ok(JsonAnswer(CustomerPage { items, next_cursor }))
}

/// Create a customer.
///
/// Direct-bill partners and indirect providers create customers by themselves, an indirect reseller through a provider
/// that it has a live link with: both have the customer's relationship then (CUS-01). Nobody else sees the customer until
/// it has accepted them too.
#[utoipa::path(tag = "customers", request_body = CreateCustomer, security(("oauth2" = [CustomersWrite::NAME])),
    params(IdempotencyHeader),
    responses((status = 201, description = "The customer.", body = Customer), Problems))]
#[post("/v1/customers")]
async fn create_customer(
    app: App,
    caller: Caller<CustomersWrite>,
    key: IdempotencyKey,
    body: Body<CreateCustomer>,
) -> Result<Answer> {
    app.write_once(&caller, key, &body, async |tx| {
        let partner = partners::find(tx.db(), caller.partner()?).await?;
        let linked = match partner.kind {
            PartnerKind::IndirectReseller => links::live_providers_of(tx.db(), &partner.id).await?,
            PartnerKind::DirectBill | PartnerKind::IndirectProvider => Vec::new(),
        };
        let mut faults = Vec::new();
        let provider = rules::creates_through(&partner, &linked, body.provider_id.as_deref())
            .map_err(|found| faults.extend(found))
            .unwrap_or_default();
        if let Some(provider) = provider {
            faults.extend(rules::takes_customers(&partners::find(tx.db(), provider).await?));
        }
        faults.extend(profiles::company_name(&body.company_name, "/companyName"));
        faults.extend(profiles::contact(&body.contact, "/contact"));
        let country = rules::country(&body).map_err(|found| faults.extend(found)).unwrap_or_default();
        all_or((), faults)?;
        let customer = CustomerRow {
            id: tx.id(),
            company_name: body.company_name.clone(),
            country,
            address: Json::of(&body.address)?,
            contact: Json::of(&body.contact)?,
            language: body.language.unwrap_or(PreferredLanguage::Spanish),
            version: 1,
            created_at: tx.now().naive_utc(),
            organization_registration_number: body.organization_registration_number.clone(),
            contact_changed_by: None,
            merged_into: None,
        };
        store::open(tx, &customer, &partner.id).await?;
        relationships::accept(tx, &partner.id, &customer.id, None).await?;
        if let Some(provider) = provider {
            relationships::accept(tx, provider, &customer.id, None).await?;
            tx.emit(Topic::CustomerCreated, &CustomerOf { customer: &customer, partner_id: provider });
        }
        if let Some(code) = &body.gcc_validation_code {
            gcc::assign(tx, &partner, code, &customer, "/gccValidationCode").await?;
        }
        Ok(Created(Customer::try_from(customer)?))
    })
    .await
}

/// Get a customer.
///
/// One that is not a customer of the caller is answered like one that is not there. Its `ETag` is the version for a
/// change.
#[utoipa::path(tag = "customers", security(("oauth2" = [CustomersRead::NAME])),
    params(("id" = String, Path, description = "The customer's id.", max_length = 36)),
    responses((status = 200, description = "The customer.", body = Customer), Problems))]
#[get("/v1/customers/{id:[^/:]+}")]
async fn get_customer(app: App, caller: Caller<CustomersRead>, id: Id) -> Result<Shown<Customer>> {
    let mut reader = app.read().await?;
    let row = store::find(caller.viewer(), &mut reader.db()?, &id).await?;
    Ok(Shown(row.try_into()?))
}

/// Whoever was the contact until now learns who named another: the codes of the customer go there from now on (CUS-06).
async fn tell_of_new_contact(tx: &mut Tx<'_>, row: &CustomerRow, before: &Contact, partner_id: &str) -> Result<()> {
    let partner = partners::find(tx.db(), partner_id).await?;
    let mail = Mail::new("mail_contact_changed", &before.email, row.language)
        .with("company", row.company_name.as_str())
        .with("partner", partner.legal_name.as_str());
    mail::send(tx, &mail).await
}

/// Change a customer.
///
/// What is absent stays as it is. Needs the `ETag` of the customer as `If-Match`.
#[utoipa::path(tag = "customers", request_body = UpdateCustomer, security(("oauth2" = [CustomersWrite::NAME])),
    params(("id" = String, Path, description = "The customer's id.", max_length = 36), IfMatchHeader),
    responses((status = 200, description = "The customer as it is now.", body = Customer), Problems))]
#[patch("/v1/customers/{id:[^/:]+}")]
async fn update_customer(
    app: App,
    caller: Caller<CustomersWrite>,
    id: Id,
    if_match: IfMatch,
    body: Body<UpdateCustomer>,
) -> Result<Answer> {
    app.change(&caller, async |tx| {
        let mut row = store::find(caller.viewer(), tx.db(), &id).await?;
        if_match.demand(row.version)?;
        let mut faults = Vec::new();
        if let Some(name) = &body.company_name {
            faults.extend(profiles::company_name(name, "/companyName"));
            faults.extend(gcc::may_rename(tx.db(), &row, name).await?);
            row.company_name.clone_from(name);
        }
        if let Some(contact) = &body.contact {
            faults.extend(profiles::contact(contact, "/contact"));
            let before = row.contact.read::<Contact>()?;
            if before.email.to_lowercase() != contact.email.to_lowercase() {
                tell_of_new_contact(tx, &row, &before, caller.partner()?).await?;
                row.contact_changed_by = Some(caller.partner()?.to_owned());
            }
            row.contact = Json::of(contact)?;
        }
        if let Some(address) = &body.address {
            faults.extend(profiles::address(address, &row.country, "/address"));
            row.address = Json::of(address)?;
        }
        if let Some(number) = &body.organization_registration_number {
            faults.extend(profiles::registration_number(Some(number), &row.country, rules::REGISTRATION_NUMBER));
            row.organization_registration_number = Some(number.clone());
        }
        all_or((), faults)?;
        row.language = body.language.unwrap_or(row.language);
        row.version += 1;
        store::update(tx, &row).await?;
        tx.emit(Topic::CustomerUpdated, &CustomerOf { customer: &row, partner_id: caller.partner()? });
        Ok(Done(Customer::try_from(row)?))
    })
    .await
}
