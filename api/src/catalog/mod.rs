//! The catalogue: what is sold, at which price, from when until when; and in which versions software comes.

mod model;
mod products;
mod routes;
mod store;

pub use model::{Bitness, Catalogue, License, MediaRow, OfferRow};
pub use products::{ProductRow, product, products};
pub use routes::routes;
pub use store::{import, media_of, media_of_all, offers};
