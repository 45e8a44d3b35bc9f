//! Partners with their clients, links and earnings.

use diesel::table;

table! {
    partners (id) {
        id -> Text,
        kind -> Text,
        legal_name -> Text,
        country -> Text,
        partner_location_id -> Nullable<Text>,
        state -> Text,
        version -> BigInt,
        created_at -> Timestamp,
        language -> Text,
        address -> Nullable<Text>,
        primary_contact -> Nullable<Text>,
        support_contact -> Nullable<Text>,
        duns -> Nullable<Text>,
        tenant_id -> Nullable<Text>,
        azure_gcc_tenant_id -> Nullable<Text>,
        location_source -> Nullable<Text>,
        rejection_reasons -> Nullable<Text>,
        suspended_from -> Nullable<Text>,
        review_due_by -> Nullable<Timestamp>,
        review_overdue -> Bool,
        gcc_qualified_at -> Nullable<Timestamp>,
        advisor_enabled -> Bool,
    }
}

table! {
    email_verifications (id) {
        id -> Text,
        partner_id -> Text,
        digest -> Text,
        email -> Text,
        state -> Text,
        expires_at -> Timestamp,
        created_at -> Timestamp,
    }
}

table! {
    partner_agreements (id) {
        id -> Text,
        partner_id -> Text,
        kind -> Text,
        version -> Text,
        digest -> Text,
        client_id -> Text,
        source_address -> Text,
        accepted_at -> Timestamp,
    }
}

table! {
    partner_users (id) {
        id -> Text,
        partner_id -> Text,
        email -> Text,
        first_name -> Text,
        last_name -> Text,
        roles -> Text,
        version -> BigInt,
        created_at -> Timestamp,
    }
}

table! {
    partner_locations (id) {
        id -> Text,
        kind -> Text,
        country -> Text,
        name -> Nullable<Text>,
        tenant_id -> Nullable<Text>,
        address -> Nullable<Text>,
        contact -> Nullable<Text>,
    }
}

table! {
    companies (duns) {
        duns -> Text,
        name -> Text,
        country -> Text,
        address -> Nullable<Text>,
    }
}

table! {
    api_clients (id) {
        id -> Text,
        kind -> Text,
        name -> Text,
        partner_id -> Nullable<Text>,
        customer_id -> Nullable<Text>,
        scopes -> Text,
        roles -> Text,
        created_at -> Timestamp,
        revoked_at -> Nullable<Timestamp>,
        issuer -> Nullable<Text>,
        subject -> Nullable<Text>,
        version -> BigInt,
    }
}

table! {
    client_secrets (id) {
        id -> Text,
        client_id -> Text,
        hash -> Text,
        created_at -> Timestamp,
        expires_at -> Nullable<Timestamp>,
    }
}

table! {
    indirect_provider_links (id) {
        id -> Text,
        provider_id -> Text,
        reseller_id -> Nullable<Text>,
        state -> Text,
        admin_access -> Nullable<Text>,
        version -> BigInt,
        created_at -> Timestamp,
        authorized_at -> Nullable<Timestamp>,
        ended_at -> Nullable<Timestamp>,
        ended_by -> Nullable<Text>,
    }
}

table! {
    indirect_provider_invitations (id) {
        id -> Text,
        link_id -> Text,
        purpose -> Text,
        state -> Text,
        digest -> Text,
        email -> Text,
        message -> Nullable<Text>,
        created_at -> Timestamp,
        expires_at -> Timestamp,
        answered_at -> Nullable<Timestamp>,
        answered_by -> Nullable<Text>,
        consent_version -> Nullable<Text>,
        consent_language -> Nullable<Text>,
        consent_text -> Nullable<Text>,
    }
}

table! {
    provider_directory_entries (provider_id) {
        provider_id -> Text,
        offers_training -> Bool,
        offers_marketing -> Bool,
        offers_financing -> Bool,
        description -> Nullable<Text>,
        contact_email -> Nullable<Text>,
        contact_phone -> Nullable<Text>,
        website -> Nullable<Text>,
        version -> BigInt,
        updated_at -> Timestamp,
    }
}

table! {
    advisor_agreements (id) {
        id -> Text,
        partner_id -> Text,
        customer_id -> Text,
        first_year_rate -> BigInt,
        later_years_rate -> BigInt,
        starts_on -> Text,
        version -> BigInt,
        created_at -> Timestamp,
    }
}

table! {
    earnings (id) {
        id -> Text,
        partner_id -> Text,
        customer_id -> Text,
        agreement_id -> Text,
        kind -> Text,
        invoice_id -> Text,
        credit_note_id -> Nullable<Text>,
        year_number -> BigInt,
        rate -> BigInt,
        base_minor -> BigInt,
        amount_minor -> BigInt,
        currency -> Text,
        created_at -> Timestamp,
    }
}
