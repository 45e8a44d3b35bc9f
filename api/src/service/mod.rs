//! The service itself: whether it lives, what its error codes mean, and its document with a page to read it by.

mod model;
mod problem_pages;
mod problems;

use crate::error::{Code, Error, Result};
use crate::http::Problems;
use crate::http::document::Document;
use crate::http::preconditions::is_known;
use crate::state::App;
use actix_web::http::header::{CACHE_CONTROL, ETAG};
use actix_web::middleware::DefaultHeaders;
use actix_web::web::{self, Data, Json};
use actix_web::{HttpRequest, HttpResponse, get};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use utoipa_swagger_ui::{Config, SwaggerUi};

/// Mounts the operations.
pub fn routes(service: &mut ServiceConfig<'_>) {
    service.configure(health).configure(problems::routes);
}

/// Mounts what tells whether the service is well.
pub fn health(service: &mut ServiceConfig<'_>) {
    service.service(get_liveness).service(get_readiness);
}

/// Mounts what stands outside the document: the document, and the page that shows it. The page comes with the binary
/// and loads nothing from elsewhere.
pub fn pages(service: &mut web::ServiceConfig) {
    let policy = "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; frame-ancestors 'none'";
    let page = SwaggerUi::new("/{_:.*}").config(Config::from("/openapi.json").display_operation_id(true));
    service
        .service(web::resource("/openapi.json").route(web::get().to(show_document)))
        .service(web::resource("/docs").route(web::get().to(to_the_docs)))
        .service(
            web::scope("/docs").wrap(DefaultHeaders::new().add(("content-security-policy", policy))).service(page),
        );
}

/// Whether the service is well.
#[derive(Debug, Serialize, ToSchema)]
pub struct Health {
    /// `ok`.
    #[schema(max_length = 16, example = "ok")]
    status: &'static str,
}

/// Whether the process lives. Asks nothing else.
///
/// Answers as long as the process can answer at all: restart it where it does not.
#[utoipa::path(tag = "service", security(()),
    responses((status = 200, description = "It lives.", body = Health), Problems))]
#[get("/livez")]
async fn get_liveness() -> Json<Health> {
    Json(Health { status: "ok" })
}

/// Whether the service can do its work: the database answers and tokens can be signed.
///
/// Send no requests here while it answers 503.
#[utoipa::path(tag = "service", security(()),
    responses((status = 200, description = "It can.", body = Health), Problems))]
#[get("/readyz")]
async fn get_readiness(app: App) -> Result<Json<Health>> {
    let mut reader = app.read().await?;
    crate::db::write::business_now(&mut reader.db()?).await.map_err(|error| Error::new(Code::Busy).caused_by(error))?;
    if app.tokens.published()?.is_empty() {
        return Err(Error::new(Code::Busy).caused_by("there is no signing key"));
    }
    Ok(Json(Health { status: "ok" }))
}

async fn show_document(request: HttpRequest, document: Data<Document>) -> HttpResponse {
    let tag = format!("\"{}\"", document.etag);
    if is_known(request.headers(), &tag) {
        return HttpResponse::NotModified().insert_header((ETAG, tag)).finish();
    }
    HttpResponse::Ok()
        .insert_header((ETAG, tag))
        .insert_header((CACHE_CONTROL, "public, no-cache"))
        .content_type("application/json")
        .body(document.json.clone())
}

async fn to_the_docs() -> HttpResponse {
    HttpResponse::PermanentRedirect().insert_header(("location", "/docs/")).finish()
}
