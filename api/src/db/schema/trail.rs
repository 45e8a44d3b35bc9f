//! The audit trail, the feed and webhooks.

use diesel::table;

table! {
    audit_records (seq) {
        seq -> BigInt,
        id -> Text,
        at -> Timestamp,
        outcome -> Text,
        code -> Nullable<Text>,
        times -> BigInt,
        operation -> Text,
        client_id -> Text,
        partner_id -> Nullable<Text>,
        customer_id -> Nullable<Text>,
        object_kind -> Nullable<Text>,
        object_id -> Nullable<Text>,
        reason -> Nullable<Text>,
        request_id -> Text,
        source_address -> Text,
        token_id -> Text,
    }
}

table! {
    unsealed_records (seq) {
        seq -> BigInt,
    }
}

table! {
    audit_keys (id) {
        id -> Text,
        sealed -> Text,
        created_at -> Timestamp,
    }
}

table! {
    audit_seals (number) {
        number -> BigInt,
        sealed_at -> Timestamp,
        first_position -> BigInt,
        last_position -> BigInt,
        previous -> Text,
        digest -> Text,
        key_id -> Text,
        signature -> Text,
        oldest_at -> Timestamp,
        newest_at -> Timestamp,
        astray -> Bool,
    }
}

table! {
    audit_links (position) {
        position -> BigInt,
        seal -> BigInt,
        record_seq -> BigInt,
        record_id -> Text,
        digest -> Text,
        partner_id -> Nullable<Text>,
        object_id -> Nullable<Text>,
        operation -> Text,
        client_id -> Text,
        outcome -> Text,
    }
}

table! {
    events (seq) {
        seq -> BigInt,
        id -> Text,
        topic -> Text,
        partner_id -> Nullable<Text>,
        partner_of_record_id -> Nullable<Text>,
        customer_id -> Nullable<Text>,
        object_id -> Text,
        data -> Text,
        occurred_at -> Timestamp,
        request_id -> Text,
    }
}

table! {
    unplaced_events (seq) {
        seq -> BigInt,
    }
}

table! {
    event_positions (position) {
        position -> BigInt,
        event_seq -> BigInt,
        event_id -> Text,
        topic -> Text,
        partner_id -> Nullable<Text>,
        partner_of_record_id -> Nullable<Text>,
        customer_id -> Nullable<Text>,
    }
}

table! {
    webhook_endpoints (id) {
        id -> Text,
        partner_id -> Nullable<Text>,
        url -> Text,
        description -> Nullable<Text>,
        event_types -> Text,
        state -> Text,
        disabled_because -> Nullable<Text>,
        failing_since -> Nullable<Timestamp>,
        version -> BigInt,
        created_at -> Timestamp,
    }
}

table! {
    webhook_fan_out (id) {
        id -> BigInt,
        position -> BigInt,
        endpoint_id -> Text,
    }
}

table! {
    webhook_secrets (id) {
        id -> Text,
        endpoint_id -> Text,
        sealed -> Text,
        created_at -> Timestamp,
        expires_at -> Nullable<Timestamp>,
    }
}

table! {
    webhook_deliveries (id) {
        id -> Text,
        endpoint_id -> Text,
        event_id -> Text,
        event_type -> Text,
        state -> Text,
        attempts -> BigInt,
        next_attempt_at -> Nullable<Timestamp>,
        finished_at -> Nullable<Timestamp>,
        created_at -> Timestamp,
    }
}

table! {
    webhook_attempts (id) {
        id -> Text,
        delivery_id -> Text,
        number -> BigInt,
        attempted_at -> Timestamp,
        status -> Nullable<BigInt>,
        milliseconds -> BigInt,
        error -> Nullable<Text>,
    }
}
