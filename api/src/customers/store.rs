//! Queries over customers.

use super::model::{CustomerOf, CustomerRow};
use crate::access::Viewer;
use crate::db::Db;
use crate::db::schema::{customers, relationships};
use crate::db::write::Tx;
use crate::error::{Error, Result};
use crate::http::Page;
use crate::on;
use crate::relationships::RelationshipState;
use crate::topic::Topic;
use diesel::prelude::{ExpressionMethods, OptionalExtension, QueryDsl, SelectableHelper};
use diesel_async::RunQueryDsl;

/// `customers_of!(viewer)`: a partner sees the organisations it has an accepted relationship with, a customer itself
/// (CUS-05).
macro_rules! customers_of {
    ($viewer:expr) => {{
        let rows = customers::table.select(CustomerRow::as_select()).into_boxed();
        match $viewer {
            Viewer::Operator => rows,
            Viewer::Partner(id) => rows.filter(
                customers::id.eq_any(
                    relationships::table
                        .filter(relationships::partner_id.eq(id))
                        .filter(relationships::state.eq(RelationshipState::Accepted))
                        .select(relationships::customer_id),
                ),
            ),
            Viewer::Customer(id) => rows.filter(customers::id.eq(id)),
            Viewer::Enrolment => rows.filter(customers::id.eq("")),
        }
    }};
}

/// The customer with this id, for these eyes.
pub async fn find(viewer: &Viewer, db: &mut Db<'_>, id: &str) -> Result<CustomerRow> {
    on!(db, c => customers_of!(viewer).filter(customers::id.eq(id)).first(c))
        .optional()?
        .ok_or_else(|| Error::not_found("customer"))
}

/// A page of the customers that these eyes see.
pub async fn list(viewer: &Viewer, db: &mut Db<'_>, page: &Page) -> Result<Vec<CustomerRow>> {
    let Viewer::Partner(id) = viewer else {
        return Ok(on!(db, c => customers_of!(viewer)
            .filter(customers::id.gt(page.after()))
            .order(customers::id.asc())
            .limit(page.rows())
            .load(c))?);
    };
    // The page is cut where the relationships are, by their index: left to itself PostgreSQL at times reads all of the
    // partner's customers for each page.
    let on_page = relationships::table
        .filter(relationships::partner_id.eq(id))
        .filter(relationships::state.eq(RelationshipState::Accepted))
        .filter(relationships::customer_id.gt(page.after()))
        .order(relationships::customer_id.asc())
        .limit(page.rows())
        .select(relationships::customer_id);
    Ok(on!(db, c => customers::table
        .filter(customers::id.eq_any(on_page))
        .order(customers::id.asc())
        .select(CustomerRow::as_select())
        .load(c))?)
}

/// The customer with this id. For the house itself: what a caller may see of it is the caller's business.
pub async fn get(db: &mut Db<'_>, id: &str) -> Result<CustomerRow> {
    on!(db, c => customers::table.find(id).select(CustomerRow::as_select()).first(c))
        .optional()?
        .ok_or_else(|| Error::not_found("customer"))
}

/// Opens the record of an organisation that came by this partner.
pub async fn open(tx: &mut Tx<'_>, row: &CustomerRow, partner_id: &str) -> Result<()> {
    on!(tx.db(), c => diesel::insert_into(customers::table).values(row).execute(c))?;
    tx.emit(Topic::CustomerCreated, &CustomerOf { customer: row, partner_id });
    Ok(())
}

/// Writes a changed customer.
pub async fn update(tx: &mut Tx<'_>, row: &CustomerRow) -> Result<()> {
    on!(tx.db(), c => diesel::update(customers::table.find(&row.id)).set(row).execute(c))?;
    Ok(())
}
