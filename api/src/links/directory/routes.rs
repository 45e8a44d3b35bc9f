//! The operations over the directory.

use super::model::{
    EntryRow, IndirectProvider, IndirectProviderPage, ListIndirectProviders, ProviderOffering, UpdateDirectoryEntry,
};
use super::{rules, store};
use crate::access::permits::{LinksReadAsPartner, LinksWrite};
use crate::access::{Caller, Permit};
use crate::db::write::Answer;
use crate::error::{Error, Result, all_or};
use crate::http::preconditions::{IfNoneMatch, IfNoneMatchHeader, OptionalIfMatchHeader};
use crate::http::{Body, Done, IfMatch, Problems, Query, Shown};
use crate::links::region;
use crate::links::rules::is_kind;
use crate::partners::{self, PartnerKind, PartnerRow};
use crate::state::App;
use crate::topic::Topic;
use actix_web::web::Json;
use actix_web::{get, put};
use utoipa_actix_web::service_config::ServiceConfig;

/// Mounts the operations.
pub fn routes(service: &mut ServiceConfig<'_>) {
    service.service(list_indirect_providers).service(get_own_directory_entry).service(update_own_directory_entry);
}

/// List the active providers of the caller's region.
///
/// By what they offer: a reseller evaluates them and asks one for an invitation (LNK-13).
#[utoipa::path(tag = "links", security(("oauth2" = [LinksReadAsPartner::NAME])), params(ListIndirectProviders),
    responses((status = 200, description = "A page of providers.", body = IndirectProviderPage), Problems))]
#[get("/v1/indirect-providers")]
async fn list_indirect_providers(
    app: App,
    caller: Caller<LinksReadAsPartner>,
    query: Query<ListIndirectProviders>,
) -> Result<Json<IndirectProviderPage>> {
    let page = app.page(&caller, &query)?;
    let mut reader = app.read().await?;
    let mut db = reader.db()?;
    let own = partners::find(&mut db, caller.partner()?).await?;
    let countries = region::countries_beside(&own.country, app.now(&mut db).await?);
    let rows = store::list(&mut db, &countries, query.offering, &page).await?;
    let (rows, next_cursor) = page.cut(&app.vault, rows, |row| &row.0.0)?;
    let items = rows.into_iter().map(|(company, entry)| IndirectProvider::of(company, entry)).collect();
    Ok(Json(IndirectProviderPage { items, next_cursor }))
}

/// Get the entry of the provider that the token speaks for.
///
/// As resellers of the region see it. 404 as long as the provider has written none.
#[utoipa::path(tag = "links", security(("oauth2" = [LinksReadAsPartner::NAME])),
    responses((status = 200, description = "The entry.", body = IndirectProvider), Problems))]
#[get("/v1/indirect-providers/me")]
async fn get_own_directory_entry(app: App, caller: Caller<LinksReadAsPartner>) -> Result<Shown<IndirectProvider>> {
    let mut reader = app.read().await?;
    let mut db = reader.db()?;
    let own = partners::find(&mut db, caller.partner()?).await?;
    let entry = store::find_own(&mut db, &own.id).await?.ok_or_else(|| Error::not_found("directory entry"))?;
    Ok(Shown(IndirectProvider::of(company(own), Some(entry))))
}

/// Write the entry of the provider that the token speaks for.
///
/// All of it is replaced. Needs the `ETag` of the entry as `If-Match`; the first time, `If-None-Match: *`.
#[utoipa::path(tag = "links", request_body = UpdateDirectoryEntry, security(("oauth2" = [LinksWrite::NAME])),
    params(OptionalIfMatchHeader, IfNoneMatchHeader),
    responses((status = 200, description = "The entry as it is now.", body = IndirectProvider), Problems))]
#[put("/v1/indirect-providers/me")]
async fn update_own_directory_entry(
    app: App,
    caller: Caller<LinksWrite>,
    if_match: IfMatch,
    if_none_match: IfNoneMatch,
    body: Body<UpdateDirectoryEntry>,
) -> Result<Answer> {
    app.change(&caller, async |tx| {
        let own = partners::find(tx.db(), caller.partner()?).await?;
        all_or((), is_kind(&own, PartnerKind::IndirectProvider).into_iter().collect())?;
        if let Some(fault) = body.website.as_ref().and_then(|website| rules::website(website, "/website")) {
            return Err(Error::invalid(vec![fault]));
        }
        let known = store::find_own(tx.db(), &own.id).await?;
        let version = known.as_ref().map(|entry| entry.version);
        if_none_match.or_demand(&if_match, version)?;
        let offers = |offering| body.offerings.contains(&offering);
        let entry = EntryRow {
            provider_id: own.id.clone(),
            offers_training: offers(ProviderOffering::Training),
            offers_marketing: offers(ProviderOffering::Marketing),
            offers_financing: offers(ProviderOffering::Financing),
            description: body.description.clone(),
            contact_email: body.contact_email.clone(),
            contact_phone: body.contact_phone.clone(),
            website: body.website.clone(),
            version: version.unwrap_or_default() + 1,
            updated_at: tx.now().naive_utc(),
        };
        match known {
            Some(_) => store::update(tx, &entry).await?,
            None => store::insert(tx, &entry).await?,
        }
        tx.emit(Topic::IndirectProviderUpdated, &entry);
        Ok(Done(IndirectProvider::of(company(own), Some(entry))))
    })
    .await
}

fn company(own: PartnerRow) -> store::Company {
    (own.id, own.legal_name, own.country)
}
