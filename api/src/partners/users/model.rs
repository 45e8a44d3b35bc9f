//! The types of a partner's users.

use crate::access::Role;
use crate::db::schema::partner_users;
use crate::db::write::Subject;
use crate::http::Resource;
use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::{AsChangeset, Insertable, Queryable, Selectable};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

/// A new user.
#[derive(Debug, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CreatePartnerUser {
    /// First name.
    #[validate(length(min = 1, max = 40))]
    #[schema(min_length = 1, max_length = 40, example = "Marta")]
    pub first_name: String,
    /// Last name.
    #[validate(length(min = 1, max = 40))]
    #[schema(min_length = 1, max_length = 40, example = "Ruiz")]
    pub last_name: String,
    /// Mail address; a partner has one user with it.
    #[validate(email, length(min = 3, max = 254))]
    #[schema(format = Email, min_length = 3, max_length = 254, example = "marta@distribuidora.example")]
    pub email: String,
    /// Roles, none beyond those of the client that asks, save that a globalAdmin may grant adminAgent (ENR-12).
    #[validate(length(max = 4))]
    #[schema(max_items = 4)]
    pub roles: Vec<Role>,
}

/// The roles that a user is to have from now on.
#[derive(Debug, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct UpdatePartnerUser {
    /// All of them; what is added is none beyond those of the client that asks (ENR-12).
    #[validate(length(max = 4))]
    #[schema(max_items = 4)]
    pub roles: Vec<Role>,
}

/// A row of `partner_users`.
#[derive(Debug, Clone, Insertable, Queryable, Selectable, AsChangeset)]
#[diesel(table_name = partner_users, treat_none_as_default_value = false)]
pub(super) struct UserRow {
    pub(super) id: String,
    pub(super) partner_id: String,
    pub(super) email: String,
    pub(super) first_name: String,
    pub(super) last_name: String,
    pub(super) roles: String,
    pub(super) version: i64,
    pub(super) created_at: NaiveDateTime,
}

impl UserRow {
    pub(super) fn roles(&self) -> Vec<Role> {
        self.roles.split_ascii_whitespace().filter_map(Role::of).collect()
    }
}

/// Roles as they are kept.
pub(super) fn kept(roles: &[Role]) -> String {
    let each_once = Role::ALL.iter().filter(|role| roles.contains(role));
    each_once.map(|role| role.as_str()).collect::<Vec<_>>().join(" ")
}

impl Subject for UserRow {
    fn object_id(&self) -> &str {
        &self.id
    }
    fn partner_id(&self) -> Option<&str> {
        Some(&self.partner_id)
    }
}

/// A person who works at a partner.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PartnerUser {
    /// Id.
    #[schema(format = Uuid, max_length = 36)]
    pub id: String,
    /// The partner.
    #[schema(format = Uuid, max_length = 36)]
    pub partner_id: String,
    /// First name.
    #[schema(max_length = 40)]
    pub first_name: String,
    /// Last name.
    #[schema(max_length = 40)]
    pub last_name: String,
    /// Mail address.
    #[schema(max_length = 254)]
    pub email: String,
    /// Roles.
    #[schema(max_items = 4)]
    pub roles: Vec<Role>,
    /// When the user was added.
    pub created_at: DateTime<Utc>,
    #[serde(skip)]
    version: i64,
}

impl From<UserRow> for PartnerUser {
    fn from(row: UserRow) -> Self {
        Self {
            roles: row.roles(),
            id: row.id,
            partner_id: row.partner_id,
            first_name: row.first_name,
            last_name: row.last_name,
            email: row.email,
            created_at: row.created_at.and_utc(),
            version: row.version,
        }
    }
}

impl Resource for PartnerUser {
    fn location(&self) -> Option<String> {
        Some(format!("/v1/partners/{}/users/{}", self.partner_id, self.id))
    }
    fn version(&self) -> Option<i64> {
        Some(self.version)
    }
}

crate::page_of! {
    /// A page of users.
    pub struct PartnerUserPage of PartnerUser;
}

crate::list_parameters! {
    /// Which users.
    pub struct ListPartnerUsers {}
}
