//! Software, its keys and downloads.

use diesel::table;

table! {
    entitlements (id) {
        id -> Text,
        partner_id -> Text,
        partner_of_record_id -> Nullable<Text>,
        customer_id -> Text,
        tenant_id -> Text,
        order_id -> Text,
        order_line_id -> Text,
        offer_id -> Text,
        product_id -> Text,
        name -> Text,
        friendly_name -> Nullable<Text>,
        license -> Text,
        quantity -> BigInt,
        state -> Text,
        version -> BigInt,
        created_at -> Timestamp,
        purchased_at -> Nullable<Timestamp>,
        cancelled_at -> Nullable<Timestamp>,
        product_version -> Nullable<Text>,
    }
}

table! {
    product_keys (id) {
        id -> Text,
        product_id -> Text,
        version -> Text,
        kind -> Text,
        sealed -> Text,
        owner -> Text,
        fingerprint -> Text,
        masked -> Text,
        state -> Text,
        entitlement_id -> Nullable<Text>,
        imported_at -> Timestamp,
        revealed_at -> Nullable<Timestamp>,
        revoked_at -> Nullable<Timestamp>,
        language -> Nullable<Text>,
        bitness -> Nullable<Text>,
        import_id -> Nullable<Text>,
    }
}

table! {
    key_imports (id) {
        id -> Text,
        client_id -> Text,
        report -> Nullable<Text>,
        started_at -> Timestamp,
        finished_at -> Nullable<Timestamp>,
    }
}

table! {
    key_shares (id) {
        id -> Text,
        partner_id -> Text,
        partner_of_record_id -> Nullable<Text>,
        customer_id -> Text,
        entitlement_id -> Text,
        digest -> Text,
        reason -> Text,
        language -> Text,
        bitness -> Text,
        openings -> BigInt,
        most_openings -> BigInt,
        version -> BigInt,
        created_at -> Timestamp,
        expires_at -> Timestamp,
        last_opened_at -> Nullable<Timestamp>,
        withdrawn_at -> Nullable<Timestamp>,
    }
}

table! {
    key_reveals (id) {
        id -> Text,
        product_key_id -> Text,
        client_id -> Text,
        partner_id -> Nullable<Text>,
        revealed_at -> Timestamp,
    }
}

table! {
    media_files (product_id, version, language, bitness) {
        product_id -> Text,
        version -> Text,
        language -> Text,
        bitness -> Text,
        path -> Text,
        size_bytes -> BigInt,
        sha256 -> Text,
        listed_at -> Timestamp,
    }
}

table! {
    download_links (id) {
        id -> Text,
        partner_id -> Text,
        partner_of_record_id -> Nullable<Text>,
        customer_id -> Text,
        entitlement_id -> Text,
        product_id -> Text,
        product_version -> Text,
        language -> Text,
        bitness -> Text,
        downloads -> BigInt,
        most_downloads -> BigInt,
        continued_bytes -> BigInt,
        version -> BigInt,
        created_at -> Timestamp,
        expires_at -> Timestamp,
        last_used_at -> Nullable<Timestamp>,
        withdrawn_at -> Nullable<Timestamp>,
    }
}
