//! The operations over a partner's users.

use super::model::{
    CreatePartnerUser, ListPartnerUsers, PartnerUser, PartnerUserPage, UpdatePartnerUser, UserRow, kept,
};
use super::{rules, store};
use crate::access::permits::{PartnerUsersWrite, PartnersRead};
use crate::access::{Caller, Permit};
use crate::db::write::Answer;
use crate::error::{Result, all_or};
use crate::http::id::InnerId;
use crate::http::preconditions::{IdempotencyHeader, IfMatchHeader, OptionalIfMatchHeader};
use crate::http::{Body, Created, Done, Id, IdempotencyKey, IfMatch, NoContent, Problems, Query, Shown};
use crate::state::App;
use crate::topic::Topic;
use crate::{partners, profiles};
use actix_web::{delete, get, patch, post, web::Json};
use utoipa_actix_web::service_config::ServiceConfig;

/// Mounts the operations.
pub fn routes(service: &mut ServiceConfig<'_>) {
    service.service(list_partner_users).service(create_partner_user).service(get_partner_user);
    service.service(update_partner_user).service(delete_partner_user);
}

/// List the users of a partner.
///
/// With their roles. The oldest first.
#[utoipa::path(tag = "partners", security(("oauth2" = [PartnersRead::NAME])),
    params(("id" = String, Path, description = "The partner's id.", max_length = 36), ListPartnerUsers),
    responses((status = 200, description = "A page of users.", body = PartnerUserPage), Problems))]
#[get("/v1/partners/{id:[^/:]+}/users")]
async fn list_partner_users(
    app: App,
    caller: Caller<PartnersRead>,
    id: Id,
    query: Query<ListPartnerUsers>,
) -> Result<Json<PartnerUserPage>> {
    let page = app.page(&caller, &query)?;
    let mut reader = app.read().await?;
    let mut db = reader.db()?;
    let partner = partners::find_administered(caller.viewer(), &mut db, &id).await?;
    let rows = store::list(&mut db, &partner.id, &page).await?;
    let (rows, next_cursor) = page.cut(&app.vault, rows, |row| &row.id)?;
    Ok(Json(PartnerUserPage { items: rows.into_iter().map(PartnerUser::from).collect(), next_cursor }))
}

/// Add a user to a partner.
///
/// Needs adminAgent. Nobody grants a role beyond its own, save that a globalAdmin may grant adminAgent (ENR-12).
#[utoipa::path(tag = "partners", request_body = CreatePartnerUser, security(("oauth2" = [PartnerUsersWrite::NAME])),
    params(("id" = String, Path, description = "The partner's id.", max_length = 36), IdempotencyHeader),
    responses((status = 201, description = "The user.", body = PartnerUser), Problems))]
#[post("/v1/partners/{id:[^/:]+}/users")]
async fn create_partner_user(
    app: App,
    caller: Caller<PartnerUsersWrite>,
    id: Id,
    key: IdempotencyKey,
    body: Body<CreatePartnerUser>,
) -> Result<Answer> {
    app.write_once(&caller, key, &body, async |tx| {
        let partner = partners::find_administered(caller.viewer(), tx.db(), &id).await?;
        rules::may_give(caller.may_grant().1, &[], &body.roles)?;
        let first = profiles::contact_name(&body.first_name, "/firstName");
        let last = profiles::contact_name(&body.last_name, "/lastName");
        all_or((), first.into_iter().chain(last).collect())?;
        let row = UserRow {
            id: tx.id(),
            partner_id: partner.id,
            email: body.email.to_lowercase(),
            first_name: body.first_name.clone(),
            last_name: body.last_name.clone(),
            roles: kept(&body.roles),
            version: 1,
            created_at: tx.now().naive_utc(),
        };
        store::insert(tx, &row).await?;
        tx.emit(Topic::PartnerUserCreated, &row);
        Ok(Created(PartnerUser::from(row)))
    })
    .await
}

/// Get a user of a partner.
///
/// With its roles. Its `ETag` is the version for a change.
#[utoipa::path(tag = "partners", security(("oauth2" = [PartnersRead::NAME])),
    params(("id" = String, Path, description = "The partner's id.", max_length = 36),
        ("userId" = String, Path, description = "The user's id.", max_length = 36)),
    responses((status = 200, description = "The user.", body = PartnerUser), Problems))]
#[get("/v1/partners/{id:[^/:]+}/users/{userId:[^/:]+}")]
async fn get_partner_user(
    app: App,
    caller: Caller<PartnersRead>,
    id: Id,
    user_id: InnerId,
) -> Result<Shown<PartnerUser>> {
    let mut reader = app.read().await?;
    let mut db = reader.db()?;
    let partner = partners::find_administered(caller.viewer(), &mut db, &id).await?;
    Ok(Shown(store::find(&mut db, &partner.id, &user_id).await?.into()))
}

/// Change the roles of a user.
///
/// The last globalAdmin stays one.
#[utoipa::path(tag = "partners", request_body = UpdatePartnerUser, security(("oauth2" = [PartnerUsersWrite::NAME])),
    params(("id" = String, Path, description = "The partner's id.", max_length = 36),
        ("userId" = String, Path, description = "The user's id.", max_length = 36), IfMatchHeader),
    responses((status = 200, description = "The user as it is now.", body = PartnerUser), Problems))]
#[patch("/v1/partners/{id:[^/:]+}/users/{userId:[^/:]+}")]
async fn update_partner_user(
    app: App,
    caller: Caller<PartnerUsersWrite>,
    id: Id,
    user_id: InnerId,
    if_match: IfMatch,
    body: Body<UpdatePartnerUser>,
) -> Result<Answer> {
    app.change(&caller, async |tx| {
        let partner = partners::find_administered(caller.viewer(), tx.db(), &id).await?;
        let mut row = store::find(tx.db(), &partner.id, &user_id).await?;
        if_match.demand(row.version)?;
        rules::may_give(caller.may_grant().1, &row.roles(), &body.roles)?;
        rules::keeps_an_admin(&row.roles(), &body.roles, store::admins(tx.db(), &partner.id).await?)?;
        row.roles = kept(&body.roles);
        store::update(tx, &mut row).await?;
        tx.emit(Topic::PartnerUserUpdated, &row);
        Ok(Done(PartnerUser::from(row)))
    })
    .await
}

/// Remove a user from a partner. The last globalAdmin stays.
///
/// API clients of the partner stay as they are.
#[utoipa::path(tag = "partners", security(("oauth2" = [PartnerUsersWrite::NAME])),
    params(("id" = String, Path, description = "The partner's id.", max_length = 36),
        ("userId" = String, Path, description = "The user's id.", max_length = 36), OptionalIfMatchHeader),
    responses((status = 204, description = "The user is removed."), Problems))]
#[delete("/v1/partners/{id:[^/:]+}/users/{userId:[^/:]+}")]
async fn delete_partner_user(
    app: App,
    caller: Caller<PartnerUsersWrite>,
    id: Id,
    user_id: InnerId,
    if_match: IfMatch,
) -> Result<Answer> {
    app.change(&caller, async |tx| {
        let partner = partners::find_administered(caller.viewer(), tx.db(), &id).await?;
        let row = store::find(tx.db(), &partner.id, &user_id).await?;
        if_match.honour(row.version)?;
        rules::may_give(caller.may_grant().1, &row.roles(), &[])?;
        rules::keeps_an_admin(&row.roles(), &[], store::admins(tx.db(), &partner.id).await?)?;
        store::delete(tx, &row.id).await?;
        tx.emit(Topic::PartnerUserDeleted, &row);
        Ok(NoContent)
    })
    .await
}
