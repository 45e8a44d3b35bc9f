//! Orders and what they bring, with its renewals, and the Open programme.

use diesel::table;

table! {
    orders (id) {
        id -> Text,
        partner_id -> Text,
        partner_of_record_id -> Nullable<Text>,
        customer_id -> Text,
        tenant_id -> Text,
        state -> Text,
        channel -> Text,
        total_minor -> BigInt,
        currency -> Text,
        version -> BigInt,
        created_at -> Timestamp,
        cancelled_because -> Nullable<Text>,
        cancelled_at -> Nullable<Timestamp>,
    }
}

table! {
    order_lines (id) {
        id -> Text,
        partner_id -> Text,
        order_id -> Text,
        number -> BigInt,
        offer_id -> Text,
        name -> Text,
        quantity -> BigInt,
        unit_price_minor -> BigInt,
        total_minor -> BigInt,
        currency -> Text,
        period_start -> Nullable<Text>,
        period_end -> Nullable<Text>,
        state -> Text,
        entitlement_id -> Nullable<Text>,
        subscription_id -> Nullable<Text>,
        product_id -> Nullable<Text>,
        family -> Nullable<Text>,
        term_months -> Nullable<BigInt>,
        billing_cycle -> Nullable<Text>,
        refund -> Nullable<Text>,
    }
}

table! {
    subscriptions (id) {
        id -> Text,
        partner_id -> Text,
        partner_of_record_id -> Nullable<Text>,
        customer_id -> Text,
        tenant_id -> Text,
        order_id -> Text,
        order_line_id -> Text,
        split_from -> Nullable<Text>,
        split_into -> Nullable<Text>,
        offer_id -> Text,
        product_id -> Text,
        family -> Nullable<Text>,
        name -> Text,
        friendly_name -> Nullable<Text>,
        channel -> Text,
        quantity -> BigInt,
        unit_price_minor -> BigInt,
        currency -> Text,
        term_months -> BigInt,
        billing_cycle -> Text,
        refund -> Text,
        anchor -> Text,
        term_passed -> BigInt,
        period_passed -> BigInt,
        is_extended -> Bool,
        state -> Text,
        suspended_because -> Nullable<Text>,
        end_of_term -> Text,
        scheduled_quantity -> Nullable<BigInt>,
        version -> BigInt,
        purchased_at -> Timestamp,
        ended_at -> Nullable<Timestamp>,
    }
}

table! {
    seat_batches (id) {
        id -> Text,
        subscription_id -> Text,
        seats -> BigInt,
        added_at -> Timestamp,
        window_closes_at -> Timestamp,
        invoice_line_id -> Text,
    }
}

table! {
    renewals (id) {
        id -> Text,
        partner_id -> Text,
        partner_of_record_id -> Nullable<Text>,
        customer_id -> Text,
        subscription_id -> Text,
        state -> Text,
        ends_term -> Bool,
        renews_on -> Text,
        opens_at -> Timestamp,
        due_at -> Timestamp,
        grace_ends_at -> Timestamp,
        period_start -> Nullable<Text>,
        period_end -> Nullable<Text>,
        quantity -> Nullable<BigInt>,
        amount_minor -> Nullable<BigInt>,
        currency -> Nullable<Text>,
        invoice_id -> Nullable<Text>,
        notices_sent -> BigInt,
        next_at -> Nullable<Timestamp>,
        paid_at -> Nullable<Timestamp>,
        failed_at -> Nullable<Timestamp>,
        version -> BigInt,
        created_at -> Timestamp,
    }
}

table! {
    renewal_payments (id) {
        id -> Text,
        partner_id -> Text,
        partner_of_record_id -> Nullable<Text>,
        customer_id -> Text,
        renewal_id -> Text,
        amount_minor -> BigInt,
        currency -> Text,
        method -> Text,
        reference -> Nullable<Text>,
        recorded_at -> Timestamp,
    }
}

table! {
    renewal_payment_failures (id) {
        id -> Text,
        partner_id -> Text,
        partner_of_record_id -> Nullable<Text>,
        customer_id -> Text,
        renewal_id -> Text,
        method -> Text,
        reason -> Text,
        recorded_at -> Timestamp,
    }
}

table! {
    open_agreements (id) {
        id -> Text,
        partner_id -> Text,
        customer_id -> Text,
        kind -> Text,
        state -> Text,
        signer -> Nullable<Text>,
        signed_at -> Nullable<Timestamp>,
        begins_at -> Nullable<Timestamp>,
        ends_at -> Nullable<Timestamp>,
        version -> BigInt,
        created_at -> Timestamp,
    }
}

table! {
    open_orders (order_id) {
        order_id -> Text,
        agreement_id -> Text,
        purchase_order_number -> Text,
        customer_contact -> Text,
        reseller_contact -> Text,
    }
}

table! {
    open_keys (id) {
        id -> Text,
        partner_id -> Text,
        partner_of_record_id -> Nullable<Text>,
        customer_id -> Text,
        tenant_id -> Text,
        agreement_id -> Text,
        order_id -> Text,
        order_line_id -> Text,
        offer_id -> Text,
        product_id -> Text,
        name -> Text,
        quantity -> BigInt,
        state -> Text,
        product_key_id -> Nullable<Text>,
        masked -> Nullable<Text>,
        redemption_id -> Nullable<Text>,
        subscription_id -> Nullable<Text>,
        next_notice_at -> Nullable<Timestamp>,
        version -> BigInt,
        created_at -> Timestamp,
        retrieved_at -> Nullable<Timestamp>,
        redeemed_at -> Nullable<Timestamp>,
        cancelled_at -> Nullable<Timestamp>,
    }
}

table! {
    open_redemptions (id) {
        id -> Text,
        customer_id -> Text,
        company_name -> Text,
        address -> Text,
        contact -> Text,
        created_at -> Timestamp,
    }
}
