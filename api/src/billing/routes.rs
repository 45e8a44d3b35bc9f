//! The operations over invoices and credit notes.

use super::model::{CreditNote, CreditNotePage, Invoice, InvoicePage, ListCreditNotes, ListInvoices};
use super::store;
use crate::access::permits::BillingRead;
use crate::access::{Caller, Permit};
use crate::error::Result;
use crate::http::{Id, Problems, Query, Shown};
use crate::state::App;
use actix_web::get;
use actix_web::web::Json;
use utoipa_actix_web::service_config::ServiceConfig;

/// Mounts the operations.
pub fn routes(service: &mut ServiceConfig<'_>) {
    service.service(list_invoices).service(get_invoice).service(list_credit_notes).service(get_credit_note);
}

/// List the invoices that the caller sees.
///
/// A partner sees those that were written to it, the operator all of them. The oldest first.
#[utoipa::path(tag = "billing", security(("oauth2" = [BillingRead::NAME])), params(ListInvoices),
    responses((status = 200, description = "A page of invoices.", body = InvoicePage), Problems))]
#[get("/v1/invoices")]
async fn list_invoices(app: App, caller: Caller<BillingRead>, query: Query<ListInvoices>) -> Result<Json<InvoicePage>> {
    let page = app.page(&caller, &query)?;
    let mut reader = app.read().await?;
    let mut db = reader.db()?;
    let (order, subscription) = (query.order_id.as_deref(), query.subscription_id.as_deref());
    let rows = store::list_invoices(caller.viewer(), &mut db, order, subscription, &page).await?;
    let (rows, next_cursor) = page.cut(&app.vault, rows, |row| &row.id)?;
    let lines = store::lines_of_invoices(&mut db, &rows).await?;
    let items = rows.into_iter().map(|row| Invoice::of(row, &lines)).collect::<Result<_>>()?;
    Ok(Json(InvoicePage { items, next_cursor }))
}

/// Get an invoice.
///
/// What is written stays as it is: what is given back is a credit note.
#[utoipa::path(tag = "billing", security(("oauth2" = [BillingRead::NAME])),
    params(("id" = String, Path, description = "The invoice's id.", max_length = 36)),
    responses((status = 200, description = "The invoice.", body = Invoice), Problems))]
#[get("/v1/invoices/{id:[^/:]+}")]
async fn get_invoice(app: App, caller: Caller<BillingRead>, id: Id) -> Result<Shown<Invoice>> {
    let mut reader = app.read().await?;
    let mut db = reader.db()?;
    let row = store::find_invoice(caller.viewer(), &mut db, &id).await?;
    let lines = store::lines_of_invoices(&mut db, std::slice::from_ref(&row)).await?;
    Ok(Shown(Invoice::of(row, &lines)?))
}

/// List the credit notes that the caller sees.
///
/// A partner sees those that were written to it, the operator all of them. The oldest first.
#[utoipa::path(tag = "billing", security(("oauth2" = [BillingRead::NAME])), params(ListCreditNotes),
    responses((status = 200, description = "A page of credit notes.", body = CreditNotePage), Problems))]
#[get("/v1/credit-notes")]
async fn list_credit_notes(
    app: App,
    caller: Caller<BillingRead>,
    query: Query<ListCreditNotes>,
) -> Result<Json<CreditNotePage>> {
    let page = app.page(&caller, &query)?;
    let mut reader = app.read().await?;
    let mut db = reader.db()?;
    let (order, subscription) = (query.order_id.as_deref(), query.subscription_id.as_deref());
    let rows = store::list_credit_notes(caller.viewer(), &mut db, order, subscription, &page).await?;
    let (rows, next_cursor) = page.cut(&app.vault, rows, |row| &row.id)?;
    let lines = store::lines_of_credit_notes(&mut db, &rows).await?;
    let items = rows.into_iter().map(|row| CreditNote::of(row, &lines)).collect::<Result<_>>()?;
    Ok(Json(CreditNotePage { items, next_cursor }))
}

/// Get a credit note.
///
/// What is written stays as it is: a correction is another credit note.
#[utoipa::path(tag = "billing", security(("oauth2" = [BillingRead::NAME])),
    params(("id" = String, Path, description = "The credit note's id.", max_length = 36)),
    responses((status = 200, description = "The credit note.", body = CreditNote), Problems))]
#[get("/v1/credit-notes/{id:[^/:]+}")]
async fn get_credit_note(app: App, caller: Caller<BillingRead>, id: Id) -> Result<Shown<CreditNote>> {
    let mut reader = app.read().await?;
    let mut db = reader.db()?;
    let row = store::find_credit_note(caller.viewer(), &mut db, &id).await?;
    let lines = store::lines_of_credit_notes(&mut db, std::slice::from_ref(&row)).await?;
    Ok(Shown(CreditNote::of(row, &lines)?))
}
