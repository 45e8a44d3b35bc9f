//! Customers, who serves them, and their tenants.

use diesel::table;

table! {
    customers (id) {
        id -> Text,
        company_name -> Text,
        country -> Text,
        address -> Text,
        contact -> Text,
        language -> Text,
        version -> BigInt,
        created_at -> Timestamp,
        organization_registration_number -> Nullable<Text>,
        contact_changed_by -> Nullable<Text>,
        merged_into -> Nullable<Text>,
    }
}

table! {
    relationships (id) {
        id -> Text,
        partner_id -> Text,
        customer_id -> Text,
        state -> Text,
        created_at -> Timestamp,
        request_id -> Nullable<Text>,
        accepted_at -> Nullable<Timestamp>,
        ended_at -> Nullable<Timestamp>,
        version -> BigInt,
    }
}

table! {
    relationship_requests (id) {
        id -> Text,
        partner_id -> Text,
        customer_id -> Nullable<Text>,
        organization -> Text,
        include_mca -> Bool,
        send_mail -> Bool,
        needs_code -> Bool,
        digest -> Text,
        state -> Text,
        expires_at -> Timestamp,
        expiry_told -> Bool,
        version -> BigInt,
        created_at -> Timestamp,
        answered_at -> Nullable<Timestamp>,
        answered_by -> Nullable<Text>,
        source_address -> Nullable<Text>,
        user_agent -> Nullable<Text>,
        tenant_id -> Nullable<Text>,
    }
}

table! {
    relationship_request_parties (id) {
        id -> Text,
        request_id -> Text,
        partner_id -> Text,
        relationship_id -> Nullable<Text>,
        accepted_at -> Nullable<Timestamp>,
    }
}

table! {
    acceptance_codes (id) {
        id -> Text,
        request_id -> Text,
        recipient -> Text,
        digest -> Text,
        attempts -> BigInt,
        created_at -> Timestamp,
        expires_at -> Timestamp,
        used_at -> Nullable<Timestamp>,
    }
}

table! {
    customer_agreements (id) {
        id -> Text,
        customer_id -> Text,
        partner_id -> Text,
        kind -> Text,
        method -> Text,
        contact -> Text,
        agreed_at -> Timestamp,
        created_at -> Timestamp,
    }
}

table! {
    taken_domains (domain) {
        domain -> Text,
        taken_at -> Timestamp,
    }
}

table! {
    tenants (id) {
        id -> Text,
        customer_id -> Text,
        partner_id -> Text,
        mode -> Text,
        domain -> Nullable<Text>,
        custom_domain -> Nullable<Text>,
        directory_id -> Nullable<Text>,
        previous_provider -> Bool,
        state -> Text,
        request_id -> Nullable<Text>,
        expires_at -> Nullable<Timestamp>,
        version -> BigInt,
        created_at -> Timestamp,
        merged_into -> Nullable<Text>,
    }
}

table! {
    tenant_credentials (tenant_id) {
        tenant_id -> Text,
        partner_id -> Text,
        user_name -> Text,
        sealed -> Nullable<Text>,
        created_at -> Timestamp,
        revealed_at -> Nullable<Timestamp>,
    }
}
