//! What the operator knows of the outside and imports: PartnerIDs with their type and country (ENR-03), companies by
//! their DUNS number (ENR-04).

mod import;
mod model;
mod routes;
mod rules;
mod store;

pub use import::{DirectoryReport, import_companies, import_locations};
pub use routes::routes;
pub use store::{completed, faults_of_location};
