//! The house itself: keys, the clock, idempotency, jobs, mail.

use diesel::table;

table! {
    data_keys (id) {
        id -> Text,
        purpose -> Text,
        wrapped -> Text,
        created_at -> Timestamp,
        master_id -> Nullable<Text>,
    }
}

table! {
    signing_keys (id) {
        id -> Text,
        sealed -> Text,
        public_key -> Text,
        created_at -> Timestamp,
        signs_from -> Timestamp,
    }
}

table! {
    sandbox_clock (id) {
        id -> BigInt,
        now -> Timestamp,
    }
}

table! {
    idempotency_claims (subject, operation, key) {
        subject -> Text,
        operation -> Text,
        key -> Text,
        fingerprint -> Text,
        claimed_at -> Timestamp,
    }
}

table! {
    idempotency_answers (subject, operation, key) {
        subject -> Text,
        operation -> Text,
        key -> Text,
        status -> BigInt,
        headers -> Text,
        body -> Text,
        secret -> Bool,
        client_id -> Text,
        about -> Nullable<Text>,
        answered_at -> Timestamp,
    }
}

table! {
    jobs (id) {
        id -> Text,
        kind -> Text,
        payload -> Text,
        due_at -> Timestamp,
        created_at -> Timestamp,
        lane -> Text,
        attempts -> BigInt,
        leased_until -> Nullable<Timestamp>,
        last_error -> Nullable<Text>,
        dead_at -> Nullable<Timestamp>,
        party -> Text,
        failures -> BigInt,
    }
}

table! {
    slow_lanes (lane) {
        lane -> Text,
    }
}

table! {
    emails (id) {
        id -> Text,
        kind -> Text,
        recipient -> Text,
        language -> Text,
        sealed -> Text,
        state -> Text,
        created_at -> Timestamp,
        sent_at -> Nullable<Timestamp>,
    }
}
