//! What can happen, as subscribers see it: one registry of event types, each `thing.happened` with a sentence. It
//! becomes the `webhooks` section of the document.

macro_rules! topics {
    ($($name:ident = $word:literal, $meaning:literal;)*) => {
        /// The type of an event. Removing one is a breaking change; programs must expect new ones.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Topic { $( #[doc = $meaning] $name, )* }

        impl Topic {
            /// Every type of event there is.
            pub const ALL: &'static [Topic] = &[$(Topic::$name),*];

            /// The word on the wire, such as `refund.credited`.
            pub fn as_str(self) -> &'static str {
                match self { $(Topic::$name => $word),* }
            }

            /// What happened, in a sentence.
            pub fn meaning(self) -> &'static str {
                match self { $(Topic::$name => $meaning),* }
            }
        }
    };
}

topics! {
    AdvisorAgreementMade = "advisor_agreement.made", "A partner became the advisor of a customer.";
    CatalogImported = "catalog.imported", "A catalogue was imported: offers, upgrade tables or a sales guide are new.";
    ClientCreated = "client.created", "An API client was made.";
    ClientKeyRevealLimitReached = "client.key_reveal_limit_reached", "An API client revealed the last product key that a daily limit allows; the next reveal is refused.";
    ClientRevoked = "client.revoked", "An API client was deleted: its tokens and secrets end.";
    ClientSecretRotated = "client.secret_rotated", "An API client got a new secret.";
    CreditNoteIssued = "credit_note.issued", "A credit note was issued.";
    CustomerAgreementAccepted = "customer_agreement.accepted", "A customer's agreement was accepted or attested.";
    CustomerCreated = "customer.created", "A customer was created.";
    CustomerMerged = "customer.merged", "A customer's record turned out to be a second one of its organisation: it leads to the first.";
    CustomerQualified = "customer.qualified", "A customer may have offers of the government cloud from now on.";
    CustomerUpdated = "customer.updated", "A customer's profile was changed.";
    DownloadLinkCreated = "download_link.created", "A link under which software is downloaded was made.";
    DownloadLinkUsed = "download_link.used", "A download began.";
    DownloadLinkWithdrawn = "download_link.withdrawn", "A link under which software is downloaded was taken back.";
    EarningAccrued = "earning.accrued", "An advisor earned its share of an invoice.";
    EarningReversed = "earning.reversed", "A credit note took back what an advisor had earned.";
    EntitlementUpdated = "entitlement.updated", "Bought software was given another name.";
    GccCustomerValidationApproved = "gcc_customer_validation.approved", "The reviewer approved an organisation for the government cloud.";
    GccCustomerValidationDenied = "gcc_customer_validation.denied", "The reviewer denied an organisation, with the reason.";
    GccCustomerValidationInformationProvided = "gcc_customer_validation.information_provided", "The reviewer's question was answered; the clock goes on.";
    GccCustomerValidationInformationRequested = "gcc_customer_validation.information_requested", "The reviewer asked for more information; the clock stands still.";
    GccCustomerValidationOverdue = "gcc_customer_validation.overdue", "An answer to a validation is late.";
    GccCustomerValidationSubmitted = "gcc_customer_validation.submitted", "An organisation was submitted for validation.";
    GccCustomerValidationWithdrawn = "gcc_customer_validation.withdrawn", "A validation was taken back before it was decided.";
    GccPartnerValidationApproved = "gcc_partner_validation.approved", "The reviewer approved a partner for the government cloud.";
    GccPartnerValidationDenied = "gcc_partner_validation.denied", "The reviewer denied a partner, with the reason.";
    GccPartnerValidationInformationProvided = "gcc_partner_validation.information_provided", "The reviewer's question was answered; the clock goes on.";
    GccPartnerValidationInformationRequested = "gcc_partner_validation.information_requested", "The reviewer asked for more information; the clock stands still.";
    GccPartnerValidationOverdue = "gcc_partner_validation.overdue", "An answer to a validation is late.";
    GccPartnerValidationSubmitted = "gcc_partner_validation.submitted", "A partner was submitted for validation.";
    GccPartnerValidationWithdrawn = "gcc_partner_validation.withdrawn", "A validation was taken back before it was decided.";
    GccValidationCodeIssued = "gcc_validation_code.issued", "A validation code was issued for an approved organisation.";
    GccValidationCodeWithdrawn = "gcc_validation_code.withdrawn", "The operator withdrew a validation code.";
    IndirectProviderLinkAdminAccessRemoved = "indirect_provider_link.admin_access_removed", "A reseller took its provider's admin access away; the link stays.";
    IndirectProviderLinkAdminAccessRestored = "indirect_provider_link.admin_access_restored", "A reseller gave its provider admin access again.";
    IndirectProviderLinkAuthorized = "indirect_provider_link.authorized", "A reseller authorised a provider: the link is live.";
    IndirectProviderLinkCancelled = "indirect_provider_link.cancelled", "A provider took an invitation back before it was answered.";
    IndirectProviderLinkDeclined = "indirect_provider_link.declined", "A reseller declined a provider's invitation.";
    IndirectProviderLinkEnded = "indirect_provider_link.ended", "A provider or its reseller ended their link.";
    IndirectProviderLinkExpired = "indirect_provider_link.expired", "A provider's invitation ran out before it was answered.";
    IndirectProviderLinkInvited = "indirect_provider_link.invited", "A provider invited a reseller, to a link or to give admin access again.";
    IndirectProviderUpdated = "indirect_provider.updated", "A provider changed its entry in the directory.";
    InvoiceIssued = "invoice.issued", "An invoice was issued.";
    KeyShareCreated = "key_share.created", "A link that shows a product key was made.";
    KeyShareOpened = "key_share.opened", "A product key was shown to whoever holds the link of a share.";
    KeyShareWithdrawn = "key_share.withdrawn", "A link that shows a product key was taken back.";
    KeyStockImported = "key_stock.imported", "Product keys were taken into stock.";
    KeyStockLow = "key_stock.low", "Product keys run low: of a product, or of one version of it (`product/version`).";
    OpenAgreementBegun = "open_agreement.begun", "An Open agreement's term has begun: with its first order, or with its signature.";
    OpenAgreementCreated = "open_agreement.created", "An Open agreement was made; the customer is to sign it.";
    OpenAgreementExpired = "open_agreement.expired", "An Open agreement's term is over: nothing can be ordered on it any more.";
    OpenAgreementSigned = "open_agreement.signed", "The customer signed an Open agreement.";
    OpenKeyAvailable = "open_key.available", "A key that was bought through Open can be retrieved.";
    OpenKeyCancelled = "open_key.cancelled", "A key that was bought through Open was cancelled before it was redeemed.";
    OpenKeyOrdered = "open_key.ordered", "A key was bought through Open.";
    OpenKeyRedeemed = "open_key.redeemed", "A key that was bought through Open was redeemed: its subscription's year begins.";
    OpenKeyRenewalNotice = "open_key.renewal_notice", "A notice to the partner of record: the year of a redeemed key comes to its end.";
    OpenKeyRetrieved = "open_key.retrieved", "A key that was bought through Open was shown in clear. The event does not hold it.";
    OrderAwaitingAcceptance = "order.awaiting_acceptance", "An order waits for the customer to accept its tenant.";
    OrderAwaitingStock = "order.awaiting_stock", "An order waits for product keys to come into stock.";
    OrderCancelled = "order.cancelled", "An order that waited was cancelled.";
    OrderLineCancelled = "order.line_cancelled", "A line of a completed order was given back; with the last one the order is cancelled.";
    OrderCompleted = "order.completed", "An order was completed.";
    OrderPlaced = "order.placed", "An order was placed.";
    PartnerActivated = "partner.activated", "A partner became active: it may sell.";
    PartnerAdvisorEnablementSet = "partner.advisor_enablement_set", "The operator said whether a partner may advise customers.";
    PartnerAgreementAccepted = "partner_agreement.accepted", "A partner accepted a version of the partner agreement.";
    PartnerApproved = "partner.approved", "The operator approved an enrolment, or confirmed a PartnerID.";
    PartnerEmailVerified = "partner.email_verified", "A partner's primary contact proved its address; the review has begun.";
    PartnerEnrolled = "partner.enrolled", "A newcomer's draft was made.";
    PartnerQualified = "partner.qualified", "A partner may deal in the government cloud from now on.";
    PartnerRegistered = "partner.registered", "A partner was registered.";
    PartnerReinstated = "partner.reinstated", "A suspended partner is what it was before.";
    PartnerRejected = "partner.rejected", "The operator rejected an enrolment, with reasons.";
    PartnerReviewOverdue = "partner.review_overdue", "A review was not done in time.";
    PartnerSubmitted = "partner.submitted", "An enrolment was submitted.";
    PartnerSuspended = "partner.suspended", "The operator suspended a partner.";
    PartnerUpdated = "partner.updated", "A partner's data was changed.";
    PartnerUserCreated = "partner_user.created", "A user was added to a partner.";
    PartnerUserDeleted = "partner_user.deleted", "A user was removed from a partner.";
    PartnerUserUpdated = "partner_user.updated", "A user's roles were changed.";
    PartnerVerificationSent = "partner.verification_sent", "The link that proves a partner's mail address was sent again.";
    ProductKeyRevealed = "product_key.revealed", "A product key was shown in clear. The event does not hold it.";
    ProductKeyRevoked = "product_key.revoked", "A product key was revoked.";
    RefundApproved = "refund.approved", "A refund was granted.";
    RefundAttachmentAdded = "refund.attachment_added", "A file was handed in with a refund.";
    RefundCredited = "refund.credited", "A refund's credit note was written.";
    RefundKeyRevoked = "refund.key_revoked", "The key of a purchase that is refunded was taken back.";
    RefundRejected = "refund.rejected", "A refund was refused, with the reason.";
    RefundRequested = "refund.requested", "A refund was asked for.";
    RefundWithdrawn = "refund.withdrawn", "A refund was taken back before it was decided.";
    RenewalAmountChanged = "renewal.amount_changed", "Less is owed for an open renewal: something of it was given back.";
    RenewalCancelled = "renewal.cancelled", "Nothing comes of a renewal any more: its subscription has ended.";
    RenewalOverdue = "renewal.overdue", "A renewal was not paid in time.";
    RenewalPaid = "renewal.paid", "A renewal was paid.";
    RenewalPaymentDue = "renewal.payment_due", "A notice: a renewal's payment is still open, and its last day comes near.";
    RenewalPaymentFailed = "renewal.payment_failed", "A renewal's payment did not go through.";
    RenewalPaymentPending = "renewal.payment_pending", "A renewal's payment has opened.";
    RelationshipAccepted = "relationship.accepted", "A customer accepted a partner: it is among its customers now.";
    RelationshipRemoved = "relationship.removed", "A relationship with a customer was ended.";
    RelationshipRequestAccepted = "relationship_request.accepted", "An organisation accepted a relationship request.";
    RelationshipRequestCreated = "relationship_request.created", "An organisation is asked for a relationship.";
    RelationshipRequestDeclined = "relationship_request.declined", "An organisation declined a relationship request.";
    RelationshipRequestExpired = "relationship_request.expired", "A relationship request ran out before it was answered; it can be sent again.";
    RelationshipRequestResent = "relationship_request.resent", "A relationship request got a new link; the older one no longer works.";
    RelationshipRequestWithdrawn = "relationship_request.withdrawn", "A relationship request was taken back.";
    SandboxClockMoved = "sandbox_clock.moved", "The business clock of the sandbox was moved.";
    SigningKeyPublished = "signing_key.published", "A new key for signing access tokens was published.";
    SubscriptionCancelled = "subscription.cancelled", "A subscription was cancelled: inside its refund window, or because it was not paid for.";
    SubscriptionChangeDropped = "subscription.change_dropped", "Scheduled seats were given up: by now they may not be added, or an upgrade came first.";
    SubscriptionChangeRevoked = "subscription.change_revoked", "What was to change at the end of a subscription's term was taken back.";
    SubscriptionChangeScheduled = "subscription.change_scheduled", "A subscription's seats will change at the end of its term.";
    SubscriptionCreated = "subscription.created", "A subscription has begun.";
    SubscriptionEndOfTermSet = "subscription.end_of_term_set", "It was said what becomes of a subscription at the end of its term.";
    SubscriptionExpired = "subscription.expired", "A subscription's term is over, and it was not to go on.";
    SubscriptionExtended = "subscription.extended", "A subscription's term is over; it goes on by the month.";
    SubscriptionRenewed = "subscription.renewed", "A subscription has begun another term.";
    SubscriptionResumed = "subscription.resumed", "A suspended subscription goes on.";
    SubscriptionSeatsChanged = "subscription.seats_changed", "A subscription has another number of seats.";
    SubscriptionSuspended = "subscription.suspended", "A subscription was suspended, on demand or because a renewal is late.";
    SubscriptionUpdated = "subscription.updated", "A subscription was given another name.";
    SubscriptionUpgraded = "subscription.upgraded", "A subscription, or some of its seats, moved to another plan.";
    TenantAcceptanceRequested = "tenant.acceptance_requested", "The customer of a tenant was asked, or asked again, to accept storefront and distributor.";
    TenantActivated = "tenant.activated", "The customer of a tenant has accepted: licences can be bought for it.";
    TenantCreated = "tenant.created", "A tenant was created.";
    TenantCredentialsRevealed = "tenant.credentials_revealed", "The credentials of a new tenant were shown, the only time. The event does not hold them.";
    TenantDeclined = "tenant.declined", "The customer of a tenant has declined.";
    TenantExpired = "tenant.expired", "Nobody answered for a tenant in time; the customer can be asked again.";
    TenantLinked = "tenant.linked", "A tenant that exists was linked.";
    TenantMerged = "tenant.merged", "A tenant turned out to be on record already: it leads to the one that was there first.";
    TenantUnlinked = "tenant.unlinked", "A tenant was unlinked.";
    WebhookEndpointCreated = "webhook_endpoint.created", "A webhook endpoint was made.";
    WebhookEndpointDeleted = "webhook_endpoint.deleted", "A webhook endpoint was deleted.";
    WebhookEndpointDisabled = "webhook_endpoint.disabled", "A webhook endpoint was switched off, by its receiver's 410 or after days of failures.";
    WebhookEndpointSecretRotated = "webhook_endpoint.secret_rotated", "A webhook endpoint got a new secret.";
    WebhookEndpointTested = "webhook_endpoint.tested", "Somebody asked for a test event. It goes to one endpoint alone.";
    WebhookEndpointUpdated = "webhook_endpoint.updated", "A webhook endpoint was changed.";
}

impl Topic {
    /// The type with this word.
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|topic| topic.as_str() == word)
    }

    /// What the event is about: the word before the dot.
    pub fn thing(self) -> &'static str {
        self.as_str().split_once('.').map_or(self.as_str(), |(thing, _)| thing)
    }
}
