//! The files that pages load, part of the binary.

use crate::error::{Code, Error, Result};
use crate::http::preconditions::is_known;
use actix_web::http::header::{CACHE_CONTROL, ETAG};
use actix_web::{HttpRequest, HttpResponse, web};
use std::sync::LazyLock;

struct Asset {
    name: &'static str,
    kind: &'static str,
    text: &'static str,
    version: String,
}

static ASSETS: LazyLock<[Asset; 2]> = LazyLock::new(|| {
    [
        asset("lonja.css", "text/css; charset=utf-8", include_str!("../../data/assets/lonja.css")),
        asset("lonja.svg", "image/svg+xml", include_str!("../../data/assets/lonja.svg")),
    ]
});

fn asset(name: &'static str, kind: &'static str, text: &'static str) -> Asset {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, text.as_bytes());
    let version = digest.as_ref().iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    Asset { name, kind, text, version }
}

/// A word for the content of an asset.
pub(super) fn version_of(name: &str) -> &'static str {
    ASSETS.iter().find(|asset| asset.name == name).map_or("", |asset| asset.version.as_str())
}

/// Mounts the files.
pub fn routes(service: &mut web::ServiceConfig) {
    service.service(web::resource("/assets/{name:[^/]+}").route(web::get().to(show_asset)));
}

async fn show_asset(request: HttpRequest) -> Result<HttpResponse> {
    let name = request.match_info().get("name").unwrap_or_default();
    let asset = ASSETS.iter().find(|asset| asset.name == name).ok_or_else(|| Error::new(Code::RouteNotFound))?;
    let tag = format!("\"{}\"", asset.version);
    // Asked for by its version it never changes; else whoever keeps it asks again.
    let is_lasting = request.query_string() == format!("v={}", asset.version);
    let keep = if is_lasting { "public, max-age=31536000, immutable" } else { "public, no-cache" };
    if is_known(request.headers(), &tag) {
        return Ok(HttpResponse::NotModified()
            .insert_header((ETAG, tag))
            .insert_header((CACHE_CONTROL, keep))
            .finish());
    }
    let mut response = HttpResponse::Ok();
    response.insert_header((ETAG, tag)).insert_header((CACHE_CONTROL, keep));
    Ok(response.content_type(asset.kind).body(asset.text))
}
