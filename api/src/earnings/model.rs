//! The types of earnings.

use super::rate::Rate;
use crate::db::schema::earnings;
use crate::db::write::Subject;
use crate::error::{Error, Result};
use crate::money::{Amount, Money};
use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::{Insertable, Queryable, Selectable};
use serde::Serialize;
use utoipa::ToSchema;

crate::word_enum! {
    /// What an earning is.
    pub enum EarningKind {
        /// Earned by an invoice.
        Accrual = "accrual",
        /// Taken back by a credit note.
        Reversal = "reversal",
    }
}

/// A row of `earnings`. Never edited.
#[derive(Debug, Clone, Insertable, Queryable, Selectable)]
#[diesel(table_name = earnings, treat_none_as_default_value = false)]
pub(super) struct EarningRow {
    pub id: String,
    pub partner_id: String,
    pub customer_id: String,
    pub agreement_id: String,
    pub kind: EarningKind,
    pub invoice_id: String,
    pub credit_note_id: Option<String>,
    pub year_number: i64,
    pub rate: i64,
    pub base_minor: i64,
    pub amount_minor: i64,
    pub currency: String,
    pub created_at: NaiveDateTime,
}

impl Subject for EarningRow {
    fn object_id(&self) -> &str {
        &self.id
    }
    fn partner_id(&self) -> Option<&str> {
        Some(&self.partner_id)
    }
}

/// What an advisor earned by an invoice, or what a credit note took back of it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Earning {
    /// Id.
    #[schema(format = Uuid, max_length = 36)]
    pub id: String,
    /// Earned, or taken back.
    pub kind: EarningKind,
    /// The advisor.
    #[schema(format = Uuid, max_length = 36)]
    pub partner_id: String,
    /// The customer.
    #[schema(format = Uuid, max_length = 36)]
    pub customer_id: String,
    /// The agreement.
    #[schema(format = Uuid, max_length = 36)]
    pub agreement_id: String,
    /// The invoice.
    #[schema(format = Uuid, max_length = 36)]
    pub invoice_id: String,
    /// The credit note that takes some of it back; null for accruals.
    #[schema(format = Uuid, max_length = 36)]
    pub credit_note_id: Option<String>,
    /// Which year of the agreement the invoice is in; counts from 1.
    #[schema(minimum = 1, example = 1)]
    pub year: i64,
    /// The share, in per cent.
    #[schema(max_length = 6, example = "18.5")]
    pub percent: String,
    /// What it is a share of: the invoice's total, or the credit note's.
    pub base: Amount,
    /// What is earned, or with a minus taken back; rounded half up, once.
    pub amount: Amount,
    /// When.
    pub created_at: DateTime<Utc>,
}

impl TryFrom<EarningRow> for Earning {
    type Error = Error;

    fn try_from(row: EarningRow) -> Result<Self> {
        let amount = |minor| {
            let money = Money::from_columns(minor, &row.currency);
            money.map(Amount::from).map_err(|fault| Error::internal(format!("earning {} has {fault:?}", row.id)))
        };
        Ok(Self {
            base: amount(row.base_minor)?,
            amount: amount(row.amount_minor)?,
            percent: Rate::of(row.rate).percent(),
            id: row.id,
            kind: row.kind,
            partner_id: row.partner_id,
            customer_id: row.customer_id,
            agreement_id: row.agreement_id,
            invoice_id: row.invoice_id,
            credit_note_id: row.credit_note_id,
            year: row.year_number,
            created_at: row.created_at.and_utc(),
        })
    }
}

crate::page_of! {
    /// A page of earnings.
    pub struct EarningPage of Earning;
}

crate::list_parameters! {
    /// Which earnings.
    pub struct ListEarnings {
        /// Only those by this customer.
        #[serde(default, deserialize_with = "crate::ids::lower_case_if_any")]
        #[validate(length(min = 1, max = 36))]
        #[param(format = Uuid, min_length = 1, max_length = 36)]
        pub customer_id: Option<String>,
        /// Only accruals, or only reversals.
        pub kind: Option<EarningKind>,
    }
}
