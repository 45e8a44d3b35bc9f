//! The operations over advisor agreements.

use super::model::{AdvisorAgreement, AdvisorAgreementPage, AgreementRow, ListAdvisorAgreements, MakeAgreement};
use crate::access::permits::{EarningsRead, EarningsWrite};
use crate::access::{Caller, Permit};
use crate::db::write::Answer;
use crate::earnings::{models, store};
use crate::error::{Code, Error, Fault, Result};
use crate::http::preconditions::IdempotencyHeader;
use crate::http::{Body, Created, IdempotencyKey, Problems, Query};
use crate::state::App;
use crate::topic::Topic;
use crate::{customers, partners};
use actix_web::web::Json;
use actix_web::{get, post};
use utoipa_actix_web::service_config::ServiceConfig;

/// Mounts the operations.
pub fn routes(service: &mut ServiceConfig<'_>) {
    service.service(list_advisor_agreements).service(make_advisor_agreement);
}

/// List the advisor agreements of the caller.
///
/// The oldest first.
#[utoipa::path(tag = "earnings", security(("oauth2" = [EarningsRead::NAME])), params(ListAdvisorAgreements),
    responses((status = 200, description = "A page of agreements.", body = AdvisorAgreementPage), Problems))]
#[get("/v1/advisor-agreements")]
async fn list_advisor_agreements(
    app: App,
    caller: Caller<EarningsRead>,
    query: Query<ListAdvisorAgreements>,
) -> Result<Json<AdvisorAgreementPage>> {
    let page = app.page(&caller, &query)?;
    let mut reader = app.read().await?;
    let customer = query.customer_id.as_deref();
    let rows = store::list_agreements(caller.viewer(), &mut reader.db()?, customer, &page).await?;
    let (rows, next_cursor) = page.cut(&app.vault, rows, |row| &row.id)?;
    let items = rows.into_iter().map(AdvisorAgreement::try_from).collect::<Result<_>>()?;
    Ok(Json(AdvisorAgreementPage { items, next_cursor }))
}

/// Become the advisor of a customer.
///
/// From its first day on every invoice for this customer that the partner sees earns a share: in the first year the one
/// that is given (16 to 23 %, seed 000), in each later year 4 %. One agreement for each partner and customer.
#[utoipa::path(tag = "earnings", request_body = MakeAgreement, security(("oauth2" = [EarningsWrite::NAME])),
    params(IdempotencyHeader),
    responses((status = 201, description = "The agreement.", body = AdvisorAgreement), Problems))]
#[post("/v1/advisor-agreements")]
async fn make_advisor_agreement(
    app: App,
    caller: Caller<EarningsWrite>,
    key: IdempotencyKey,
    body: Body<MakeAgreement>,
) -> Result<Answer> {
    app.write_once(&caller, key, &body, async |tx| {
        let customer = customers::find(caller.viewer(), tx.db(), &body.customer_id).await?;
        let partner = partners::find(tx.db(), caller.partner()?).await?;
        let starts_on = body.starts_on.unwrap_or_else(|| tx.now().date_naive());
        let model = models::on(starts_on)?;
        let mut faults: Vec<Fault> = partners::is_active(&partner).into_iter().collect();
        let rate = model.first_year(&body.first_year_percent).map_err(|fault| faults.push(fault)).ok();
        if let Some(known) = store::agreement_of(tx.db(), &partner.id, &customer.id).await? {
            let exists = Fault::at("/customerId", Code::AdvisorAgreementExists);
            faults.push(exists.with("agreementId", known.id));
        }
        let Some(rate) = rate.filter(|_| faults.is_empty()) else { return Err(Error::refused(faults)) };
        let row = AgreementRow {
            id: tx.id(),
            partner_id: partner.id,
            customer_id: customer.id,
            first_year_rate: rate.hundredths(),
            later_years_rate: model.later_years.hundredths(),
            starts_on: starts_on.to_string(),
            version: 1,
            created_at: tx.now().naive_utc(),
        };
        if !store::insert_agreement(tx, &row).await? {
            // Another transaction made one meanwhile.
            return Err(Error::new(Code::AdvisorAgreementExists));
        }
        tx.emit(Topic::AdvisorAgreementMade, &row);
        Ok(Created(AdvisorAgreement::try_from(row)?))
    })
    .await
}
