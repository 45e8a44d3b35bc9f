//! Queries over relationships.

use super::model::{RelationshipRow, RelationshipState};
use crate::access::Viewer;
use crate::db::Db;
use crate::db::schema::{indirect_provider_links as links, partners, relationship_request_parties, relationships};
use crate::db::write::Tx;
use crate::error::{Code, Error, Result};
use crate::http::Page;
use crate::links::LinkState;
use crate::on;
use crate::partners::PartnerKind;
use diesel::prelude::{
    BoolExpressionMethods, ExpressionMethods, JoinOnDsl, NullableExpressionMethods, OptionalExtension, QueryDsl,
    SelectableHelper,
};
use diesel_async::RunQueryDsl;

/// A partner's relationship with an organisation, whatever its state.
pub async fn between(db: &mut Db<'_>, partner_id: &str, customer_id: &str) -> Result<Option<RelationshipRow>> {
    Ok(on!(db, c => relationships::table
        .filter(relationships::partner_id.eq(partner_id))
        .filter(relationships::customer_id.eq(customer_id))
        .select(RelationshipRow::as_select())
        .first(c))
    .optional()?)
}

/// Records that the organisation has accepted the partner, for the first time or again.
pub async fn accept(
    tx: &mut Tx<'_>,
    partner_id: &str,
    customer_id: &str,
    request_id: Option<&str>,
) -> Result<RelationshipRow> {
    let now = tx.now().naive_utc();
    if let Some(mut row) = between(tx.db(), partner_id, customer_id).await? {
        if row.state != RelationshipState::Accepted {
            row.state = RelationshipState::Accepted;
            (row.accepted_at, row.ended_at) = (Some(now), None);
            row.request_id = request_id.map(str::to_owned);
            row.version += 1;
            update(tx, &row).await?;
        }
        return Ok(row);
    }
    let row = RelationshipRow {
        id: tx.id(),
        partner_id: partner_id.to_owned(),
        customer_id: customer_id.to_owned(),
        state: RelationshipState::Accepted,
        created_at: now,
        request_id: request_id.map(str::to_owned),
        accepted_at: Some(now),
        ended_at: None,
        version: 1,
    };
    on!(tx.db(), c => diesel::insert_into(relationships::table).values(&row).execute(c))?;
    Ok(row)
}

/// The partner's own live relationship with this id, to this organisation.
pub async fn find_own(db: &mut Db<'_>, partner_id: &str, customer_id: &str, id: &str) -> Result<RelationshipRow> {
    between(db, partner_id, customer_id)
        .await?
        .filter(|row| row.id == id && row.state == RelationshipState::Accepted)
        .ok_or_else(|| Error::not_found("relationship"))
}

/// A page of an organisation's relationships: a partner sees its own, and those that were accepted together with it.
pub async fn of_customer(
    viewer: &Viewer,
    db: &mut Db<'_>,
    customer_id: &str,
    page: &Page,
) -> Result<Vec<(RelationshipRow, String, PartnerKind)>> {
    Ok(on!(db, c => {
        let mut rows = relationships::table
            .inner_join(partners::table.on(partners::id.eq(relationships::partner_id)))
            .filter(relationships::customer_id.eq(customer_id))
            .filter(relationships::id.gt(page.after()))
            .into_boxed();
        match viewer {
            Viewer::Operator => {}
            Viewer::Partner(id) => {
                let together = relationship_request_parties::table
                    .filter(relationship_request_parties::partner_id.eq(id))
                    .filter(relationship_request_parties::accepted_at.is_not_null())
                    .select(relationship_request_parties::request_id.nullable());
                rows = rows.filter(relationships::partner_id.eq(id).or(relationships::request_id.eq_any(together)));
            }
            Viewer::Customer(_) | Viewer::Enrolment => rows = rows.filter(relationships::id.eq("")),
        }
        rows.order(relationships::id.asc())
            .limit(page.rows())
            .select((RelationshipRow::as_select(), partners::legal_name, partners::kind))
            .load::<(RelationshipRow, String, PartnerKind)>(c)
    })?)
}

/// Writes a changed relationship.
pub async fn update(tx: &mut Tx<'_>, row: &RelationshipRow) -> Result<()> {
    on!(tx.db(), c => diesel::update(relationships::table.find(&row.id)).set(row).execute(c))?;
    Ok(())
}

/// Of a customer that a partner does not see: a provider orders for its reseller's customer only once the customer has
/// accepted the provider itself (LNK-09). For who is not linked with anybody that serves it, there is no such customer.
pub async fn must_have_accepted_provider(db: &mut Db<'_>, viewer: &Viewer, customer_id: &str) -> Result<()> {
    let Viewer::Partner(provider_id) = viewer else { return Ok(()) };
    let resellers = links::table
        .filter(links::provider_id.eq(provider_id))
        .filter(links::state.eq(LinkState::Active))
        .select(links::reseller_id.assume_not_null());
    let served: i64 = on!(db, c => relationships::table
        .filter(relationships::customer_id.eq(customer_id))
        .filter(relationships::state.eq(RelationshipState::Accepted))
        .filter(relationships::partner_id.eq_any(resellers))
        .count()
        .get_result(c))?;
    if served == 0 { Ok(()) } else { Err(Error::new(Code::ProviderRelationshipRequired)) }
}

/// Whether the organisation has accepted the partner.
pub async fn is_accepted(db: &mut Db<'_>, partner_id: &str, customer_id: &str) -> Result<bool> {
    Ok(between(db, partner_id, customer_id).await?.is_some_and(|row| row.state == RelationshipState::Accepted))
}
