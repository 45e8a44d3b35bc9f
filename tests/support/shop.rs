//! A partner that is ready to sell: with a customer that has accepted the agreement, and its tenant. Made by the API.

use super::actor::Actor;
use super::house::House;
use lonja::partners::PartnerKind;
use lonja_sdk::types::{
    Address, Amount, AttestAgreement, Contact, CreateCustomer, CreateTenant, Customer, Entitlement, Order, PlaceOrder,
    PlaceOrderLine, RefundContact, RefundImpact, RequestRefund, RevealKey, Subscription, Tenant, TenantMode,
};
use uuid::Uuid;

/// Yearly software in pesos.
pub const WINDOWS_MXN: &str = "windows-server-standard-1y-mxn";
/// Yearly software in euros.
pub const WINDOWS_EUR: &str = "windows-server-standard-1y-eur";
/// Perpetual software in pesos.
pub const OFFICE_MXN: &str = "office-ltsc-professional-plus-mxn";

/// Seats of a cloud plan in pesos, paid by the month for a year; its family has no cap.
pub const E1_MXN: &str = "office-365-e1-mxn";
/// What they may be upgraded to, inside the family.
pub const E3_MXN: &str = "office-365-e3-mxn";

/// A partner with a customer and its tenant.
pub struct Shop {
    /// The partner's client.
    pub seller: Actor,
    /// Its customer.
    pub customer: Customer,
    /// The customer's tenant.
    pub tenant: Tenant,
}

impl Shop {
    /// A new direct-bill partner with a customer.
    pub async fn open(house: &House) -> Self {
        Self::of(house.partner(PartnerKind::DirectBill).await).await
    }

    /// A shop of this partner.
    pub async fn of(seller: Actor) -> Self {
        let customer = seller.lonja.create_customer(&new_customer()).await.unwrap();
        let agreed_at = "2020-01-01T00:00:00Z".parse().unwrap();
        let attest = AttestAgreement { contact: contact(), agreed_at };
        seller.lonja.attest_customer_agreement(&customer.id, &attest).await.unwrap();
        let name = format!("t{}", &Uuid::new_v4().simple().to_string()[..20]);
        let create = CreateTenant { mode: TenantMode::Create, name: Some(name), ..Default::default() };
        let tenant = seller.lonja.create_tenant(&customer.id, &create).await.unwrap();
        Self { seller, customer, tenant }
    }

    /// An order for the customer.
    pub fn order(&self, offer: &str, quantity: u32) -> PlaceOrder {
        PlaceOrder {
            customer_id: self.customer.id.clone(),
            tenant_id: self.tenant.id.clone(),
            lines: vec![PlaceOrderLine { offer_id: offer.to_owned(), quantity, ..Default::default() }],
            ..Default::default()
        }
    }

    /// Places an order.
    pub async fn buy(&self, offer: &str, quantity: u32) -> Order {
        self.seller.lonja.place_order(&self.order(offer, quantity)).await.unwrap()
    }

    /// Orders seats of a plan, and answers the subscription that begins.
    pub async fn subscribe(&self, offer: &str, seats: u32) -> Subscription {
        let order = self.buy(offer, seats).await;
        assert_eq!(order.state.as_str(), "completed");
        self.seller.lonja.get_subscription(order.lines[0].subscription_id.as_deref().unwrap()).await.unwrap()
    }

    /// What the first line of an order granted.
    pub async fn entitlement(&self, order: &Order) -> Entitlement {
        self.seller.lonja.get_entitlement(order.lines[0].entitlement_id.as_deref().unwrap()).await.unwrap()
    }

    /// Asks for the key of a version.
    pub fn reveal(version: &str) -> RevealKey {
        RevealKey {
            version: version.to_owned(),
            language: "es".to_owned(),
            bitness: "x64".into(),
            reason: "Instalación en el servidor".to_owned(),
            ..Default::default()
        }
    }

    /// Asks this amount back for the first line of an order.
    pub fn refund(order: &Order, amount: Amount) -> RequestRefund {
        RequestRefund {
            customer: new_customer().company_name,
            order_id: Some(order.id.clone()),
            amount,
            reason: "El cliente compró la edición equivocada".to_owned(),
            title: "Reembolso".to_owned(),
            impact: RefundImpact::Moderate,
            contact: RefundContact {
                name: "Marta Ruiz".to_owned(),
                email: "marta@distribuidora.example".to_owned(),
                phone: "+52 55 5555 0123".to_owned(),
            },
            ..Default::default()
        }
    }
}

/// A customer that passes every rule.
pub fn new_customer() -> CreateCustomer {
    CreateCustomer {
        company_name: "Panadería Sol S.A. de C.V.".to_owned(),
        country: "MX".to_owned(),
        address: Address {
            line1: "Av. Reforma 222".to_owned(),
            city: "Ciudad de México".to_owned(),
            state: Some("CMX".to_owned()),
            postal_code: "06600".to_owned(),
            ..Default::default()
        },
        contact: contact(),
        ..Default::default()
    }
}

/// A person that passes every rule.
pub fn contact() -> Contact {
    Contact {
        first_name: "Lucía".to_owned(),
        last_name: "Hernández".to_owned(),
        email: "lucia@panaderiasol.example".to_owned(),
        ..Default::default()
    }
}
