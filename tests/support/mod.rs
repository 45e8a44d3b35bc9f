//! What every test stands on: a real server on its own port with its own database, and actors that call it.

pub mod actor;
pub mod beside;
pub mod browser;
pub mod command;
pub mod contract;
pub mod database;
pub mod furnished;
pub mod gcc;
pub mod house;
pub mod linked;
pub mod load;
pub mod mail_server;
pub mod newcomer;
pub mod open;
pub mod postgres;
pub mod receiver;
pub mod refunds;
pub mod shop;
pub mod tenants;
pub mod walk;

pub use actor::{Actor, Reply};
pub use database::Backend;
pub use house::House;
pub use linked::Linked;
pub use shop::Shop;
