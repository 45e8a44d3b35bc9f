//! The credentials of a new directory's first administrator: sealed until they are shown, once (TEN-04).

use super::administrator::Administrator;
use super::model::{TenantOf, TenantRow};
use crate::db::schema::tenant_credentials;
use crate::db::write::Tx;
use crate::error::{Code, Error, Result};
use crate::http::Resource;
use crate::on;
use crate::topic::Topic;
use crate::vault::Place;
use chrono::NaiveDateTime;
use diesel::prelude::{
    ExpressionMethods, Insertable, OptionalExtension, QueryDsl, Queryable, Selectable, SelectableHelper,
};
use diesel_async::RunQueryDsl;
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

/// Why the credentials are shown.
#[derive(Debug, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RevealTenantCredentials {
    /// Why; it stands in the audit record.
    #[validate(length(min = 1, max = 500))]
    #[schema(min_length = 1, max_length = 500, example = "Entrega al cliente")]
    pub reason: String,
}

/// What a new directory is first entered with.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TenantCredentials {
    /// The tenant.
    #[schema(format = Uuid, max_length = 36)]
    pub tenant_id: String,
    /// `admin@name.onmicrosoft.com`.
    #[schema(max_length = 100, example = "admin@panaderiasol.onmicrosoft.com")]
    pub user_name: String,
    /// To be changed at the first sign-in.
    #[schema(format = Password, max_length = 64)]
    pub temporary_password: String,
    #[serde(skip)]
    secret_of: String,
}

impl Resource for TenantCredentials {
    fn secret_of(&self) -> Option<String> {
        Some(self.secret_of.clone())
    }
}

#[derive(Insertable, Queryable, Selectable)]
#[diesel(table_name = tenant_credentials, treat_none_as_default_value = false)]
struct CredentialsRow {
    tenant_id: String,
    partner_id: String,
    user_name: String,
    sealed: Option<String>,
    created_at: NaiveDateTime,
    revealed_at: Option<NaiveDateTime>,
}

fn place<'a>(tenant_id: &'a str, owner: &'a str) -> Place<'a> {
    Place { column: "tenant_credentials.sealed", row: tenant_id, owner }
}

/// Makes and keeps the administrator of a new directory.
pub async fn make(tx: &mut Tx<'_>, tenant: &TenantRow, domain: &str) -> Result<()> {
    let Administrator { user_name, temporary_password } = Administrator::of(domain)?;
    let clear = temporary_password.expose_secret().as_bytes();
    let row = CredentialsRow {
        tenant_id: tenant.id.clone(),
        partner_id: tenant.partner_id.clone(),
        user_name,
        sealed: Some(tx.vault().seal(clear, place(&tenant.id, &tenant.partner_id))?),
        created_at: tx.now().naive_utc(),
        revealed_at: None,
    };
    on!(tx.db(), c => diesel::insert_into(tenant_credentials::table).values(&row).execute(c))?;
    Ok(())
}

/// Shows them to the partner that created the tenant. Afterwards the house no longer has them: only the answer is
/// replayed for a day, to the client that got it.
pub async fn reveal(tx: &mut Tx<'_>, tenant: &TenantRow, partner_id: &str, reason: &str) -> Result<TenantCredentials> {
    let kept: Option<CredentialsRow> = on!(tx.db(), c => tenant_credentials::table
        .find(&tenant.id)
        .select(CredentialsRow::as_select())
        .first(c))
    .optional()?;
    let own = kept.filter(|row| row.partner_id == partner_id);
    let row = own.ok_or_else(|| Error::new(Code::TenantHasNoCredentials))?;
    let Some(sealed) = row.sealed else {
        let revealed_at = row.revealed_at.map(|at| at.and_utc());
        return Err(Error::new(Code::CredentialsAlreadyRevealed).with("revealedAt", revealed_at));
    };
    let temporary_password = tx.vault().open_text(&sealed, place(&tenant.id, &row.partner_id))?;
    let now = tx.now().naive_utc();
    on!(tx.db(), c => diesel::update(tenant_credentials::table.find(&tenant.id))
        .set((tenant_credentials::sealed.eq(None::<String>), tenant_credentials::revealed_at.eq(Some(now))))
        .execute(c))?;
    tx.because(reason);
    tx.emit(Topic::TenantCredentialsRevealed, &TenantOf { tenant, partner_id });
    let secret_of = tenant.secret_name();
    Ok(TenantCredentials { tenant_id: tenant.id.clone(), user_name: row.user_name, temporary_password, secret_of })
}

/// Forgets them, with the answers that show them.
pub async fn forget(tx: &mut Tx<'_>, tenant: &TenantRow) -> Result<()> {
    on!(tx.db(), c => diesel::delete(tenant_credentials::table.find(&tenant.id)).execute(c))?;
    tx.forget_answers(&tenant.secret_name()).await
}
