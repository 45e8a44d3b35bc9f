//! The customer agreement (CUS-06): its queries and its operations.

use super::model::{
    AgreementKind, AgreementMethod, AgreementRow, AttestAgreement, CustomerAgreement, CustomerAgreementPage,
    ListCustomerAgreements,
};
use super::{rules, store};
use crate::access::permits::{CustomerAgreementsWrite, CustomersRead};
use crate::access::{Caller, Permit};
use crate::db::Db;
use crate::db::schema::customer_agreements;
use crate::db::words::Json;
use crate::db::write::{Answer, Tx};
use crate::error::{Code, Error, Fault, Result, all_or};
use crate::http::{Body, Created, Id, IdempotencyKey, Problems, Query};
use crate::state::App;
use crate::topic::Topic;
use crate::{on, partners, profiles};
use actix_web::{get, post, web::Json as JsonAnswer};
use diesel::prelude::{ExpressionMethods, QueryDsl, SelectableHelper};
use diesel_async::RunQueryDsl;

/// Whether the customer has accepted the MCA: nobody buys before it has.
pub async fn has_accepted_mca(db: &mut Db<'_>, customer_id: &str) -> Result<bool> {
    let accepted: i64 = on!(db, c => customer_agreements::table
        .filter(customer_agreements::customer_id.eq(customer_id))
        .filter(customer_agreements::kind.eq(AgreementKind::Mca))
        .count()
        .get_result(c))?;
    Ok(accepted > 0)
}

/// Records an accepted agreement; refused when there is one already.
pub async fn record(tx: &mut Tx<'_>, row: &AgreementRow) -> Result<()> {
    let inserted = on!(tx.db(), c => diesel::insert_into(customer_agreements::table)
        .values(row)
        .on_conflict_do_nothing()
        .execute(c))?;
    if inserted == 0 {
        return Err(Error::new(Code::McaAlreadyAccepted));
    }
    tx.emit(Topic::CustomerAgreementAccepted, row);
    Ok(())
}

/// One record of an organisation leads to another: what it has accepted is there.
pub(super) async fn move_to(tx: &mut Tx<'_>, from: &str, into: &str) -> Result<()> {
    on!(tx.db(), c => diesel::update(customer_agreements::table.filter(customer_agreements::customer_id.eq(from)))
        .set(customer_agreements::customer_id.eq(into))
        .execute(c))?;
    Ok(())
}

/// List the agreements that a customer has accepted.
///
/// The oldest first.
#[utoipa::path(tag = "customers", security(("oauth2" = [CustomersRead::NAME])),
    params(("id" = String, Path, description = "The customer's id.", max_length = 36), ListCustomerAgreements),
    responses((status = 200, description = "The agreements.", body = CustomerAgreementPage), Problems))]
#[get("/v1/customers/{id:[^/:]+}/agreements")]
pub async fn list_customer_agreements(
    app: App,
    caller: Caller<CustomersRead>,
    id: Id,
    query: Query<ListCustomerAgreements>,
) -> Result<JsonAnswer<CustomerAgreementPage>> {
    let page = app.page(&caller, &query)?;
    let mut reader = app.read().await?;
    let mut db = reader.db()?;
    let customer = store::find(caller.viewer(), &mut db, &id).await?;
    let rows: Vec<AgreementRow> = on!(&mut db, c => customer_agreements::table
        .filter(customer_agreements::customer_id.eq(&customer.id))
        .filter(customer_agreements::id.gt(page.after()))
        .order(customer_agreements::id.asc())
        .limit(page.rows())
        .select(AgreementRow::as_select())
        .load(c))?;
    let (rows, next_cursor) = page.cut(&app.vault, rows, |row| &row.id)?;
    let items = rows.into_iter().map(CustomerAgreement::try_from).collect::<Result<_>>()?;
    Ok(JsonAnswer(CustomerAgreementPage { items, next_cursor }))
}

/// Attest that a customer has accepted the Microsoft Customer Agreement.
///
/// For direct-bill partners and indirect providers, as adminAgent or salesAgent (CUS-06). The date may not lie in the
/// future. Without it a customer cannot be sold anything.
#[utoipa::path(tag = "customers", request_body = AttestAgreement, security(("oauth2" = [CustomerAgreementsWrite::NAME])),
    params(("id" = String, Path, description = "The customer's id.", max_length = 36), crate::http::preconditions::IdempotencyHeader),
    responses((status = 201, description = "The agreement as recorded.", body = CustomerAgreement), Problems))]
#[post("/v1/customers/{id:[^/:]+}/agreements")]
pub async fn attest_customer_agreement(
    app: App,
    caller: Caller<CustomerAgreementsWrite>,
    id: Id,
    key: IdempotencyKey,
    body: Body<AttestAgreement>,
) -> Result<Answer> {
    app.write_once(&caller, key, &body, async |tx| {
        let customer = store::find(caller.viewer(), tx.db(), &id).await?;
        let partner = partners::find(tx.db(), caller.partner()?).await?;
        let mut faults = rules::may_attest(&partner);
        faults.extend(profiles::contact(&body.contact, "/contact"));
        if body.agreed_at > tx.now() {
            faults.push(Fault::at("/agreedAt", Code::McaDateInFuture).with("now", tx.now()));
        }
        all_or((), faults)?;
        let row = AgreementRow {
            id: tx.id(),
            customer_id: customer.id,
            partner_id: partner.id,
            kind: AgreementKind::Mca,
            method: AgreementMethod::Attested,
            contact: Json::of(&body.contact)?,
            agreed_at: body.agreed_at.naive_utc(),
            created_at: tx.now().naive_utc(),
        };
        record(tx, &row).await?;
        Ok(Created(CustomerAgreement::try_from(row)?))
    })
    .await
}
