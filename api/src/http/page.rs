//! Pages (PLT-04): newest last, by an opaque cursor that belongs to its caller, list and filters.

use super::Query;
use crate::access::{Caller, Permit};
use crate::error::{Code, Error, Result};
use crate::vault::Vault;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

/// Rows of a page unless asked otherwise.
pub const DEFAULT_LIMIT: u32 = 50;
/// The most rows of a page.
pub const MAX_LIMIT: u32 = 200;

/// Parameters that every list has.
pub trait Paged {
    /// How many rows are wanted.
    fn limit(&self) -> Option<u32>;
    /// Where to go on.
    fn cursor(&self) -> Option<&str>;
}

/// The page that is asked for.
pub struct Page {
    after: String,
    limit: u32,
    bound_to: String,
}

impl Page {
    /// Reads `limit` and `cursor`.
    pub fn of<P: Permit, T: Paged>(caller: &Caller<P>, vault: &Vault, query: &Query<T>) -> Result<Self> {
        let list = format!("{}|{}", caller.context().operation_id(), caller.viewer().name());
        Self::bound_to(&list, vault, query)
    }

    /// The same for a list that is the same for everybody.
    pub fn for_everybody<T: Paged>(operation: &str, vault: &Vault, query: &Query<T>) -> Result<Self> {
        Self::bound_to(operation, vault, query)
    }

    fn bound_to<T: Paged>(list: &str, vault: &Vault, query: &Query<T>) -> Result<Self> {
        let bound_to = format!("{list}|{}", query.filters());
        let limit = query.limit().unwrap_or(DEFAULT_LIMIT).clamp(1, MAX_LIMIT);
        let after = match query.cursor() {
            None => String::new(),
            Some(cursor) => opened(vault, cursor, &bound_to)?.ok_or_else(|| Error::new(Code::InvalidCursor))?,
        };
        Ok(Self { after, limit, bound_to })
    }

    /// The id after which the page begins; empty at the start.
    pub fn after(&self) -> &str {
        &self.after
    }

    /// How many rows to read: one more than wanted, to see whether there are more.
    pub fn rows(&self) -> i64 {
        i64::from(self.limit) + 1
    }

    /// Cuts the extra row off and makes the cursor of the next page.
    pub fn cut<R>(&self, vault: &Vault, rows: Vec<R>, id: impl Fn(&R) -> &str) -> Result<(Vec<R>, Option<String>)> {
        self.cut_at(vault, rows, |row| id(row).to_owned())
    }

    /// The same for lists whose order is not that of their ids.
    pub fn cut_at<R>(
        &self,
        vault: &Vault,
        rows: Vec<R>,
        place: impl Fn(&R) -> String,
    ) -> Result<(Vec<R>, Option<String>)> {
        self.cut_or_go_on(vault, rows, place, None)
    }

    /// The same for lists that look at so many rows a page and no more: a page that is not full goes on from `searched`.
    pub fn cut_or_go_on<R>(
        &self,
        vault: &Vault,
        mut rows: Vec<R>,
        place: impl Fn(&R) -> String,
        searched: Option<String>,
    ) -> Result<(Vec<R>, Option<String>)> {
        let wanted = usize::try_from(self.limit).map_err(Error::internal)?;
        if rows.len() <= wanted {
            return Ok((rows, searched.map(|place| sealed(vault, &place, &self.bound_to)).transpose()?));
        }
        rows.truncate(wanted);
        let cursor = rows.last().map(|last| sealed(vault, &place(last), &self.bound_to)).transpose()?;
        Ok((rows, cursor))
    }
}

fn sealed(vault: &Vault, after: &str, bound_to: &str) -> Result<String> {
    let proof = vault.fingerprint(format!("cursor|{bound_to}|{after}").as_bytes())?;
    Ok(URL_SAFE_NO_PAD.encode(format!("{after}.{proof}")))
}

fn opened(vault: &Vault, cursor: &str, bound_to: &str) -> Result<Option<String>> {
    let Some(text) = URL_SAFE_NO_PAD.decode(cursor).ok().and_then(|bytes| String::from_utf8(bytes).ok()) else {
        return Ok(None);
    };
    let Some((after, _)) = text.split_once('.') else {
        return Ok(None);
    };
    let expected = sealed(vault, after, bound_to)?;
    let genuine = aws_lc_rs::constant_time::verify_slices_are_equal(expected.as_bytes(), cursor.as_bytes()).is_ok();
    Ok(genuine.then(|| after.to_owned()))
}

/// The parameters of a list: `limit`, `cursor`, and the filters that are given.
#[macro_export]
macro_rules! list_parameters {
    ($(#[$meta:meta])* pub struct $name:ident { $($(#[$field:meta])* pub $filter:ident: Option<$type:ty>,)* }) => {
        $(#[$meta])*
        #[derive(Debug, serde::Deserialize, utoipa::IntoParams, validator::Validate)]
        #[serde(rename_all = "camelCase", deny_unknown_fields)]
        #[into_params(parameter_in = Query, rename_all = "camelCase")]
        pub struct $name {
            /// How many at most; 50 unless said.
            #[validate(range(min = 1, max = 200))]
            #[param(minimum = 1, maximum = 200, nullable = false)]
            limit: Option<u32>,
            /// The `nextCursor` of the page before.
            #[validate(length(min = 1, max = 1000))]
            #[param(min_length = 1, max_length = 1000, nullable = false)]
            cursor: Option<String>,
            $($(#[$field])* #[param(nullable = false)] pub $filter: Option<$type>,)*
        }

        impl $crate::http::page::Paged for $name {
            fn limit(&self) -> Option<u32> {
                self.limit
            }
            fn cursor(&self) -> Option<&str> {
                self.cursor.as_deref()
            }
        }
    };
}

/// `page_of!(/// … pub struct RefundPage of Refund;)`: a page has a name of its own, because generators copy what is
/// generic into every use.
#[macro_export]
macro_rules! page_of {
    ($(#[$meta:meta])* pub struct $name:ident of $item:ty;) => {
        $(#[$meta])*
        #[derive(serde::Serialize, utoipa::ToSchema)]
        #[serde(rename_all = "camelCase")]
        pub struct $name {
            /// Oldest first.
            #[schema(max_items = 200)]
            pub items: Vec<$item>,
            /// Goes on after the last one; null at the end.
            #[schema(max_length = 1000)]
            pub next_cursor: Option<String>,
        }
    };
}
