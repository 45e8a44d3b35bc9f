//! Advisor agreements: who advises whom, for which share of the sales (EAR-01).

mod model;
mod routes;

pub use model::AgreementRow;
pub use routes::routes;
