//! `POST /v1/key-stock/imports`: a file is read to its end first, so that one that was cut off brings nothing; then its
//! keys come in by some hundred a transaction. The import has a name, made once for its idempotency key: a repeat of one
//! that was interrupted goes on where that stood, and a repeat of one that ended is answered the same (PLT-02).

use super::csv_body::CsvBody;
use super::import::{ImportReport, Known, RefusedLine, import_as, read_keys};
use crate::access::permits::StockWrite;
use crate::access::{Caller, Permit};
use crate::db::schema::key_imports;
use crate::db::write::{Answer, Tx};
use crate::error::{Error, Result};
use crate::http::preconditions::IdempotencyHeader;
use crate::http::{Done, IdempotencyKey, Problems, Resource};
use crate::on;
use crate::state::App;
use actix_web::{post, web};
use chrono::NaiveDateTime;
use diesel::prelude::{ExpressionMethods, Insertable, QueryDsl};
use diesel_async::RunQueryDsl;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

/// Mounts the operation.
pub fn routes(service: &mut ServiceConfig<'_>) {
    service.service(import_key_stock);
}

#[derive(Insertable)]
#[diesel(table_name = key_imports, treat_none_as_default_value = false)]
struct ImportRow {
    id: String,
    client_id: String,
    report: Option<String>,
    started_at: NaiveDateTime,
    finished_at: Option<NaiveDateTime>,
}

/// What became of a file of keys.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct KeyImport {
    /// The import's id.
    #[schema(format = Uuid, max_length = 36)]
    pub id: String,
    /// Keys that it brought into stock.
    #[schema(minimum = 0)]
    pub imported: u64,
    /// Lines that were refused, each with its number and why; the first 1000 of them.
    #[schema(max_items = 1000)]
    pub refused: Vec<RefusedLine>,
    /// How many lines were refused.
    #[schema(minimum = 0)]
    pub refused_total: u64,
}

/// The name of an import.
#[derive(Serialize, Deserialize)]
struct Begun {
    id: String,
}

impl Resource for Begun {}

/// Take product keys into stock.
///
/// The body is CSV with the columns `product`, `version`, `key` and, if wanted, `kind`, separated by commas or semicolons.
/// Good lines are taken, wrong ones told by their numbers, the first 1000 of them; a key that was ever imported before is
/// refused. Orders that
/// wait for keys complete, the oldest first. A repeat with the same key goes on with an import that was interrupted.
#[utoipa::path(tag = "software", security(("oauth2" = [StockWrite::NAME])), params(IdempotencyHeader),
    request_body(content = String, content_type = "text/csv", description = "The keys, at most 16 MiB."),
    responses((status = 200, description = "What became of the file.", body = KeyImport), Problems))]
#[post("/v1/key-stock/imports")]
async fn import_key_stock(app: App, caller: Caller<StockWrite>, key: IdempotencyKey, body: CsvBody) -> Result<Answer> {
    let begin = async |tx: &mut Tx<'_>| {
        body.must_have(&["product", "version", "key"])?;
        let row = ImportRow {
            id: tx.id(),
            client_id: tx.actor().client_id.clone(),
            report: None,
            started_at: tx.now().naive_utc(),
            finished_at: None,
        };
        on!(tx.db(), c => diesel::insert_into(key_imports::table).values(&row).execute(c))?;
        tx.about("key_import", &row.id);
        Ok(Done(Begun { id: row.id }))
    };
    let begun = app.write_once_for(&caller, key, &body.digest(), begin).await?;
    let Begun { id } = serde_json::from_str(&begun.body).map_err(Error::internal)?;
    let report = match report_of(&app, &id).await? {
        Some(report) => report,
        None => run(&app, &id, body).await?,
    };
    Ok(Answer { body: report, ..begun })
}

async fn run(app: &App, id: &str, body: CsvBody) -> Result<String> {
    // A large file is no work for a thread that serves others.
    let known = Known::of(app).await?;
    let read = web::block(move || {
        let mut report = ImportReport::default();
        read_keys(body.text(), body.separator(), &known, &mut report).map(|keys| (keys, report))
    });
    let (keys, mut report) = read.await.map_err(Error::internal)??;
    import_as(app, keys, Some(id), &mut report, |_done| {}).await?;
    let ImportReport { imported, refused, refused_total } = report;
    let import = KeyImport { id: id.to_owned(), imported, refused, refused_total };
    let text = serde_json::to_string(&import).map_err(Error::internal)?;
    let finish = async |tx: &mut Tx<'_>| {
        let now = tx.now().naive_utc();
        let ended = key_imports::table.find(id).filter(key_imports::report.is_null());
        on!(tx.db(), c => diesel::update(ended)
            .set((key_imports::report.eq(&text), key_imports::finished_at.eq(now)))
            .execute(c))?;
        Ok(())
    };
    app.upkeep("import_key_stock", finish).await?;
    // A repeat may have been quicker; what was kept first counts for all.
    Ok(report_of(app, id).await?.unwrap_or(text))
}

async fn report_of(app: &App, id: &str) -> Result<Option<String>> {
    let mut reader = app.read().await?;
    let kept: Vec<Option<String>> =
        on!(&mut reader.db()?, c => key_imports::table.find(id).select(key_imports::report).load(c))?;
    Ok(kept.into_iter().next().flatten())
}
