//! The main job, end to end, through the SDK alone: sell software, hand over the key, refund it.

use lonja_sdk::types::{ListCreditNotes, ListSoftware, QuoteRefund};
use lonja_tests::shop::{WINDOWS_EUR, WINDOWS_MXN};
use lonja_tests::{Backend, House, Shop};
use test_case::test_case;

/// REF-04's worked examples: offer, quantity, bought, cancelled, what is given back.
#[test_case(Backend::Sqlite, WINDOWS_EUR, 5, "2099-03-01T09:00:00Z", "2099-03-04T10:00:00Z", "1810.00 EUR"; "euros on sqlite")]
#[test_case(Backend::Postgres, WINDOWS_EUR, 5, "2099-03-01T09:00:00Z", "2099-03-04T10:00:00Z", "1810.00 EUR"; "euros on postgres")]
#[test_case(Backend::Sqlite, WINDOWS_MXN, 3, "2098-11-20T09:00:00Z", "2098-11-22T10:00:00Z", "14616.47 MXN"; "pesos on sqlite")]
#[test_case(Backend::Postgres, WINDOWS_MXN, 3, "2098-11-20T09:00:00Z", "2098-11-22T10:00:00Z", "14616.47 MXN"; "pesos on postgres")]
#[tokio::test]
async fn rule_ref_04_the_main_job_to_the_cent(
    backend: Backend,
    offer: &str,
    quantity: u32,
    bought: &str,
    cancelled: &str,
    given_back: &str,
) {
    let house = House::open(backend).await;
    let keys = house.stock("windows-server-standard", "2022", 1).await;
    house.set_clock(bought).await;
    let shop = Shop::open(&house).await;
    let lonja = &shop.seller.lonja;

    let preview = lonja.preview_order(&shop.order(offer, quantity)).await.unwrap();
    assert!(preview.possible && preview.lines[0].in_stock, "{:?}", preview.reasons);
    let order = shop.buy(offer, quantity).await;
    assert_eq!((order.state.as_str(), Some(&order.total)), ("completed", preview.total.as_ref()));

    let media = lonja.list_entitlement_media(order.lines[0].entitlement_id.as_deref().unwrap()).await.unwrap();
    assert!(media.items.iter().any(|medium| medium.version == "2022" && medium.language == "es"));
    let revealed =
        lonja.reveal_key(order.lines[0].entitlement_id.as_deref().unwrap(), &Shop::reveal("2022")).await.unwrap();
    assert_eq!(revealed.product_key.expose(), keys[0]);
    let owned = lonja.list_software(&shop.customer.id, &ListSoftware::default()).await.unwrap();
    let masked = owned.items[0].product_key.as_ref().unwrap();
    assert!(masked.masked.starts_with("XXXXX-") && keys[0].ends_with(&masked.masked[24..]));

    house.set_clock(cancelled).await;
    let ask = QuoteRefund { order_id: Some(order.id.clone()), ..Default::default() };
    let quote = lonja.quote_refund(&ask).await.unwrap();
    assert_eq!(format!("{} {}", quote.amount.amount, quote.amount.currency), given_back);
    let refund = lonja.request_refund(&Shop::refund(&order, quote.amount.clone())).await.unwrap();
    assert_eq!(refund.state.as_str(), "credited");

    let of_order = ListCreditNotes { order_id: Some(order.id.clone()), ..Default::default() };
    let notes = lonja.list_credit_notes(&of_order).await.unwrap();
    assert_eq!(notes.items.len(), 1);
    assert_eq!((notes.items[0].refund_id.as_ref(), &notes.items[0].total), (Some(&refund.id), &quote.amount));
    let gone =
        lonja.reveal_key(order.lines[0].entitlement_id.as_deref().unwrap(), &Shop::reveal("2022")).await.unwrap_err();
    assert_eq!((gone.status().map(|status| status.as_u16()), gone.code()), (Some(410), "key_revoked"));
    let owned = lonja.list_software(&shop.customer.id, &ListSoftware::default()).await.unwrap();
    assert_eq!(owned.items[0].state.as_str(), "cancelled");
    assert_eq!(lonja.get_order(&order.id).await.unwrap().state.as_str(), "cancelled");
}
