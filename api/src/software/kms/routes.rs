//! The operation over migration plans.

use super::model::KmsMigrationPlan;
use super::plan::Plan;
use crate::access::permits::SoftwareRead;
use crate::access::{Caller, Permit};
use crate::error::{Error, Result};
use crate::http::Problems;
use crate::software::csv_body::CsvBody;
use crate::state::App;
use actix_web::{HttpResponse, post, web};
use bytes::Bytes;
use futures_util::stream;
use utoipa_actix_web::service_config::ServiceConfig;

/// How many devices are written at once.
const PIECE: usize = 500;

/// Mounts the operation.
pub fn routes(service: &mut ServiceConfig<'_>) {
    service.service(plan_kms_migration);
}

/// Plan a customer's move from KMS to MAK.
///
/// The body is CSV with the columns `device` and `lastActivated`, separated by commas or semicolons. A device must have
/// its MAK 180 × 24 hours after it activated last against KMS; at that instant it is late. The answer lists the most
/// urgent first, with the script lines that put the key in where `%MAK%` stands, and tells wrong lines by their numbers.
/// Nothing is kept.
#[utoipa::path(tag = "software", security(("oauth2" = [SoftwareRead::NAME])),
    request_body(content = String, content_type = "text/csv", description = "The devices, at most 16 MiB."),
    responses((status = 200, description = "The plan.", body = KmsMigrationPlan), Problems))]
#[post("/v1/kms-migration-plans")]
async fn plan_kms_migration(app: App, _caller: Caller<SoftwareRead>, body: CsvBody) -> Result<HttpResponse> {
    body.must_have(&["device", "lastActivated"])?;
    let mut reader = app.read().await?;
    let now = app.now(&mut reader.db()?).await?;
    drop(reader);
    let planned = web::block(move || Plan::of(body.text(), body.separator(), now)).await;
    let mut plan = planned.map_err(Error::internal)?;
    // The head without its last two brackets; the devices follow piece by piece, as fast as the caller takes them.
    let mut head = serde_json::to_vec(&plan.head()).map_err(Error::internal)?;
    head.truncate(head.len() - 2);
    let begun = (plan, head, Some(0));
    let pieces = stream::unfold(begun, async |(plan, head, from)| {
        let (piece, next) = match with_some(head, &plan, from?) {
            Ok((piece, next)) => (Ok(Bytes::from(piece)), next),
            Err(error) => (Err(error), None),
        };
        Some((piece, (plan, Vec::new(), next)))
    });
    Ok(HttpResponse::Ok().content_type("application/json").streaming(Box::pin(pieces)))
}

/// The next devices behind what is written, and where to go on.
fn with_some(mut piece: Vec<u8>, plan: &Plan, from: usize) -> Result<(Vec<u8>, Option<usize>)> {
    for (index, device) in plan.some(from, PIECE).enumerate() {
        if from + index > 0 {
            piece.push(b',');
        }
        serde_json::to_writer(&mut piece, &device).map_err(Error::internal)?;
    }
    let next = Some(from + PIECE).filter(|next| *next < plan.len());
    if next.is_none() {
        piece.extend_from_slice(b"]}");
    }
    Ok((piece, next))
}
