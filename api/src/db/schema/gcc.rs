//! The government cloud.

use diesel::table;

table! {
    gcc_validations (id) {
        id -> Text,
        kind -> Text,
        partner_id -> Text,
        partner_of_record_id -> Nullable<Text>,
        customer_id -> Nullable<Text>,
        subject -> Text,
        organization -> Text,
        state -> Text,
        form -> Text,
        submitter -> Text,
        questions -> Text,
        reason -> Nullable<Text>,
        due_at -> Timestamp,
        is_overdue -> Bool,
        days_left -> Nullable<BigInt>,
        code_id -> Nullable<Text>,
        version -> BigInt,
        created_at -> Timestamp,
        decided_at -> Nullable<Timestamp>,
    }
}

table! {
    gcc_validation_codes (id) {
        id -> Text,
        partner_id -> Text,
        partner_of_record_id -> Nullable<Text>,
        customer_id -> Nullable<Text>,
        validation_id -> Text,
        organization -> Text,
        organization_key -> Text,
        state -> Text,
        max_creates -> BigInt,
        remaining_creates -> BigInt,
        version -> BigInt,
        created_at -> Timestamp,
    }
}

table! {
    customer_qualifications (customer_id) {
        customer_id -> Text,
        qualification -> Text,
        validation_id -> Text,
        code_id -> Nullable<Text>,
        partner_id -> Text,
        partner_of_record_id -> Nullable<Text>,
        version -> BigInt,
        granted_at -> Timestamp,
    }
}
