//! The catalogue: what is sold, on which terms and at which price, from when until when; which plans stand together and
//! may become which; and in which versions software comes.

mod advice;
mod check;
mod file;
mod import;
mod model;
mod products;
mod reasons;
mod routes;
mod store;
mod terms;
mod upgrades;

pub use check::{Checked, Wrong, read};
pub use file::Catalogue;
pub use import::{Imported, import, take_in};
pub use model::{Bitness, Channel, License, MediaRow, OfferKind, OfferRow};
pub use products::{ProductRow, product, products};
pub use reasons::{Because, Reason};
pub use routes::routes;
pub use store::{
    allowed_upgrades, find, gcc_offers_at, media_of, media_of_all, offers_at, offers_of_products, products_through,
    upgrade_targets,
};
pub use terms::{BillingCycle, RefundKind, Term};
pub use upgrades::{UpgradeScope, UpgradeTarget, choose, scope};
