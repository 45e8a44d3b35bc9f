//! The operations over earnings.

use super::model::{Earning, EarningPage, ListEarnings};
use super::{agreements, comparisons, store};
use crate::access::permits::EarningsRead;
use crate::access::{Caller, Permit};
use crate::error::Result;
use crate::http::{Problems, Query};
use crate::state::App;
use actix_web::get;
use actix_web::web::Json;
use utoipa_actix_web::service_config::ServiceConfig;

/// Mounts the operations.
pub fn routes(service: &mut ServiceConfig<'_>) {
    service.service(list_earnings).configure(agreements::routes).configure(comparisons::routes);
}

/// List what the caller has earned as an advisor.
///
/// One accrual for each invoice, one reversal for each credit note that takes some of it back; nothing is ever edited.
#[utoipa::path(tag = "earnings", security(("oauth2" = [EarningsRead::NAME])), params(ListEarnings),
    responses((status = 200, description = "A page of earnings.", body = EarningPage), Problems))]
#[get("/v1/earnings")]
async fn list_earnings(
    app: App,
    caller: Caller<EarningsRead>,
    query: Query<ListEarnings>,
) -> Result<Json<EarningPage>> {
    let page = app.page(&caller, &query)?;
    let mut reader = app.read().await?;
    let rows = store::list(caller.viewer(), &mut reader.db()?, &query, &page).await?;
    let (rows, next_cursor) = page.cut(&app.vault, rows, |row| &row.id)?;
    let items = rows.into_iter().map(Earning::try_from).collect::<Result<_>>()?;
    Ok(Json(EarningPage { items, next_cursor }))
}
