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
    ClientCreated = "client.created", "An API client was made.";
    ClientKeyRevealLimitReached = "client.key_reveal_limit_reached", "An API client revealed the last product key that a daily limit allows; the next reveal is refused.";
    ClientRevoked = "client.revoked", "An API client was deleted: its tokens and secrets end.";
    ClientSecretRotated = "client.secret_rotated", "An API client got a new secret.";
    CreditNoteIssued = "credit_note.issued", "A credit note was issued.";
    CustomerAgreementAccepted = "customer_agreement.accepted", "A customer's agreement was accepted or attested.";
    CustomerCreated = "customer.created", "A customer was created.";
    CustomerUpdated = "customer.updated", "A customer's profile was changed.";
    DownloadLinkCreated = "download_link.created", "A link under which software is downloaded was made.";
    DownloadLinkUsed = "download_link.used", "A download began.";
    DownloadLinkWithdrawn = "download_link.withdrawn", "A link under which software is downloaded was taken back.";
    EntitlementUpdated = "entitlement.updated", "Bought software was given another name.";
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
    OrderAwaitingStock = "order.awaiting_stock", "An order waits for product keys to come into stock.";
    OrderCompleted = "order.completed", "An order was completed.";
    OrderPlaced = "order.placed", "An order was placed.";
    PartnerRegistered = "partner.registered", "A partner was registered.";
    ProductKeyRevealed = "product_key.revealed", "A product key was shown in clear. The event does not hold it.";
    ProductKeyRevoked = "product_key.revoked", "A product key was revoked.";
    RefundApproved = "refund.approved", "A refund was granted.";
    RefundCredited = "refund.credited", "A refund's credit note was written.";
    RefundKeyRevoked = "refund.key_revoked", "The key of a purchase that is refunded was taken back.";
    RefundRequested = "refund.requested", "A refund was asked for.";
    SandboxClockMoved = "sandbox_clock.moved", "The business clock of the sandbox was moved.";
    SigningKeyPublished = "signing_key.published", "A new key for signing access tokens was published.";
    TenantCreated = "tenant.created", "A tenant was created.";
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
