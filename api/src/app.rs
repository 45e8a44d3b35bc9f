//! Puts the service together: the frame, then each feature's operations, then what answers everything else.

use crate::access::permits::SCOPES;
use crate::http::document::Document;
use crate::http::{declared, frame, problem};
use crate::state::State;
use crate::telemetry::{self, Meter};
use crate::{
    acceptance, access, audit, billing, catalog, customers, earnings, events, gcc, links, mail, markets, open, orders,
    pages, partners, refunds, relationships, renewals, sandbox, service, software, subscriptions, tenants, webhooks,
};
use actix_web::body::BoxBody;
use actix_web::dev::{ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::http::header::{ALLOW, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::from_fn;
use actix_web::web::Data;
use actix_web::{App, HttpRequest, HttpResponse, ResponseError, web};
use std::sync::{Arc, OnceLock};
use utoipa::openapi::security::{ClientCredentials, Flow, OAuth2, Scopes, SecurityScheme};
use utoipa::openapi::{Components, ContactBuilder, Info, InfoBuilder, OpenApi, OpenApiBuilder};
use utoipa_actix_web::AppExt;
use utoipa_actix_web::service_config::ServiceConfig;

/// Every documented operation, feature by feature.
fn operations(service: &mut ServiceConfig<'_>) {
    access::oauth::routes(service);
    access::clients::routes(service);
    partners::routes(service);
    links::routes(service);
    catalog::routes(service);
    markets::routes(service);
    customers::routes(service);
    relationships::routes(service);
    acceptance::routes(service);
    tenants::routes(service);
    gcc::routes(service);
    orders::routes(service);
    open::routes(service);
    subscriptions::routes(service);
    software::routes(service);
    billing::routes(service);
    renewals::routes(service);
    refunds::routes(service);
    earnings::routes(service);
    audit::routes(service);
    events::routes(service);
    webhooks::routes(service);
    sandbox::routes(service);
    mail::routes(service);
    service::routes(service);
}

/// The service for one worker.
pub fn build(
    state: Data<State>,
) -> App<
    impl ServiceFactory<
        ServiceRequest,
        Config = (),
        Response = ServiceResponse<BoxBody>,
        Error = actix_web::Error,
        InitError = (),
    >,
> {
    let document = Data::from(document());
    App::new()
        .wrap(from_fn(frame::frame))
        .app_data(Meter::of(&state.metrics))
        .app_data(state)
        .app_data(document)
        .into_utoipa_app()
        .configure(operations)
        .into_app()
        // What stands outside the document, all of it: the document itself, the page that shows it, the pages behind
        // links in mails, and what pages load.
        .configure(service::pages)
        .configure(partners::pages)
        .configure(pages::routes)
        .configure(acceptance::pages)
        .configure(links::pages)
        .configure(software::pages)
        .default_service(web::route().to(nothing_here))
}

/// What the admin port serves: health and metrics, for whoever watches the service.
pub fn admin(
    state: Data<State>,
) -> App<
    impl ServiceFactory<
        ServiceRequest,
        Config = (),
        Response = ServiceResponse<BoxBody>,
        Error = actix_web::Error,
        InitError = (),
    >,
> {
    App::new()
        .wrap(from_fn(frame::frame))
        .app_data(state)
        .app_data(Data::from(document()))
        .into_utoipa_app()
        .configure(service::health)
        .into_app()
        .configure(telemetry::routes)
}

/// 404, or the methods there are: as the answer to OPTIONS, or with 405.
async fn nothing_here(request: HttpRequest, document: Data<Document>) -> HttpResponse {
    match document.methods_at(request.path()) {
        None => problem::of_framework(StatusCode::NOT_FOUND).error_response(),
        Some(methods) => {
            let mut response = match *request.method() {
                Method::OPTIONS => HttpResponse::NoContent().finish(),
                _ => problem::of_framework(StatusCode::METHOD_NOT_ALLOWED).error_response(),
            };
            if let Ok(value) = HeaderValue::from_str(&methods.join(", ")) {
                response.headers_mut().insert(ALLOW, value);
            }
            response
        }
    }
}

/// The document, with its index; made once a process.
pub fn document() -> Arc<Document> {
    static DOCUMENT: OnceLock<Arc<Document>> = OnceLock::new();
    let complete = || declared::complete(&mut serde_json::to_value(openapi()).unwrap_or_default());
    DOCUMENT.get_or_init(|| Arc::new(Document::of(complete()))).clone()
}

/// What the router and the handlers know of the OpenAPI document.
fn openapi() -> OpenApi {
    let (_, mut document) = App::new().into_utoipa_app().openapi(head()).configure(operations).split_for_parts();
    document.webhooks = Some(webhooks::section());
    problem::document(&mut document);
    access::permits::document(&mut document);
    document
}

fn head() -> OpenApi {
    let scopes = Scopes::from_iter(SCOPES.iter().copied());
    let oauth2 = SecurityScheme::OAuth2(OAuth2::with_description(
        [Flow::ClientCredentials(ClientCredentials::new("/v1/oauth/token", scopes))],
        "Client credentials; the access token is a JWT signed with ES256, checked as RFC8725 says.",
    ));
    let mut components = Components::new();
    components.add_security_scheme("oauth2", oauth2);
    OpenApiBuilder::new().info(info()).components(Some(components)).build()
}

fn info() -> Info {
    InfoBuilder::new()
        .title("Lonja")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(include_str!("../data/description.md")))
        .contact(Some(ContactBuilder::new().name(Some("The operator of this marketplace")).build()))
        .build()
}
