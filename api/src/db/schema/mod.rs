//! The tables, on the subset of types that both databases share: `Text`, `BigInt`, `Bool`, `Timestamp` (UTC).

mod billing;
mod catalogue;
mod channel;
mod clientele;
mod gcc;
mod house;
mod sales;
mod software;
mod trail;

pub use billing::{attachments, credit_note_lines, credit_notes, invoice_lines, invoices, refunds};
pub use catalogue::{
    offer_versions, offers, product_media, sales_guides, software_products, upgrade_pairs, upgrade_tables,
};
pub use channel::{
    advisor_agreements, api_clients, client_secrets, companies, earnings, email_verifications,
    indirect_provider_invitations, indirect_provider_links, partner_agreements, partner_locations, partner_users,
    partners, provider_directory_entries,
};
pub use clientele::{
    acceptance_codes, customer_agreements, customers, relationship_request_parties, relationship_requests,
    relationships, taken_domains, tenant_credentials, tenants,
};
pub use gcc::{customer_qualifications, gcc_validation_codes, gcc_validations};
pub use house::{
    data_keys, emails, idempotency_answers, idempotency_claims, jobs, sandbox_clock, signing_keys, slow_lanes,
};
pub use sales::{
    open_agreements, open_keys, open_orders, open_redemptions, order_lines, orders, renewal_payment_failures,
    renewal_payments, renewals, seat_batches, subscriptions,
};
pub use software::{download_links, entitlements, key_imports, key_reveals, key_shares, media_files, product_keys};
pub use trail::{
    audit_keys, audit_links, audit_records, audit_seals, event_positions, events, unplaced_events, unsealed_records,
    webhook_attempts, webhook_deliveries, webhook_endpoints, webhook_fan_out, webhook_secrets,
};

use diesel::allow_tables_to_appear_in_same_query;

// Tables that queries join with each other. No two may stand together in two groups, so groups that share tables are one.
allow_tables_to_appear_in_same_query!(
    api_clients,
    customer_qualifications,
    customers,
    indirect_provider_invitations,
    indirect_provider_links,
    partners,
    provider_directory_entries,
    relationship_request_parties,
    relationship_requests,
    relationships,
    tenants,
);
allow_tables_to_appear_in_same_query!(entitlements, product_keys);
allow_tables_to_appear_in_same_query!(invoice_lines, invoices);
allow_tables_to_appear_in_same_query!(jobs, slow_lanes);
allow_tables_to_appear_in_same_query!(open_orders, order_lines, orders);
allow_tables_to_appear_in_same_query!(upgrade_pairs, upgrade_tables);
