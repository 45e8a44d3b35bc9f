//! `GET /metrics`, on the admin port only.

use super::gauges;
use crate::error::{Error, Result};
use crate::state::App;
use actix_web::{HttpResponse, web};
use prometheus::{Encoder, TEXT_FORMAT, TextEncoder};

/// Mounts what is scraped.
pub fn routes(service: &mut web::ServiceConfig) {
    service.service(web::resource("/metrics").route(web::get().to(show_metrics)));
}

async fn show_metrics(app: App) -> Result<HttpResponse> {
    let mut families = app.metrics.gather();
    families.extend(gauges::read(&app).await?.gather());
    let mut text = Vec::new();
    TextEncoder::new().encode(&families, &mut text).map_err(Error::internal)?;
    Ok(HttpResponse::Ok().content_type(TEXT_FORMAT).body(text))
}
