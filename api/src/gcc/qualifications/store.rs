//! Queries over customers' qualifications.

use super::model::{Grant, QualificationRow};
use crate::access::Viewer;
use crate::customers;
use crate::customers::CustomerRow;
use crate::db::Db;
use crate::db::schema::{
    customer_qualifications as qualifications, customers as organizations, gcc_validations, relationships,
};
use crate::db::write::Tx;
use crate::error::{Code, Error, Fault, Result};
use crate::gcc::rules::organization_key;
use crate::gcc::{customer_validations, store as validations};
use crate::on;
use crate::partners::Qualification;
use crate::relationships::RelationshipState;
use crate::topic::Topic;
use diesel::prelude::{ExpressionMethods, JoinOnDsl, OptionalExtension, QueryDsl, SelectableHelper};
use diesel_async::RunQueryDsl;

/// What a customer is qualified for. Whether the caller sees the customer, it has found out.
pub async fn of(db: &mut Db<'_>, customer_id: &str) -> Result<Option<QualificationRow>> {
    Ok(on!(db, c => qualifications::table
        .find(customer_id)
        .select(QualificationRow::as_select())
        .first(c))
    .optional()?)
}

/// Whether the customer may have offers of the government cloud (GCC-13).
pub async fn is_qualified(db: &mut Db<'_>, customer_id: &str) -> Result<bool> {
    Ok(of(db, customer_id).await?.is_some())
}

/// The qualified customers that a partner sees: ids and names.
pub async fn qualified_of(viewer: &Viewer, db: &mut Db<'_>, most: i64) -> Result<Vec<(String, String)>> {
    let Viewer::Partner(partner_id) = viewer else { return Ok(Vec::new()) };
    Ok(on!(db, c => qualifications::table
        .inner_join(organizations::table.on(organizations::id.eq(qualifications::customer_id)))
        .inner_join(relationships::table.on(relationships::customer_id.eq(qualifications::customer_id)))
        .filter(relationships::partner_id.eq(partner_id))
        .filter(relationships::state.eq(RelationshipState::Accepted))
        .order(organizations::id.asc())
        .limit(most)
        .select((organizations::id, organizations::company_name))
        .load(c))?)
}

/// Qualifies a customer; it holds one qualification, also when two come at once (GCC-11).
pub async fn grant(tx: &mut Tx<'_>, customer_id: &str, grant: Grant<'_>) -> Result<()> {
    let row = QualificationRow {
        customer_id: customer_id.to_owned(),
        qualification: Qualification::GovernmentCommunityCloud,
        validation_id: grant.validation_id.to_owned(),
        code_id: grant.code_id.map(str::to_owned),
        partner_id: grant.partner_id.to_owned(),
        partner_of_record_id: grant.partner_of_record_id.map(str::to_owned),
        version: 1,
        granted_at: tx.now().naive_utc(),
    };
    let inserted = on!(tx.db(), c => diesel::insert_into(qualifications::table)
        .values(&row)
        .on_conflict_do_nothing()
        .execute(c))?;
    if inserted == 0 {
        return Err(Error::new(Code::GccCustomerAlreadyQualified).with("customerId", customer_id));
    }
    tx.emit(Topic::CustomerQualified, &row);
    Ok(())
}

/// A name that makes another organisation of a customer: while it is qualified, or its validation is open, it stays who was
/// reviewed (GCC-10, GCC-11).
pub async fn may_rename(db: &mut Db<'_>, customer: &CustomerRow, name: &str) -> Result<Option<Fault>> {
    if organization_key(name) == organization_key(&customer.company_name) {
        return Ok(None);
    }
    let open = validations::open_of(db, &[customer_validations::of_customer(&customer.id)]).await?;
    let is_settled = open.is_some() || is_qualified(db, &customer.id).await?;
    Ok(is_settled.then(|| {
        Fault::at("/companyName", Code::GccOrganizationDiffers)
            .with("recorded", &customer.company_name)
            .with("given", name)
    }))
}

/// One record of an organisation leads to another: what it is qualified for it is there, and what was asked for it is
/// about that one.
pub async fn move_to(tx: &mut Tx<'_>, from: &str, into: &str) -> Result<()> {
    let (old, new) = (customers::get(tx.db(), from).await?, customers::get(tx.db(), into).await?);
    let is_same =
        organization_key(&old.company_name) == organization_key(&new.company_name) && old.country == new.country;
    let subjects = [customer_validations::of_customer(from), customer_validations::of_customer(into)];
    let [old_subject, new_subject] = &subjects;
    // Who was reviewed under another name is not qualified by being merged.
    if !is_same || is_qualified(tx.db(), into).await? {
        return Ok(());
    }
    if validations::open_of(tx.db(), std::slice::from_ref(new_subject)).await?.is_none() {
        on!(tx.db(), c => diesel::update(gcc_validations::table.filter(gcc_validations::subject.eq(old_subject)))
            .set((
                gcc_validations::subject.eq(new_subject),
                gcc_validations::customer_id.eq(into),
                gcc_validations::version.eq(gcc_validations::version + 1),
            ))
            .execute(c))?;
    }
    let Some(mut row) = of(tx.db(), from).await? else { return Ok(()) };
    on!(tx.db(), c => diesel::delete(qualifications::table.find(from)).execute(c))?;
    into.clone_into(&mut row.customer_id);
    row.version += 1;
    on!(tx.db(), c => diesel::insert_into(qualifications::table).values(&row).execute(c))?;
    tx.emit(Topic::CustomerQualified, &row);
    Ok(())
}

/// Writes a qualification as its next version.
pub async fn touch(tx: &mut Tx<'_>, row: &mut QualificationRow) -> Result<()> {
    row.version += 1;
    on!(tx.db(), c => diesel::update(qualifications::table.find(&row.customer_id)).set(&*row).execute(c))?;
    Ok(())
}
