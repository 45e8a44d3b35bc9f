#![doc = include_str!("../README.md")]
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
pub use chrono;
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
pub use serde_json;
pub use version::Version;
#[cfg(feature = "webhooks")]
pub use webhook::{Webhook, WebhookError};

/// What the operations take and answer, generated from the API's document.
pub mod types {
    pub use crate::generated::*;
}
