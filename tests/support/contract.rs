//! Every answer of every test server is checked against the document, and every operation that answered is noted, so
//! that the suite can tell which ones no test has tried.

use actix_web::body::{BoxBody, MessageBody, to_bytes};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::HeaderMap;
use actix_web::middleware::Next;
use actix_web::web::Data;
use jsonschema::Validator;
use serde_json::{Value, json};
use std::collections::{HashMap, HashSet};
use std::io::Write;
use std::sync::{Arc, LazyLock, Mutex};

/// What was found wrong with the answers of one server.
#[derive(Default)]
pub struct Complaints(Mutex<Vec<String>>);

impl Complaints {
    fn add(&self, complaint: String) {
        if let Ok(mut all) = self.0.lock() {
            all.push(complaint);
        }
    }

    /// Everything that was found wrong, once.
    pub fn taken(&self) -> Vec<String> {
        self.0.lock().map(|mut all| std::mem::take(&mut *all)).unwrap_or_default()
    }
}

static DOCUMENT: LazyLock<Value> =
    LazyLock::new(|| serde_json::from_str(&lonja::app::document().json).unwrap_or_default());

/// Wraps a test server.
pub async fn check(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let complaints = request.app_data::<Data<Complaints>>().cloned();
    let response = next.call(request).await?;
    let (request, response) = response.into_parts();
    let (head, body) = response.into_parts();
    let bytes = to_bytes(body).await.map_err(|_error| actix_web::error::ErrorInternalServerError("no body"))?;
    let found = verdict(&request, &head, &bytes);
    if let (Some(complaints), Err(complaint)) = (complaints, found) {
        let text = String::from_utf8_lossy(&bytes).chars().take(600).collect::<String>();
        complaints.add(format!("{} {} → {}: {complaint}\n    {text}", request.method(), request.path(), head.status()));
    }
    Ok(ServiceResponse::new(request, head.set_body(BoxBody::new(bytes))))
}

fn verdict(request: &actix_web::HttpRequest, head: &actix_web::HttpResponse<()>, body: &[u8]) -> Result<(), String> {
    let status = head.status();
    let header = |name: &str| head.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    for required in [
        "x-request-id",
        "x-content-type-options",
        "content-security-policy",
        "cache-control",
        "referrer-policy",
        "cross-origin-resource-policy",
    ] {
        if header(required).is_empty() {
            return Err(format!("the header {required} is missing"));
        }
    }
    let path = request.match_pattern().map(|pattern| lonja::http::document::template(&pattern));
    let method = request.method().as_str().to_lowercase();
    let operation = path.as_ref().and_then(|path| DOCUMENT.get("paths")?.get(path)?.get(&method));
    if request.method() == "OPTIONS" && status == 204 {
        return if header("allow").is_empty() { Err("no methods are allowed".to_owned()) } else { Ok(()) };
    }
    let is_handed_out = path.as_ref().is_some_and(|path| path.starts_with("/s/") || path.starts_with("/d/"));
    let Some(operation) = operation else {
        let pages = ["/docs", "/assets", "/openapi.json", "/accept/", "/link-invitations/", "/verify-email/"];
        let is_page = path.is_some_and(|path| pages.iter().any(|page| path.starts_with(page)));
        let explained = header("content-type").starts_with("application/problem+json");
        return if is_page || is_handed_out || explained {
            Ok(())
        } else {
            Err("neither documented nor a problem document".to_owned())
        };
    };
    let id = operation.get("operationId").and_then(Value::as_str).unwrap_or_default();
    note(id, status.as_u16());
    let exact = status.as_u16().to_string();
    let range = format!("{}XX", status.as_u16() / 100);
    let responses = operation.get("responses").ok_or("no responses are documented")?;
    let response = responses.get(&exact).or_else(|| responses.get(&range)).ok_or("this status is not documented")?;
    let response = followed(response);
    headers_are_as_declared(response, head.headers())?;
    if matches!(status.as_u16(), 204 | 304) {
        return if body.is_empty() { Ok(()) } else { Err(format!("{status} with a body")) };
    }
    let media = header("content-type").split(';').next().unwrap_or_default().to_owned();
    let schema = response
        .pointer(&format!("/content/{}/schema", media.replace('/', "~1")))
        .ok_or_else(|| format!("the content type {media:?} is not documented"))?;
    if media == "text/html" {
        let page = String::from_utf8_lossy(body);
        let is_page = page.starts_with("<!DOCTYPE html>\n<html lang=\"") && page.trim_end().ends_with("</html>");
        return if is_page { Ok(()) } else { Err("not a whole page".to_owned()) };
    }
    let value: Value = serde_json::from_slice(body).map_err(|error| format!("not JSON: {error}"))?;
    if value.get("status").and_then(Value::as_u64).is_some_and(|said| said != u64::from(status.as_u16()))
        && media == "application/problem+json"
    {
        return Err("the problem's status is not the answer's".to_owned());
    }
    validator(schema)?
        .iter_errors(&value)
        .next()
        .map_or(Ok(()), |error| Err(format!("not as documented at {}: {error}", error.instance_path())))
}

/// What the document does not declare: what every answer of the web carries, and what browsers alone obey.
const UNDECLARED: [&str; 10] = [
    "access-control-expose-headers",
    "content-length",
    "content-security-policy",
    "content-type",
    "cross-origin-resource-policy",
    "pragma",
    "referrer-policy",
    "strict-transport-security",
    "vary",
    "x-content-type-options",
];

/// Headers that are always there are there, none is that is not declared, and all look as they should.
fn headers_are_as_declared(response: &'static Value, sent: &HeaderMap) -> Result<(), String> {
    let declared = response.get("headers").and_then(Value::as_object).ok_or("no headers are documented")?;
    for (name, header) in declared {
        let header = followed(header);
        let Some(value) = sent.get(name) else {
            let is_always = header.get("required").is_some_and(|required| required == true);
            if is_always {
                return Err(format!("the documented header {name} is missing"));
            }
            continue;
        };
        let text = value.to_str().map_err(|_error| format!("the header {name} is no text"))?;
        let schema = header.get("schema").ok_or_else(|| format!("the header {name} has no schema"))?;
        let is_number = schema.get("type").is_some_and(|kind| kind == "integer");
        let value =
            if is_number { text.parse::<i64>().map_or_else(|_error| json!(text), Value::from) } else { json!(text) };
        if !validator(schema)?.is_valid(&value) {
            return Err(format!("the header {name} is not as documented: {text}"));
        }
    }
    let is_known =
        |name: &str| UNDECLARED.contains(&name) || declared.keys().any(|known| known.eq_ignore_ascii_case(name));
    let unknown = sent.keys().map(|name| name.as_str()).find(|name| !is_known(name));
    unknown.map_or(Ok(()), |name| Err(format!("the header {name} is not documented")))
}

/// What a reference leads to, where this is one.
fn followed(part: &'static Value) -> &'static Value {
    let target = part.get("$ref").and_then(Value::as_str).and_then(|text| DOCUMENT.pointer(text.strip_prefix('#')?));
    target.unwrap_or(part)
}

/// Compiled schemas: the same few are asked for again and again.
fn validator(schema: &Value) -> Result<Arc<Validator>, String> {
    static COMPILED: LazyLock<Mutex<HashMap<String, Arc<Validator>>>> = LazyLock::new(Mutex::default);
    let name = schema.to_string();
    let mut compiled = COMPILED.lock().map_err(|_poisoned| "the schemas are poisoned")?;
    if let Some(validator) = compiled.get(&name) {
        return Ok(validator.clone());
    }
    let components = DOCUMENT.get("components").cloned().unwrap_or_default();
    let whole = json!({ "allOf": [schema], "components": components });
    let validator = jsonschema::options()
        .should_validate_formats(true)
        .build(&whole)
        .map_err(|error| format!("the documented schema cannot be used: {error}"))?;
    let validator = Arc::new(validator);
    compiled.insert(name, validator.clone());
    Ok(validator)
}

/// Appends to the list that the runner reads in the end; each pair once a process.
#[expect(clippy::disallowed_methods, reason = "the suite is told by its runner where the list is")]
fn note(operation: &str, status: u16) {
    static NOTED: LazyLock<Mutex<HashSet<String>>> = LazyLock::new(Mutex::default);
    let line = format!("{operation} {status}\n");
    let is_new = NOTED.lock().is_ok_and(|mut noted| noted.insert(line.clone()));
    if let (true, Ok(path)) = (is_new, std::env::var("TESTED_OPERATIONS"))
        && let Ok(mut file) = std::fs::OpenOptions::new().append(true).create(true).open(path)
        && let Err(error) = file.write_all(line.as_bytes())
    {
        eprintln!("the list of operations cannot be written: {error}");
    }
}
