//! Client for the Lonja marketplace API.
//!
//! ```no_run
//! use lonja_sdk::{Client, Result, TryStreamExt, types::{CreateCustomer, ListCustomers}};
//!
//! # async fn first_steps() -> Result<()> {
//! let lonja = Client::builder()
//!     .base_url("http://127.0.0.1:8080")
//!     .client_credentials("cli_…", "lonja_secret_…")
//!     .build()?;
//!
//! let body = CreateCustomer { company_name: "Panadería Sol".into(), ..Default::default() };
//! let customer = lonja.create_customer(&body).idempotency_key("my-key").await?;
//!
//! let reply = lonja.get_customer(&customer.id).send().await?;
//! println!("{} as of {:?}", reply.company_name, reply.etag());
//!
//! let mut customers = lonja.list_customers(&ListCustomers::default()).into_stream();
//! while let Some(customer) = customers.try_next().await? {
//!     println!("{}", customer.company_name);
//! }
//! # Ok(())
//! # }
//! ```
//!
//! One method per operation of the API, named after it. Each gives a [`Call`]: nothing is sent until it is awaited, and
//! until then it takes options such as [`Call::idempotency_key`] and [`Call::if_match`].
//!
//! The client fetches its token and renews it, makes an idempotency key for every operation that takes one, and repeats
//! a call that failed for a passing reason when repeating is safe. Unknown fields and unknown enum values never break
//! it, so a newer service does not need a newer client.

#![deny(missing_docs)]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod auth;
#[cfg(feature = "blocking")]
mod blocking;
mod call;
mod client;
mod error;
mod generated;
mod open_enum;
mod page;
mod patch;
mod problem;
mod response;
mod retry;
mod secret;
mod trace;
mod version;
#[cfg(feature = "webhooks")]
mod webhook;

// The macros that generated code begins with.
use {open_enum::open_enum, page::page};

pub use call::Call;
pub use client::{Builder, Client};
pub use error::{Error, Result};
pub use futures_util::{StreamExt, TryStreamExt};
pub use generated::ErrorCode;
pub use page::Page;
pub use problem::{FieldError, Problem};
pub use reqwest::{self, Method, StatusCode};
pub use response::Response;
pub use retry::Retry;
pub use secret::Secret;
pub use version::Version;
#[cfg(feature = "webhooks")]
pub use webhook::{Webhook, WebhookError};

/// What the operations take and answer, generated from the API's document.
pub mod types {
    pub use crate::generated::*;
}
