//! What the error codes mean, for programs and for people: the `type` of every problem document leads here (PLT-05).

use super::model::{InLanguage, ProblemType, ProblemTypes};
use super::problem_pages::{ProblemTypePage, ProblemTypesPage};
use crate::error::{Code, Error, Result};
use crate::http::context::{RequestContext, Unlimited};
use crate::http::id::Name;
use crate::http::{Problems, Query};
use crate::pages::{Face, Layout, wants_a_page};
use crate::state::App;
use actix_web::{HttpRequest, get};
use utoipa_actix_web::service_config::ServiceConfig;

/// Mounts the operations.
pub fn routes(service: &mut ServiceConfig<'_>) {
    service.service(list_problem_types).service(get_problem_type);
}

/// List all error codes, with what they mean, in Spanish or English.
///
/// A browser is answered with a page.
#[utoipa::path(tag = "service", security(()), params(InLanguage),
    responses((status = 200, description = "All codes.",
        content((ProblemTypes = "application/json"), (String = "text/html"))), Problems))]
#[get("/problems")]
async fn list_problem_types(
    _unlimited: Unlimited,
    app: App,
    request: HttpRequest,
    query: Query<InLanguage>,
) -> Result<Face<ProblemTypes, ProblemTypesPage>> {
    let language = query.language.unwrap_or(RequestContext::of(&request)?.language);
    let mut codes = Code::ALL.to_vec();
    codes.sort_by_key(|code| code.status());
    let items: Vec<ProblemType> = codes.into_iter().map(|code| ProblemType::of(code, language)).collect();
    if wants_a_page(request.headers()) {
        let layout = Layout::of(&app.config, language, query.language, "/problems");
        return Ok(Face::Person(language, ProblemTypesPage::of(layout, items)));
    }
    Ok(Face::Program(language, ProblemTypes { items }))
}

/// Get what an error code means, in Spanish or English.
///
/// The `type` of every problem document leads here. A browser is answered with a page.
#[utoipa::path(tag = "service", security(()),
    params(("id" = String, Path, description = "The code.", max_length = 64), InLanguage),
    responses((status = 200, description = "The meaning.",
        content((ProblemType = "application/json"), (String = "text/html"))), Problems))]
#[get("/problems/{id:[^/:]+}")]
async fn get_problem_type(
    _unlimited: Unlimited,
    app: App,
    request: HttpRequest,
    id: Name,
    query: Query<InLanguage>,
) -> Result<Face<ProblemType, ProblemTypePage>> {
    let language = query.language.unwrap_or(RequestContext::of(&request)?.language);
    let code = Code::ALL.iter().find(|code| code.as_str() == &*id).ok_or_else(|| Error::not_found("problem_type"))?;
    if wants_a_page(request.headers()) {
        let layout = Layout::of(&app.config, language, query.language, &format!("/problems/{code}"));
        return Ok(Face::Person(language, ProblemTypePage::of(layout, *code, &app.config.public_url)?));
    }
    Ok(Face::Program(language, ProblemType::of(*code, language)))
}
