//! The operations over the audit trail.

use super::model::{AuditRecord, AuditRecordPage, ListAuditRecords, VerifyAuditRecords};
use super::search;
use super::verify::{Extent, Verification, verify};
use crate::access::permits::AuditRead;
use crate::access::{Caller, Permit, Viewer};
use crate::error::Result;
use crate::http::{Problems, Query};
use crate::state::App;
use actix_web::get;
use actix_web::web::Json;
use utoipa_actix_web::service_config::ServiceConfig;

/// How many records one call of the API looks at.
const MOST_RECORDS: i64 = 20_000;
/// And how many seals: on a quiet day a seal binds one record.
const MOST_SEALS: i64 = 2_000;

/// Mounts the operations.
pub fn routes(service: &mut ServiceConfig<'_>) {
    service.service(list_audit_records).service(verify_audit_records);
}

/// List audit records: what was done on the partner's behalf, and what was refused.
///
/// In the order of the sealed chain, oldest first: a record appears within a second or two of its change, and a reader
/// that keeps its cursor misses none. A page looks at some 10,000 records: where few pass the filters it holds fewer than
/// asked for, even none, and has a `nextCursor` nevertheless.
#[utoipa::path(tag = "audit", security(("oauth2" = [AuditRead::NAME])), params(ListAuditRecords),
    responses((status = 200, description = "A page of audit records.", body = AuditRecordPage), Problems))]
#[get("/v1/audit-records")]
async fn list_audit_records(
    app: App,
    caller: Caller<AuditRead>,
    query: Query<ListAuditRecords>,
) -> Result<Json<AuditRecordPage>> {
    let page = app.page(&caller, &query)?;
    let mut reader = app.read().await?;
    let found = search::list(caller.viewer(), &mut reader.db()?, &query, &page).await?;
    let searched = found.searched.map(|place| place.to_string());
    let (rows, next_cursor) =
        page.cut_or_go_on(&app.vault, found.rows, |(_, link)| link.position.to_string(), searched)?;
    let items = rows.into_iter().map(|(record, link)| AuditRecord::of(record, link)).collect();
    Ok(Json(AuditRecordPage { items, next_cursor }))
}

/// Verify the audit trail: every digest and signature of the chain is made again.
///
/// It tells an edit, a deletion, an exchange and a cut of what was sealed. What it cannot tell: a record removed in the
/// second or two before its seal; and newest seals removed together with their records, unless the digest of a later
/// head is known, from the log or from an earlier answer of this operation. One call looks at some 20,000 records
/// or 2,000 seals; `nextSeal` goes on.
#[utoipa::path(tag = "audit", security(("oauth2" = [AuditRead::NAME])), params(VerifyAuditRecords),
    responses((status = 200, description = "The state of the chain.", body = Verification), Problems))]
#[get("/v1/audit-records/verification")]
async fn verify_audit_records(
    app: App,
    caller: Caller<AuditRead>,
    query: Query<VerifyAuditRecords>,
) -> Result<Json<Verification>> {
    let from = query.from_seal.unwrap_or(1);
    let extent = Extent { from, most_records: MOST_RECORDS, most_seals: MOST_SEALS, head: None };
    let mut found = verify(&app, &extent, |_records| {}).await?;
    if let (Some(fault), Viewer::Partner(_)) = (found.first_fault.as_mut(), caller.viewer()) {
        // The chain is everybody's; whose record it is, is not (CUS-05).
        fault.record_id = None;
    }
    Ok(Json(found))
}
