//! Lonja: a self-hosted marketplace API for the Cloud Solution Provider business.
//!
//! One folder for each thing the business talks about; a request walks route → rules → store, and back.

pub mod acceptance;
pub mod access;
pub mod app;
pub mod audit;
pub mod billing;
pub mod calendar;
pub mod catalog;
pub mod clock;
pub mod config;
pub mod customers;
pub mod db;
pub mod earnings;
pub mod error;
pub mod events;
pub mod house;
pub mod http;
pub mod ids;
pub mod jobs;
pub mod links;
pub mod log;
pub mod mail;
pub mod markets;
pub mod messages;
pub mod money;
pub mod open;
pub mod orders;
pub mod pages;
pub mod partners;
pub mod period;
pub mod personal_link;
pub mod profiles;
pub mod refunds;
pub mod relationships;
pub mod renewals;
pub mod sandbox;
pub mod service;
pub mod software;
pub mod state;
pub mod subscriptions;
pub mod telemetry;
pub mod tenants;
pub mod topic;
pub mod vault;
pub mod webhooks;
