//! A small believable marketplace to begin with: a provider, two resellers, a direct-bill partner with customers in
//! three countries, an offer list with software, and a stock of sample keys, those of the Open programme too.

use crate::access::clients::{self, NewClient};
use crate::access::permits::{NOT_FOR_OPERATORS, SCOPES, scopes_for};
use crate::access::{Role, TokenKind};
use crate::catalog::{self, Catalogue, Channel};
use crate::customers::{self, CustomerSeed};
use crate::db::write::{Actor, Tx};
use crate::error::{Error, Result};
use crate::partners::{self, NewPartner, PartnerKind, PartnerRow, PartnerState};
use crate::software::{self, ImportReport, KnownProducts};
use crate::state::State;
use crate::tenants::{self, NewTenant};
use crate::vault::random_bytes;
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::fmt::Write;

const CATALOGUE: &str = include_str!("../../data/catalogues/sample.json");
const OFFICE_365_2013: &str = include_str!("../../data/catalogues/office-365-2013.json");
/// Sample keys of each version.
const KEYS: usize = 40;

/// What a seeded sandbox is entered with. Kept in `sandbox.json` of the data directory, for the owner only.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Seeded {
    /// API clients with their secrets.
    pub clients: Vec<SeededClient>,
    /// A customer of the direct-bill partner.
    pub customer_id: String,
    /// Its tenant.
    pub tenant_id: String,
}

/// An API client of a seeded sandbox.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SeededClient {
    /// Whose it is: `directBill`, `indirectProvider`, `indirectReseller`, `secondReseller`, `operator`.
    pub name: String,
    /// The id to authenticate with.
    pub client_id: String,
    /// The secret.
    pub client_secret: String,
    /// The partner; none for the operator.
    pub partner_id: Option<String>,
}

impl Seeded {
    /// Whether these credentials are of the database at hand.
    async fn is_of(&self, state: &State) -> Result<bool> {
        let Some(client) = self.clients.first() else { return Ok(false) };
        let mut reader = state.read().await?;
        Ok(clients::find(&mut reader.db()?, &client.client_id).await?.is_some())
    }

    /// The first steps, ready to paste.
    pub fn how_to_begin(&self, url: &str) -> String {
        let Some(client) = self.clients.iter().find(|client| client.name == "directBill") else {
            return String::new();
        };
        let (id, secret) = (&client.client_id, &client.client_secret);
        format!(
            "\nThe API is at {url}, its docs page at {url}/docs. To begin, as the direct-bill partner:\n\n\
             TOKEN=$(curl -s -u '{id}:{secret}' -d grant_type=client_credentials {url}/v1/oauth/token \
             | sed 's/.*\"access_token\":\"\\([^\"]*\\).*/\\1/')\n\
             curl -s -H \"Authorization: Bearer $TOKEN\" {url}/v1/offers\n\n\
             More clients (provider, resellers, operator) are in sandbox.json of the data directory.\n"
        )
    }
}

/// The partners: a name for the sandbox, kind, legal name, country, PartnerID.
const PARTNERS: [(&str, PartnerKind, &str, &str, &str); 4] = [
    ("directBill", PartnerKind::DirectBill, "Distribuidora del Bajío S.A. de C.V.", "MX", "4512087"),
    ("indirectProvider", PartnerKind::IndirectProvider, "Mayorista Nube del Norte S.A. de C.V.", "MX", "3310942"),
    ("indirectReseller", PartnerKind::IndirectReseller, "Integradora Pacífico S.C.", "MX", "6208815"),
    ("secondReseller", PartnerKind::IndirectReseller, "Soluciones del Ebro S.L.", "ES", "5127730"),
];

/// The customers of the direct-bill partner, each with the name of its tenant.
const CUSTOMERS: [(CustomerSeed, &str); 3] = [
    (
        CustomerSeed {
            company_name: "Panadería Sol S.A. de C.V.",
            country: "MX",
            address: ["Av. Reforma 222", "Ciudad de México", "CMX", "06600"],
            contact: ["Lucía", "Hernández", "lucia@panaderiasol.example"],
        },
        "panaderiasol",
    ),
    (
        CustomerSeed {
            company_name: "Bluebonnet Dental Group LLC",
            country: "US",
            address: ["410 Congress Ave", "Austin", "TX", "78701"],
            contact: ["Grace", "Whitfield", "grace@bluebonnetdental.example"],
        },
        "bluebonnetdental",
    ),
    (
        CustomerSeed {
            company_name: "Conservas Ría de Arousa S.L.",
            country: "ES",
            address: ["Rúa do Porto 14", "Vilagarcía de Arousa", "Pontevedra", "36600"],
            contact: ["Xoán", "Piñeiro", "xoan@conservasarousa.example"],
        },
        "conservasarousa",
    ),
];

/// Seeds an empty sandbox and keeps its credentials. A seeded one is left as it is: its credentials are read, or made
/// anew where the file's are of another database.
pub async fn seed(state: &State) -> Result<Seeded> {
    if !state.config.is_sandbox() {
        return Err(Error::internal("only a sandbox is seeded: set LONJA_ENVIRONMENT=sandbox"));
    }
    let path = state.config.data_dir.join("sandbox.json");
    let kept = std::fs::read_to_string(&path).ok();
    if let Some(kept) = kept.as_ref().and_then(|text| serde_json::from_str::<Seeded>(text).ok())
        && kept.is_of(state).await?
    {
        return Ok(kept);
    }
    let (seeded, is_new) = state.write(&Actor::house("seed_sandbox"), async |tx| marketplace(tx).await).await?;
    if is_new {
        let mut report = ImportReport::default();
        let known = KnownProducts::of(state).await?;
        let keys = software::read_keys(sample_keys()?.as_bytes(), b',', &known, &mut report)?;
        software::import(state, keys, &mut report, |_done| {}).await?;
    }
    if kept.is_some() {
        std::fs::remove_file(&path).map_err(Error::internal)?;
    }
    let text = serde_json::to_string_pretty(&seeded).map_err(Error::internal)?;
    crate::vault::write_for_owner_only(&path, &text).map_err(Error::internal)?;
    Ok(seeded)
}

/// Makes what is missing of the marketplace, and clients to enter it with; tells whether all of it is new.
async fn marketplace(tx: &mut Tx<'_>) -> Result<(Seeded, bool)> {
    for file in [CATALOGUE, OFFICE_365_2013] {
        let checked = catalog::read(file).map_err(|wrong| Error::internal(format!("{wrong:?}")))?;
        // What an older release seeded is left as it is.
        if checked.against(tx.db()).await?.is_empty() {
            catalog::import(tx, checked.catalogue(), |_done| {}).await?;
        }
    }
    let mut clients = vec![client(tx, "operator", None).await?, client(tx, "storefront", None).await?];
    let mut direct_bill = None;
    for (name, kind, legal_name, country, location) in PARTNERS {
        let new = NewPartner {
            kind,
            legal_name: legal_name.to_owned(),
            country: country.to_owned(),
            partner_location_id: Some(location.to_owned()),
            state: PartnerState::Active,
        };
        let partner = match partners::find_by_name(tx.db(), legal_name).await? {
            Some(partner) => partner,
            None => partners::register(tx, &new).await?,
        };
        clients.push(client(tx, name, Some(&partner)).await?);
        if kind == PartnerKind::DirectBill {
            direct_bill = Some(partner);
        }
    }
    let partner = direct_bill.ok_or_else(|| Error::internal("the sandbox has no direct-bill partner"))?;
    let (mut first, mut is_new) = (None, true);
    for (seed, tenant) in CUSTOMERS {
        let domain = format!("{tenant}.onmicrosoft.com");
        if let Some(tenant) = tenants::find_by_domain(tx.db(), &domain).await? {
            first.get_or_insert((tenant.customer_id, tenant.id));
            is_new = false;
            continue;
        }
        let customer = customers::seed(tx, &partner, &seed).await?;
        let new = NewTenant { customer_id: &customer.id, partner_id: &partner.id, domain };
        let tenant = tenants::create(tx, &new).await?;
        first.get_or_insert((customer.id, tenant.id));
    }
    let (customer_id, tenant_id) = first.ok_or_else(|| Error::internal("the sandbox has no customer"))?;
    Ok((Seeded { clients, customer_id, tenant_id }, is_new))
}

/// A client with everything that its kind may hold.
async fn client(tx: &mut Tx<'_>, name: &str, partner: Option<&PartnerRow>) -> Result<SeededClient> {
    let kind = match (partner, name) {
        (Some(_), _) => TokenKind::Partner,
        (None, "storefront") => TokenKind::Enrolment,
        (None, _) => TokenKind::Operator,
    };
    let scopes: Vec<&str> = match kind {
        TokenKind::Operator => {
            SCOPES.iter().map(|(scope, _)| *scope).filter(|scope| !NOT_FOR_OPERATORS.contains(scope)).collect()
        }
        _ => scopes_for(kind),
    };
    let new = NewClient {
        name: format!("sandbox {name}"),
        kind,
        partner_id: partner.map(|partner| partner.id.clone()),
        customer_id: None,
        scopes: scopes.into_iter().map(str::to_owned).collect(),
        roles: if partner.is_some() { vec![Role::GlobalAdmin, Role::AdminAgent, Role::SalesAgent] } else { Vec::new() },
    };
    let made = clients::create(tx, &new).await?;
    Ok(SeededClient {
        name: name.to_owned(),
        client_id: made.client_id,
        client_secret: made.client_secret.expose_secret().to_owned(),
        partner_id: new.partner_id,
    })
}

/// A file of random keys of the right form, of all software and of every plan that is sold through Open: no key that
/// anybody owns.
fn sample_keys() -> Result<String> {
    let mut versions: BTreeSet<(String, String)> = BTreeSet::new();
    for text in [CATALOGUE, OFFICE_365_2013] {
        let catalogue: Catalogue = serde_json::from_str(text).map_err(Error::internal)?;
        for product in &catalogue.products {
            let media = product.media.iter().flat_map(|media| &media.versions);
            versions.extend(media.map(|version| (product.id.clone(), version.clone())));
        }
        let through_open = catalogue.offers.iter().filter(|offer| offer.channels.contains(&Channel::Open));
        versions.extend(through_open.map(|offer| (offer.product_id.clone(), software::OPEN_VERSION.to_owned())));
    }
    let alphabet: Vec<char> = "BCDFGHJKMNPQRTVWXY2346789".chars().collect();
    let mut file = String::from("product,version,key\n");
    for (product, version) in versions {
        for _ in 0..KEYS {
            let random = random_bytes()?;
            let letters = random.iter().take(25).filter_map(|byte| alphabet.get(usize::from(*byte) % alphabet.len()));
            let key: String = letters.collect();
            writeln!(file, "{product},{version},{key}").map_err(Error::internal)?;
        }
    }
    Ok(file)
}
