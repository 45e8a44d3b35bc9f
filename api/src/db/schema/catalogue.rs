//! What is sold.

use diesel::table;

table! {
    offers (id) {
        id -> Text,
    }
}

table! {
    offer_versions (offer_id, sold_from) {
        offer_id -> Text,
        sold_from -> Timestamp,
        sold_until -> Nullable<Timestamp>,
        superseded_at -> Nullable<Timestamp>,
        version -> BigInt,
        catalogue -> Text,
        kind -> Text,
        product_id -> Text,
        name -> Text,
        license -> Nullable<Text>,
        gcc -> Bool,
        family -> Nullable<Text>,
        seat_cap -> Nullable<BigInt>,
        currency -> Text,
        terms -> Text,
        channels -> Text,
        details -> Text,
    }
}

table! {
    upgrade_tables (id, valid_from) {
        id -> Text,
        valid_from -> Timestamp,
        valid_until -> Nullable<Timestamp>,
        superseded_at -> Nullable<Timestamp>,
        catalogue -> Text,
        channels -> Text,
    }
}

table! {
    upgrade_pairs (table_id, valid_from, from_product_id, to_product_id) {
        table_id -> Text,
        valid_from -> Timestamp,
        from_product_id -> Text,
        to_product_id -> Text,
    }
}

table! {
    sales_guides (catalogue, valid_from) {
        catalogue -> Text,
        valid_from -> Timestamp,
        superseded_at -> Nullable<Timestamp>,
        guide -> Text,
    }
}

table! {
    product_media (id) {
        id -> Text,
        product_id -> Text,
        version -> Text,
        language -> Text,
        bitness -> Text,
    }
}

table! {
    software_products (id) {
        id -> Text,
        versions -> Text,
        downgrade_depth -> BigInt,
        retired -> Text,
    }
}
