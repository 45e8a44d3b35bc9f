//! Queries over earnings and advisor agreements. An advisor sees its own, the operator all.

use super::agreements::AgreementRow;
use super::model::{EarningRow, ListEarnings};
use crate::access::Viewer;
use crate::catalog::Channel;
use crate::db::Db;
use crate::db::schema::{advisor_agreements as agreements, earnings, orders};
use crate::db::write::Tx;
use crate::error::Result;
use crate::http::Page;
use crate::on;
use diesel::prelude::{ExpressionMethods, OptionalExtension, QueryDsl, SelectableHelper};
use diesel_async::RunQueryDsl;

/// `own!(earnings, EarningRow, viewer)`: the advisor's own rows.
macro_rules! own {
    ($table:ident, $row:ident, $viewer:expr) => {{
        let rows = $table::table.select($row::as_select()).into_boxed();
        match $viewer {
            Viewer::Operator => rows,
            Viewer::Partner(id) => rows.filter($table::partner_id.eq(id)),
            Viewer::Customer(_) | Viewer::Enrolment => rows.filter($table::id.eq("")),
        }
    }};
}

/// A page of agreements.
pub async fn list_agreements(
    viewer: &Viewer,
    db: &mut Db<'_>,
    customer_id: Option<&str>,
    page: &Page,
) -> Result<Vec<AgreementRow>> {
    Ok(on!(db, c => {
        let mut rows = own!(agreements, AgreementRow, viewer).filter(agreements::id.gt(page.after()));
        if let Some(customer_id) = customer_id {
            rows = rows.filter(agreements::customer_id.eq(customer_id));
        }
        rows.order(agreements::id.asc()).limit(page.rows()).load(c)
    })?)
}

/// The agreement between this partner and this customer.
pub async fn agreement_of(db: &mut Db<'_>, partner_id: &str, customer_id: &str) -> Result<Option<AgreementRow>> {
    Ok(on!(db, c => agreements::table
        .filter(agreements::partner_id.eq(partner_id))
        .filter(agreements::customer_id.eq(customer_id))
        .select(AgreementRow::as_select())
        .first(c))
    .optional()?)
}

/// Adds an agreement; `false` where there is one between the two already.
pub async fn insert_agreement(tx: &mut Tx<'_>, row: &AgreementRow) -> Result<bool> {
    let added =
        on!(tx.db(), c => diesel::insert_into(agreements::table).values(row).on_conflict_do_nothing().execute(c))?;
    Ok(added == 1)
}

/// Through which channel was bought.
pub async fn channel_of(db: &mut Db<'_>, order_id: &str) -> Result<Option<Channel>> {
    Ok(on!(db, c => orders::table.find(order_id).select(orders::channel).first(c)).optional()?)
}

/// A page of earnings.
pub async fn list(viewer: &Viewer, db: &mut Db<'_>, asked: &ListEarnings, page: &Page) -> Result<Vec<EarningRow>> {
    Ok(on!(db, c => {
        let mut rows = own!(earnings, EarningRow, viewer).filter(earnings::id.gt(page.after()));
        if let Some(customer_id) = &asked.customer_id {
            rows = rows.filter(earnings::customer_id.eq(customer_id));
        }
        if let Some(kind) = asked.kind {
            rows = rows.filter(earnings::kind.eq(kind));
        }
        rows.order(earnings::id.asc()).limit(page.rows()).load(c)
    })?)
}

/// What was earned by an invoice, and what was taken back of it so far.
pub async fn of_invoice(db: &mut Db<'_>, invoice_id: &str) -> Result<Vec<EarningRow>> {
    Ok(on!(db, c => earnings::table
        .filter(earnings::invoice_id.eq(invoice_id))
        .order(earnings::id.asc())
        .limit(10_000)
        .select(EarningRow::as_select())
        .load(c))?)
}

/// Adds an earning.
pub async fn insert(tx: &mut Tx<'_>, row: &EarningRow) -> Result<()> {
    on!(tx.db(), c => diesel::insert_into(earnings::table).values(row).execute(c))?;
    Ok(())
}
