//! A body of comma-separated values, larger than others may be.

use crate::error::{Code, Error, Fault, Result};
use crate::http::body;
use crate::http::context::RequestContext;
use crate::http::room::Received;
use crate::state::App;
use actix_web::http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use actix_web::{FromRequest, HttpRequest, dev::Payload};
use aws_lc_rs::digest::{SHA256, digest};
use base64::{Engine, engine::general_purpose::STANDARD};
use futures_util::future::LocalBoxFuture;

const KIND: &str = "text/csv";
const MARK: &[u8] = b"\xef\xbb\xbf";

/// The body, read to its end: nothing is done with half of one.
pub struct CsvBody(Received);

impl CsvBody {
    /// The text, without the mark that some programs begin it with.
    pub fn text(&self) -> &[u8] {
        let bytes = self.0.bytes.as_slice();
        bytes.strip_prefix(MARK).unwrap_or(bytes)
    }

    /// What tells two bodies apart.
    pub fn digest(&self) -> String {
        STANDARD.encode(digest(&SHA256, &self.0.bytes))
    }

    /// Refuses a file without these columns.
    pub fn must_have(&self, columns: &[&str]) -> Result<()> {
        let heading = self.text().split(|byte| *byte == b'\n').next().unwrap_or_default();
        let Ok(heading) = std::str::from_utf8(heading) else {
            // Some spreadsheets write another encoding: no column of it could be told.
            return Err(Error::refused(vec![Fault::at("", Code::CsvHeadingMissing).with("columns", columns)]));
        };
        let named: Vec<&str> =
            heading.split(char::from(self.separator())).map(|name| name.trim().trim_matches('"')).collect();
        let missing: Vec<&&str> = columns.iter().filter(|column| !named.contains(column)).collect();
        if missing.is_empty() {
            return Ok(());
        }
        Err(Error::refused(vec![Fault::at("", Code::CsvHeadingMissing).with("columns", missing)]))
    }

    /// The separator: the heading tells. Spreadsheets in Spanish write semicolons.
    pub fn separator(&self) -> u8 {
        let heading = self.text().split(|byte| *byte == b'\n').next().unwrap_or_default();
        if heading.contains(&b';') && !heading.contains(&b',') { b';' } else { b',' }
    }
}

impl FromRequest for CsvBody {
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<Self>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, payload) = (request.clone(), payload.take());
        Box::pin(async move {
            RequestContext::of(&request)?.gate.passed().await;
            let text = |name| request.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
            let kind = text(CONTENT_TYPE).split(';').next().unwrap_or_default().trim();
            let encoding = text(CONTENT_ENCODING);
            if !kind.eq_ignore_ascii_case(KIND) || !(encoding.is_empty() || encoding.eq_ignore_ascii_case("identity")) {
                return Err(Error::new(Code::UnsupportedMediaType).with("accepted", KIND));
            }
            let app = App::of(&request)?;
            let most = app.config.limits.import_bytes;
            Ok(Self(body::read(&app, &request, payload, most).await?))
        })
    }
}
