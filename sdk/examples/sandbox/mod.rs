//! What the examples share: the sandbox of `make run`, and the clients that it wrote to `sandbox.json`.
//!
//! A program of your own has one client, and begins with `Client::from_env()`.

use lonja_sdk::Client;
use serde::Deserialize;
use uuid::Uuid;

/// An example ends with the first thing that goes wrong.
pub type Result<T = (), E = Box<dyn std::error::Error>> = std::result::Result<T, E>;

#[derive(Deserialize)]
struct Sandbox {
    clients: Vec<Credentials>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Credentials {
    name: String,
    client_id: String,
    client_secret: String,
}

/// A client of the sandbox: `directBill`, `indirectProvider`, `indirectReseller`, `storefront` or `operator`.
pub fn client(name: &str) -> Result<Client> {
    let file = format!("{}/sandbox.json", variable("LONJA_DATA_DIR", "./var"));
    let text = std::fs::read_to_string(&file).map_err(|error| format!("{file}: {error}; is `make run` running?"))?;
    let sandbox: Sandbox = serde_json::from_str(&text)?;
    let found = sandbox.clients.into_iter().find(|client| client.name == name).ok_or("the sandbox lacks a client")?;
    let client = Client::builder().base_url(url()).client_credentials(found.client_id, found.client_secret).build()?;
    Ok(client)
}

/// Where the sandbox is.
pub fn url() -> String {
    variable("LONJA_URL", "http://127.0.0.1:8080")
}

/// Some letters that no earlier run had.
pub fn fresh() -> String {
    Uuid::new_v4()
        .simple()
        .to_string()
        .chars()
        .map(|digit| char::from(b'a' + digit.to_digit(16).unwrap_or(0) as u8))
        .take(12)
        .collect()
}

#[expect(clippy::disallowed_methods, reason = "an example is told by its environment where the sandbox is")]
fn variable(name: &str, otherwise: &str) -> String {
    std::env::var(name).unwrap_or_else(|_unset| otherwise.to_owned())
}
