//! `GET /d/{token}`: the download itself. What is counted is what is sent: a download counts as it begins at the first
//! byte; one that was interrupted goes on from a later one (`Range`) without counting. HEAD, a part that is not there, a
//! file that the caller has already, and robots that follow links use nothing up.

use super::course::{self, Found, Part};
use super::media::{lies_at, missing, presigned};
use super::model::MediaFileRow;
use super::robots::is_robot;
use super::token;
use crate::db::write::Actor;
use crate::error::{Code, Error, Result};
use crate::http::context::{Public, RequestContext};
use crate::software::closed_page::{answered, token as token_in};
use crate::software::lifetime::HandOutState;
use crate::state::App;
use actix_files::NamedFile;
use actix_web::http::header::{
    ACCEPT_RANGES, CACHE_CONTROL, CONTENT_RANGE, ContentDisposition, DispositionParam, DispositionType, HeaderName,
    HeaderValue, LOCATION,
};
use actix_web::http::{Method, StatusCode};
use actix_web::{HttpRequest, HttpResponse, web};
use base64::{Engine, engine::general_purpose::STANDARD};
use std::path::Path;

/// Mounts the download, outside the document.
pub fn routes(service: &mut web::ServiceConfig) {
    service.service(web::resource("/d/{token}").route(web::get().to(download)));
}

async fn download(app: App, _public: Public, request: HttpRequest) -> Result<HttpResponse> {
    let served = serve(&app, &request).await;
    answered(&app, &request, "download", served)
}

async fn serve(app: &App, request: &HttpRequest) -> Result<HttpResponse> {
    let unknown = || Error::not_found("download_link");
    let id = token::read(&app.vault, token_in(request))?.ok_or_else(unknown)?;
    let mut reader = app.read().await?;
    let mut db = reader.db()?;
    let now = app.now(&mut db).await?;
    let found = Found::of(&mut db, &id).await?;
    drop(reader);
    // What was used up may still go on; the count decides that.
    if found.link.lifetime().state(&found.entitlement, now) != HandOutState::UsedUp {
        found.link.lifetime().must_be_active(&found.entitlement, now)?;
    }
    let file = found.file.ok_or_else(|| missing(None, "it is not listed any more"))?;
    let context = RequestContext::of(request)?;
    if is_robot(request.headers()) {
        return described(&file, StatusCode::OK);
    }
    let looks = context.method == Method::HEAD;
    if app.config.media.dir.is_empty() {
        if looks {
            return described(&file, StatusCode::OK);
        }
        let address = presigned(&app.config.media, &file)?;
        use_up(app, &context, &id, Part::Beginning).await?;
        let mut response = described(&file, StatusCode::FOUND)?;
        response.headers_mut().insert(LOCATION, HeaderValue::from_str(&address).map_err(Error::internal)?);
        return Ok(response);
    }
    let response = opened(app, &file).await?.into_response(request);
    if response.status() == StatusCode::RANGE_NOT_SATISFIABLE {
        return Err(Error::new(Code::RangeNotSatisfiable).with("size", file.size_bytes));
    }
    if let Some(part) = part_of(&response).filter(|_| !looks) {
        use_up(app, &context, &id, part).await?;
    }
    headed(response, &file)
}

async fn use_up(app: &App, context: &RequestContext, id: &str, part: Part) -> Result<()> {
    let actor = Actor {
        request_id: context.request_id.clone(),
        source_address: context.source_address.clone(),
        ..Actor::house("download_software")
    };
    app.write(&actor, async |tx| course::count(tx, id, part).await).await
}

/// The file, where it is there and as large as the list says.
async fn opened(app: &App, file: &MediaFileRow) -> Result<NamedFile> {
    let path = lies_at(Path::new(&app.config.media.dir), &file.path).map_err(|why| missing(Some(file), why))?;
    let opened = web::block(move || NamedFile::open(path)).await.map_err(Error::internal)?;
    let opened = opened.map_err(|why| missing(Some(file), why))?;
    if i64::try_from(opened.metadata().len()).ok() != Some(file.size_bytes) {
        return Err(missing(Some(file), "its size is not that of the list"));
    }
    let name = DispositionParam::Filename(file.name().to_owned());
    let attachment = ContentDisposition { disposition: DispositionType::Attachment, parameters: vec![name] };
    Ok(opened.set_content_type(mime_of_bytes()).set_content_disposition(attachment))
}

fn mime_of_bytes() -> actix_web::mime::Mime {
    actix_web::mime::APPLICATION_OCTET_STREAM
}

/// What an answer sends of the file; none where it sends nothing of it.
fn part_of(response: &HttpResponse) -> Option<Part> {
    match response.status() {
        StatusCode::OK => Some(Part::Beginning),
        StatusCode::PARTIAL_CONTENT => {
            let range = response.headers().get(CONTENT_RANGE).and_then(|range| range.to_str().ok());
            let ends = range.and_then(|range| range.strip_prefix("bytes ")?.split('/').next()?.split_once('-'));
            let ends = ends.and_then(|(first, last)| Some((first.parse::<i64>().ok()?, last.parse::<i64>().ok()?)));
            Some(
                ends.filter(|(first, _)| *first > 0)
                    .map_or(Part::Beginning, |(first, last)| Part::Rest(last - first + 1)),
            )
        }
        _ => None,
    }
}

/// Adds what proves that the file is whole: `Repr-Digest` is that of all of it, whichever part is sent.
fn headed(mut response: HttpResponse, file: &MediaFileRow) -> Result<HttpResponse> {
    let digest = format!("sha-256=:{}:", STANDARD.encode(bytes_of(&file.sha256)));
    let headers = response.headers_mut();
    for (name, value) in [
        (HeaderName::from_static("repr-digest"), digest.as_str()),
        (HeaderName::from_static("x-robots-tag"), "noindex, nofollow"),
        (CACHE_CONTROL, "no-store"),
        (ACCEPT_RANGES, "bytes"),
    ] {
        headers.insert(name, HeaderValue::from_str(value).map_err(Error::internal)?);
    }
    Ok(response)
}

/// The file in words, for who only looks.
fn described(file: &MediaFileRow, status: StatusCode) -> Result<HttpResponse> {
    let words = format!("{}\n{} bytes\nSHA-256 {}\n", file.name(), file.size_bytes, file.sha256);
    headed(HttpResponse::build(status).content_type("text/plain; charset=utf-8").body(words), file)
}

fn bytes_of(hex: &str) -> Vec<u8> {
    (0..hex.len()).step_by(2).filter_map(|at| u8::from_str_radix(hex.get(at..at + 2)?, 16).ok()).collect()
}
