//! Invoices, refunds and credit notes.

use diesel::table;

table! {
    invoices (id) {
        id -> Text,
        partner_id -> Text,
        partner_of_record_id -> Nullable<Text>,
        customer_id -> Text,
        order_id -> Text,
        total_minor -> BigInt,
        currency -> Text,
        issued_at -> Timestamp,
        reason -> Text,
        subscription_id -> Nullable<Text>,
        renewal_id -> Nullable<Text>,
    }
}

table! {
    invoice_lines (id) {
        id -> Text,
        partner_id -> Text,
        invoice_id -> Text,
        order_line_id -> Text,
        name -> Text,
        quantity -> BigInt,
        unit_price_minor -> BigInt,
        total_minor -> BigInt,
        currency -> Text,
        period_start -> Nullable<Text>,
        period_end -> Nullable<Text>,
    }
}

table! {
    refunds (id) {
        id -> Text,
        partner_id -> Text,
        partner_of_record_id -> Nullable<Text>,
        customer_id -> Text,
        order_id -> Text,
        order_line_id -> Text,
        entitlement_id -> Nullable<Text>,
        subscription_id -> Nullable<Text>,
        state -> Text,
        amount_minor -> BigInt,
        currency -> Text,
        request -> Text,
        quote -> Text,
        version -> BigInt,
        created_at -> Timestamp,
        credits -> Nullable<Text>,
        rejected_because -> Nullable<Text>,
        decided_at -> Nullable<Timestamp>,
        key_revoked_at -> Nullable<Timestamp>,
        credited_at -> Nullable<Timestamp>,
    }
}

table! {
    attachments (id) {
        id -> Text,
        about_kind -> Text,
        about_id -> Text,
        partner_id -> Text,
        file_name -> Text,
        content_type -> Text,
        bytes -> BigInt,
        sha256 -> Text,
        sealed -> Text,
        created_at -> Timestamp,
    }
}

table! {
    credit_notes (id) {
        id -> Text,
        partner_id -> Text,
        partner_of_record_id -> Nullable<Text>,
        customer_id -> Text,
        order_id -> Text,
        invoice_id -> Text,
        refund_id -> Nullable<Text>,
        reason -> Text,
        subscription_id -> Nullable<Text>,
        total_minor -> BigInt,
        currency -> Text,
        issued_at -> Timestamp,
    }
}

table! {
    credit_note_lines (id) {
        id -> Text,
        partner_id -> Text,
        credit_note_id -> Text,
        invoice_line_id -> Text,
        quantity -> BigInt,
        amount_minor -> BigInt,
        currency -> Text,
    }
}
