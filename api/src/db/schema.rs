//! The tables, on the subset of types that both databases share: `Text`, `BigInt`, `Bool`, `Timestamp` (UTC).

use diesel::{allow_tables_to_appear_in_same_query, table};

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
    software_products (id) {
        id -> Text,
        versions -> Text,
        downgrade_depth -> BigInt,
        retired -> Text,
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
    unsealed_records (seq) {
        seq -> BigInt,
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
    slow_lanes (lane) {
        lane -> Text,
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

allow_tables_to_appear_in_same_query!(
    advisor_agreements,
    acceptance_codes,
    api_clients,
    attachments,
    audit_keys,
    audit_links,
    audit_records,
    audit_seals,
    client_secrets,
    companies,
    credit_note_lines,
    credit_notes,
    customer_agreements,
    customer_qualifications,
    customers,
    data_keys,
    download_links,
    earnings,
    email_verifications,
    emails,
    entitlements,
    event_positions,
    events,
    gcc_validation_codes,
    gcc_validations,
    idempotency_answers,
    idempotency_claims,
    indirect_provider_invitations,
    indirect_provider_links,
    invoice_lines,
    invoices,
    jobs,
    key_imports,
    key_reveals,
    key_shares,
    media_files,
    offer_versions,
    offers,
    open_agreements,
    open_keys,
    open_orders,
    open_redemptions,
    order_lines,
    orders,
    partner_agreements,
    partner_locations,
    partner_users,
    partners,
    product_keys,
    product_media,
    provider_directory_entries,
    refunds,
    relationship_request_parties,
    relationship_requests,
    relationships,
    renewal_payment_failures,
    renewal_payments,
    renewals,
    sales_guides,
    sandbox_clock,
    seat_batches,
    signing_keys,
    slow_lanes,
    software_products,
    subscriptions,
    taken_domains,
    tenant_credentials,
    tenants,
    unplaced_events,
    unsealed_records,
    upgrade_pairs,
    upgrade_tables,
    webhook_attempts,
    webhook_deliveries,
    webhook_endpoints,
    webhook_fan_out,
    webhook_secrets,
);
