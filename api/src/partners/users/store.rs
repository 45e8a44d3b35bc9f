//! Queries over a partner's users. The caller has shown that it may see the partner.

use super::model::UserRow;
use crate::access::Role;
use crate::db::Db;
use crate::db::schema::partner_users;
use crate::db::write::Tx;
use crate::error::{Code, Error, Fault, Result};
use crate::http::Page;
use crate::on;
use diesel::prelude::{ExpressionMethods, OptionalExtension, QueryDsl, SelectableHelper, TextExpressionMethods};
use diesel_async::RunQueryDsl;

/// The user with this id at this partner.
pub async fn find(db: &mut Db<'_>, partner_id: &str, id: &str) -> Result<UserRow> {
    on!(db, c => partner_users::table
        .filter(partner_users::partner_id.eq(partner_id))
        .filter(partner_users::id.eq(id))
        .select(UserRow::as_select())
        .first(c))
    .optional()?
    .ok_or_else(|| Error::not_found("user"))
}

/// A page of this partner's users.
pub async fn list(db: &mut Db<'_>, partner_id: &str, page: &Page) -> Result<Vec<UserRow>> {
    Ok(on!(db, c => partner_users::table
        .filter(partner_users::partner_id.eq(partner_id))
        .filter(partner_users::id.gt(page.after()))
        .order(partner_users::id.asc())
        .limit(page.rows())
        .select(UserRow::as_select())
        .load(c))?)
}

/// How many of this partner's users are globalAdmins.
pub async fn admins(db: &mut Db<'_>, partner_id: &str) -> Result<i64> {
    Ok(on!(db, c => partner_users::table
        .filter(partner_users::partner_id.eq(partner_id))
        .filter(partner_users::roles.like(format!("%{}%", Role::GlobalAdmin.as_str())))
        .count()
        .get_result(c))?)
}

/// Adds a user; a partner has one with each address.
pub async fn insert(tx: &mut Tx<'_>, row: &UserRow) -> Result<()> {
    let inserted =
        on!(tx.db(), c => diesel::insert_into(partner_users::table).values(row).on_conflict_do_nothing().execute(c))?;
    let taken = || Error::refused(vec![Fault::at("/email", Code::UserExists)]);
    if inserted == 0 { Err(taken()) } else { Ok(()) }
}

/// Writes a changed user as its next version.
pub async fn update(tx: &mut Tx<'_>, row: &mut UserRow) -> Result<()> {
    row.version += 1;
    on!(tx.db(), c => diesel::update(partner_users::table.find(&row.id)).set(&*row).execute(c))?;
    Ok(())
}

/// Removes a user.
pub async fn delete(tx: &mut Tx<'_>, id: &str) -> Result<()> {
    on!(tx.db(), c => diesel::delete(partner_users::table.find(id)).execute(c))?;
    Ok(())
}
