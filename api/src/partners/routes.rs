//! The operations over partners.

use super::model::Partner;
use super::{advisors, agreements, directories, enrolment, reviews, store, users};
use crate::access::permits::OwnPartnerRead;
use crate::access::{Caller, Permit};
use crate::error::Result;
use crate::http::{Problems, Shown};
use crate::state::App;
use actix_web::get;
use utoipa_actix_web::service_config::ServiceConfig;

/// Mounts the operations.
pub fn routes(service: &mut ServiceConfig<'_>) {
    // Before what takes an id.
    service.service(get_own_partner);
    service.configure(enrolment::routes).configure(reviews::routes).configure(directories::routes);
    service.configure(agreements::routes).configure(users::routes).configure(advisors::routes);
}

/// Get the partner that the token speaks for.
///
/// Its kind, its country and where its enrolment stands: only an `active` partner sells.
#[utoipa::path(tag = "partners", security(("oauth2" = [OwnPartnerRead::NAME])),
    responses((status = 200, description = "The partner.", body = Partner), Problems))]
#[get("/v1/partners/me")]
async fn get_own_partner(app: App, caller: Caller<OwnPartnerRead>) -> Result<Shown<Partner>> {
    let mut reader = app.read().await?;
    let row = store::find(&mut reader.db()?, caller.partner()?).await?;
    Ok(Shown(row.try_into()?))
}
