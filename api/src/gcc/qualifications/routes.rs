//! The operations over customers' qualifications.

use super::assign::assign;
use super::model::{
    CustomerQualification, CustomerQualificationPage, ListCustomerQualifications, QualificationRow, QualifyCustomer,
};
use super::store;
use crate::access::permits::{GccRead, GccWrite};
use crate::access::{Caller, Permit, Viewer};
use crate::db::Db;
use crate::db::write::Answer;
use crate::error::{Code, Error, Result};
use crate::gcc::{self, rules};
use crate::http::preconditions::{IfNoneMatch, IfNoneMatchHeader, OptionalIfMatchHeader};
use crate::http::{Body, Done, Id, IfMatch, Problems, Query, Shown};
use crate::state::App;
use crate::{customers, partners};
use actix_web::{get, put, web::Json as JsonAnswer};
use utoipa_actix_web::service_config::ServiceConfig;

/// Mounts the operations.
pub fn routes(service: &mut ServiceConfig<'_>) {
    service.service(list_customer_qualifications).service(get_customer_gcc_qualification).service(qualify_customer);
}

/// What the caller may see of a customer's qualification (GCC-05).
async fn seen(viewer: &Viewer, db: &mut Db<'_>, customer_id: &str) -> Result<Option<QualificationRow>> {
    customers::find(viewer, db, customer_id).await?;
    if let Viewer::Partner(id) = viewer {
        let caller = partners::find(db, id).await?;
        let sellers = gcc::sellers(db, &caller).await?;
        rules::may_see_qualifications(&caller, &sellers)?;
    }
    store::of(db, customer_id).await
}

/// List what a customer is qualified for.
///
/// For partners that are qualified themselves, and for resellers of a qualified provider (GCC-05). A customer that another
/// partner has qualified shows it as soon as it has accepted the caller (GCC-14).
#[utoipa::path(tag = "gcc", security(("oauth2" = [GccRead::NAME])),
    params(("id" = String, Path, description = "The customer's id.", max_length = 36), ListCustomerQualifications),
    responses((status = 200, description = "The qualifications.", body = CustomerQualificationPage), Problems))]
#[get("/v1/customers/{id:[^/:]+}/qualifications")]
async fn list_customer_qualifications(
    app: App,
    caller: Caller<GccRead>,
    id: Id,
    query: Query<ListCustomerQualifications>,
) -> Result<JsonAnswer<CustomerQualificationPage>> {
    let page = app.page(&caller, &query)?;
    let mut reader = app.read().await?;
    let row = seen(caller.viewer(), &mut reader.db()?, &id).await?;
    let rows = row.into_iter().filter(|row| row.customer_id.as_str() > page.after()).collect();
    let (rows, next_cursor) = page.cut(&app.vault, rows, |row: &QualificationRow| &row.customer_id)?;
    let items = rows.into_iter().map(CustomerQualification::from).collect();
    Ok(JsonAnswer(CustomerQualificationPage { items, next_cursor }))
}

/// Get a customer's qualification for the government cloud.
///
/// 404 where the customer has none.
#[utoipa::path(tag = "gcc", security(("oauth2" = [GccRead::NAME])),
    params(("id" = String, Path, description = "The customer's id.", max_length = 36)),
    responses((status = 200, description = "The qualification.", body = CustomerQualification), Problems))]
#[get("/v1/customers/{id:[^/:]+}/qualifications/government-community-cloud")]
async fn get_customer_gcc_qualification(
    app: App,
    caller: Caller<GccRead>,
    id: Id,
) -> Result<Shown<CustomerQualification>> {
    let mut reader = app.read().await?;
    let row = seen(caller.viewer(), &mut reader.db()?, &id).await?;
    Ok(Shown(row.ok_or_else(|| Error::not_found("qualification"))?.into()))
}

/// Qualify a customer for the government cloud with a validation code.
///
/// Uses the code up by one, and only for the organisation that was validated (GCC-11). The first time with
/// `If-None-Match: *`. A customer holds one qualification: the same code again changes nothing, another one is refused.
#[utoipa::path(tag = "gcc", request_body = QualifyCustomer, security(("oauth2" = [GccWrite::NAME])),
    params(("id" = String, Path, description = "The customer's id.", max_length = 36), OptionalIfMatchHeader,
        IfNoneMatchHeader),
    responses((status = 200, description = "The qualification.", body = CustomerQualification), Problems))]
#[put("/v1/customers/{id:[^/:]+}/qualifications/government-community-cloud")]
async fn qualify_customer(
    app: App,
    caller: Caller<GccWrite>,
    id: Id,
    if_match: IfMatch,
    if_none_match: IfNoneMatch,
    body: Body<QualifyCustomer>,
) -> Result<Answer> {
    app.change(&caller, async |tx| {
        let customer = customers::find(caller.viewer(), tx.db(), &id).await?;
        let present = store::of(tx.db(), &customer.id).await?;
        if_none_match.or_demand(&if_match, present.as_ref().map(|row| row.version))?;
        match present {
            Some(mut row) if row.code_id.as_ref() == Some(&body.validation_code) => {
                store::touch(tx, &mut row).await?;
                Ok(Done(CustomerQualification::from(row)))
            }
            Some(_) => Err(Error::new(Code::GccCustomerAlreadyQualified).with("customerId", &customer.id)),
            None => {
                let partner = partners::find(tx.db(), caller.partner()?).await?;
                assign(tx, &partner, &body.validation_code, &customer, "/validationCode").await?;
                let row = store::of(tx.db(), &customer.id).await?;
                Ok(Done(row.ok_or_else(|| Error::not_found("qualification"))?.into()))
            }
        }
    })
    .await
}
