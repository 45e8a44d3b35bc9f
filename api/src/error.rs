//! What can go wrong, as the callers of Lonja see it: one registry of stable codes, each with a status and with words
//! in Spanish and English (`api/data/messages`). Knows neither HTTP nor the database in public.
//!
//! An error has two sides: the public one (code, context, faults) that every caller may read, and a private `source`
//! that is logged and never leaves the process.

mod database;

use crate::messages::{Language, Text};
use serde::Serialize;
use serde_json::{Map, Value};
use std::fmt;

/// The result of everything in this house.
pub type Result<T, E = Error> = std::result::Result<T, E>;

macro_rules! codes {
    ($($name:ident = $text:literal, $status:literal;)*) => {
        /// The stable words that programs may rely on. Removing one or changing its status is a breaking change.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Code { $(
            #[doc = concat!("`", $text, "`, answered with status ", stringify!($status), ".")]
            $name,
        )* }

        impl Code {
            /// Every code there is.
            pub const ALL: &'static [Code] = &[$(Code::$name),*];

            /// The word on the wire.
            pub fn as_str(self) -> &'static str {
                match self { $(Code::$name => $text),* }
            }

            /// The HTTP status that goes with it.
            pub fn status(self) -> u16 {
                match self { $(Code::$name => $status),* }
            }
        }
    };
}

codes! {
    // the frame
    InvalidRequest = "invalid_request", 400;
    MalformedJson = "malformed_json", 400;
    InvalidCursor = "invalid_cursor", 400;
    IdempotencyKeyRequired = "idempotency_key_required", 400;
    IdempotencyKeyInvalid = "idempotency_key_invalid", 400;
    Unauthorized = "unauthorized", 401;
    InvalidToken = "invalid_token", 401;
    InsufficientScope = "insufficient_scope", 403;
    RoleRequired = "role_required", 403;
    TokenKindNotAllowed = "token_kind_not_allowed", 403;
    NotFound = "not_found", 404;
    RouteNotFound = "route_not_found", 404;
    MethodNotAllowed = "method_not_allowed", 405;
    RequestTimeout = "request_timeout", 408;
    IdempotencyInFlight = "idempotency_in_flight", 409;
    PreconditionFailed = "precondition_failed", 412;
    BodyTooLarge = "body_too_large", 413;
    UnsupportedMediaType = "unsupported_media_type", 415;
    RangeNotSatisfiable = "range_not_satisfiable", 416;
    SecretAlreadyShown = "secret_already_shown", 410;
    IdempotencyKeyReused = "idempotency_key_reused", 422;
    PreconditionRequired = "precondition_required", 428;
    RateLimited = "rate_limited", 429;
    Internal = "internal", 500;
    Integrity = "integrity", 500;
    Busy = "busy", 503;

    // faults of single fields
    FieldRequired = "field_required", 400;
    FieldRepeated = "field_repeated", 400;
    FieldUnknown = "field_unknown", 400;
    FieldWrongType = "field_wrong_type", 400;
    FieldTooLong = "field_too_long", 400;
    FieldTooShort = "field_too_short", 400;
    FieldOutOfRange = "field_out_of_range", 400;
    FieldFormat = "field_format", 400;
    FieldNotAllowed = "field_not_allowed", 400;
    FieldCharacters = "field_characters", 400;

    // money
    CurrencyUnknown = "currency_unknown", 422;
    CurrencyMismatch = "currency_mismatch", 422;
    AmountInvalid = "amount_invalid", 422;
    AmountTooPrecise = "amount_too_precise", 422;
    AmountNotPositive = "amount_not_positive", 422;
    AmountTooLarge = "amount_too_large", 422;

    // API clients
    ScopeUnknown = "scope_unknown", 422;
    GrantExceedsOwn = "grant_exceeds_own", 403;
    ClientHasNoSecret = "client_has_no_secret", 409;

    // enrolment
    EnrolmentIncomplete = "enrolment_incomplete", 422;
    PartnerStateNotAllowed = "partner_state_not_allowed", 409;
    PartnerDataLocked = "partner_data_locked", 409;
    EnrolmentKindNotAllowed = "enrolment_kind_not_allowed", 403;
    TenantAlreadyEnrolled = "tenant_already_enrolled", 409;
    GccTenantIsCommercial = "gcc_tenant_is_commercial", 422;
    PartnerIdRequired = "partner_id_required", 409;
    PartnerIdInvalid = "partner_id_invalid", 422;
    PartnerIdNotLocation = "partner_id_not_location", 422;
    PartnerIdCountryMismatch = "partner_id_country_mismatch", 422;
    PartnerIdInUse = "partner_id_in_use", 409;
    WorkAccountExists = "work_account_exists", 409;
    VerificationUnknown = "verification_unknown", 404;
    VerificationUsed = "verification_used", 410;
    VerificationReplaced = "verification_replaced", 410;
    VerificationExpired = "verification_expired", 410;
    AgreementVersionNotInForce = "agreement_version_not_in_force", 409;
    MpaAlreadyAccepted = "mpa_already_accepted", 409;
    UserExists = "user_exists", 409;
    LastGlobalAdmin = "last_global_admin", 409;
    RoleNotForPartners = "role_not_for_partners", 422;

    // partners, customers, tenants
    PartnerNotActive = "partner_not_active", 409;
    CompanyNameInvalid = "company_name_invalid", 422;
    ContactNameInvalid = "contact_name_invalid", 422;
    CountryUnknown = "country_unknown", 422;
    CountryWithoutRegion = "country_without_region", 409;
    RegionMismatch = "region_mismatch", 409;
    StateUnknown = "state_unknown", 422;
    PostalCodeInvalid = "postal_code_invalid", 422;
    WebmailNotAccepted = "webmail_not_accepted", 422;
    DunsInvalid = "duns_invalid", 422;
    TenantIdInvalid = "tenant_id_invalid", 422;
    RegistrationNumberRequired = "registration_number_required", 422;
    RegistrationNumberNotAccepted = "registration_number_not_accepted", 422;
    CustomerCreationNotAllowed = "customer_creation_not_allowed", 403;
    McaRequired = "mca_required", 409;
    McaAttestationNotAllowed = "mca_attestation_not_allowed", 403;
    McaDateInFuture = "mca_date_in_future", 422;
    McaAlreadyAccepted = "mca_already_accepted", 409;
    ContactIsPartnersOwn = "contact_is_partners_own", 422;
    ContactChangedByPartner = "contact_changed_by_partner", 409;
    ProviderRelationshipRequired = "provider_relationship_required", 409;
    RelationshipExists = "relationship_exists", 409;
    RelationshipRequestClosed = "relationship_request_closed", 409;
    CustomerHasLiveLicenses = "customer_has_live_licenses", 409;
    AcceptanceAlreadyAnswered = "acceptance_already_answered", 409;
    AcceptanceExpired = "acceptance_expired", 410;
    AcceptanceWithdrawn = "acceptance_withdrawn", 410;
    AcceptanceCodeNotNeeded = "acceptance_code_not_needed", 409;
    AcceptanceCodeRequired = "acceptance_code_required", 422;
    AcceptanceCodeWrong = "acceptance_code_wrong", 422;
    AcceptanceCodeExpired = "acceptance_code_expired", 422;
    AcceptanceCodeLimit = "acceptance_code_limit", 429;
    DomainNameInvalid = "domain_name_invalid", 422;
    DomainTaken = "domain_taken", 409;
    DomainInvalid = "domain_invalid", 422;
    TenantNotActive = "tenant_not_active", 409;
    TenantReferenceRequired = "tenant_reference_required", 422;
    TenantNamesDiffer = "tenant_names_differ", 422;
    TenantAlreadyLinked = "tenant_already_linked", 409;
    RecordMerged = "record_merged", 410;
    TenantBelongsToOtherCustomer = "tenant_belongs_to_other_customer", 409;
    TenantNotAwaitingAcceptance = "tenant_not_awaiting_acceptance", 409;
    TenantHasLiveLicenses = "tenant_has_live_licenses", 409;
    TenantHasNoCredentials = "tenant_has_no_credentials", 409;
    CredentialsAlreadyRevealed = "credentials_already_revealed", 409;

    // files
    AttachmentNotBase64 = "attachment_not_base64", 422;
    AttachmentTypeNotAllowed = "attachment_type_not_allowed", 422;
    AttachmentTypeDiffers = "attachment_type_differs", 422;
    AttachmentLimit = "attachment_limit", 422;

    // the government cloud
    GccIndirectResellerMustUseProvider = "gcc_indirect_reseller_must_use_provider", 403;
    GccAzureGovTenantRefused = "gcc_azure_gov_tenant_refused", 422;
    GccWrongTransactingTenant = "gcc_wrong_transacting_tenant", 422;
    GccPartnerNotQualified = "gcc_partner_not_qualified", 403;
    GccPartnerAlreadyQualified = "gcc_partner_already_qualified", 409;
    GccCountryNotUs = "gcc_country_not_us", 422;
    GccControlledDataRequired = "gcc_controlled_data_required", 422;
    GccControlledDataNotAsked = "gcc_controlled_data_not_asked", 422;
    GccOrganizationDiffers = "gcc_organization_differs", 422;
    GccOrganizationAlreadyValidated = "gcc_organization_already_validated", 409;
    GccValidationAlreadyOpen = "gcc_validation_already_open", 409;
    GccValidationStateNotAllowed = "gcc_validation_state_not_allowed", 409;
    GccCodeExhausted = "gcc_code_exhausted", 409;
    GccCodeWrongOrganization = "gcc_code_wrong_organization", 409;
    GccCodeWithdrawn = "gcc_code_withdrawn", 409;
    GccCustomerAlreadyQualified = "gcc_customer_already_qualified", 409;
    GccCustomerNotValidated = "gcc_customer_not_validated", 409;

    // links between providers and resellers
    PartnerKindNotAllowed = "partner_kind_not_allowed", 403;
    ProviderNotActive = "provider_not_active", 409;
    ProviderRequired = "provider_required", 422;
    ConsentRequired = "consent_required", 422;
    LinkExists = "link_exists", 409;
    LinkNotActive = "link_not_active", 409;
    AdminAccessAlreadyRemoved = "admin_access_already_removed", 409;
    AdminAccessNotRemoved = "admin_access_not_removed", 409;
    InvitationUnknown = "invitation_unknown", 404;
    InvitationForAnotherReseller = "invitation_for_another_reseller", 403;
    InvitationExpired = "invitation_expired", 410;
    InvitationAlreadyUsed = "invitation_already_used", 410;
    InvitationCancelled = "invitation_cancelled", 410;
    InvitationDeclined = "invitation_declined", 410;

    // orders, software, refunds
    OfferNotAvailable = "offer_not_available", 409;
    TermNotAvailable = "term_not_available", 409;
    PriceNotAvailable = "price_not_available", 409;
    SeatCapExceeded = "seat_cap_exceeded", 409;
    PlanFamilyConflict = "plan_family_conflict", 409;
    UpgradeNotAllowed = "upgrade_not_allowed", 409;
    UpgradeRequiresAllUsers = "upgrade_requires_all_users", 409;
    UpgradeChannelNotSupported = "upgrade_channel_not_supported", 409;
    SubscriptionLimitReached = "subscription_limit_reached", 409;
    PartnerOfRecordInvalid = "partner_of_record_invalid", 422;
    OrderNotCancellable = "order_not_cancellable", 409;
    SubscriptionNotActive = "subscription_not_active", 409;
    SubscriptionNotSuspended = "subscription_not_suspended", 409;
    SeatDecreaseWindowClosed = "seat_decrease_window_closed", 409;
    SeatQuantityUnchanged = "seat_quantity_unchanged", 422;
    SeatsExceedSubscription = "seats_exceed_subscription", 422;
    SoftwareSeatsFixed = "software_seats_fixed", 409;
    ExtensionNotAvailable = "extension_not_available", 409;
    NothingScheduled = "nothing_scheduled", 409;
    RenewalNotPayable = "renewal_not_payable", 409;
    PaymentByTransactingPartner = "payment_by_transacting_partner", 403;
    RenewalPaymentPending = "renewal_payment_pending", 409;
    RenewalPaymentOverdue = "renewal_payment_overdue", 409;
    PaymentAmountDiffers = "payment_amount_differs", 422;
    SignalUnknown = "signal_unknown", 422;
    SalesGuideMissing = "sales_guide_missing", 409;

    LicenseBoundToTenant = "license_bound_to_tenant", 409;
    CombinationNotAvailable = "combination_not_available", 422;
    DowngradeNotPermitted = "downgrade_not_permitted", 422;
    KeyTypeNotAvailable = "key_type_not_available", 422;
    KeyFormatInvalid = "key_format_invalid", 422;
    AwaitingStock = "awaiting_stock", 409;
    KeyRevoked = "key_revoked", 410;
    KeyAlreadyAssigned = "key_already_assigned", 409;
    KeyRevealLimitReached = "key_reveal_limit_reached", 429;
    CsvHeadingMissing = "csv_heading_missing", 422;
    RiskNotAcknowledged = "risk_not_acknowledged", 422;
    MediaNotAvailable = "media_not_available", 409;
    MediaMissing = "media_missing", 503;
    LinkExpired = "link_expired", 410;
    LinkUsedUp = "link_used_up", 410;
    LinkWithdrawn = "link_withdrawn", 410;
    RefundWindowClosed = "refund_window_closed", 409;
    RefundAlreadyOpen = "refund_already_open", 409;
    RefundAmountExceedsQuote = "refund_amount_exceeds_quote", 422;
    RefundNotPossible = "refund_not_possible", 409;
    RefundRequestRequired = "refund_request_required", 409;
    RefundReviewRequired = "refund_review_required", 409;
    RefundCustomerMismatch = "refund_customer_mismatch", 422;
    RefundNotOpen = "refund_not_open", 409;
    PartialQuantityNotAllowed = "partial_quantity_not_allowed", 422;
    ProductNotRefundable = "product_not_refundable", 409;

    // the Open programme
    OpenAgreementNotSigned = "open_agreement_not_signed", 409;
    OpenAgreementAlreadySigned = "open_agreement_already_signed", 409;
    OpenAgreementExpired = "open_agreement_expired", 409;
    OpenOrderRequired = "open_order_required", 409;
    PartnerNotMospa = "partner_not_mospa", 409;
    KeyRetrievalForbidden = "key_retrieval_forbidden", 403;
    KeyUnknown = "key_unknown", 404;
    KeyRepeated = "key_repeated", 422;
    KeyAlreadyRedeemed = "key_already_redeemed", 409;
    RedemptionCustomersDiffer = "redemption_customers_differ", 422;
    RefundNotAllowedKeyActivated = "refund_not_allowed_key_activated", 409;

    // earnings
    AdvisorRateOutOfBounds = "advisor_rate_out_of_bounds", 422;
    AdvisorAgreementExists = "advisor_agreement_exists", 409;

    // events and webhooks
    EventTypeUnknown = "event_type_unknown", 422;
    WebhookUrlInvalid = "webhook_url_invalid", 422;
    WebhookAddressNotAllowed = "webhook_address_not_allowed", 422;
    WebhookEndpointDisabled = "webhook_endpoint_disabled", 409;
    WebhookEndpointLimit = "webhook_endpoint_limit", 409;
    DeliveryPending = "delivery_pending", 409;

    // sandbox
    ClockCannotGoBack = "clock_cannot_go_back", 409;
    ClockBusy = "clock_busy", 409;
}

impl Code {
    /// What the code means, in a few words.
    pub fn title(self, language: Language) -> String {
        Text::of(self.as_str()).title(language)
    }

    /// What to do about it.
    pub fn advice(self, language: Language) -> Option<String> {
        Text::of(self.as_str()).advice(language, &Map::new())
    }
}

impl fmt::Display for Code {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}

/// The most faults that one answer lists.
pub const MOST_FAULTS: usize = 100;
/// The longest pointer, in bytes: names of unknown fields are the caller's, and may be anything.
const LONGEST_POINTER: usize = 512;

/// One thing that is wrong, and where. An answer lists all of them, not the first.
#[derive(Debug, Clone, PartialEq)]
pub struct Fault {
    /// A JSON pointer into the body, or `?name` for a query parameter, `#name` for a header; empty for the whole.
    pub pointer: String,
    /// What is wrong.
    pub code: Code,
    /// The facts that belong to it, for programs and for the sentence.
    pub context: Map<String, Value>,
}

impl Fault {
    /// `code` at `pointer`.
    pub fn at(pointer: impl Into<String>, code: Code) -> Self {
        Self { pointer: pointer.into(), code, context: Map::new() }
    }

    /// Adds a fact.
    pub fn with(mut self, name: &str, value: impl Serialize) -> Self {
        self.context.insert(name.to_owned(), to_value(value));
        self
    }
}

/// An error: what callers may know, and privately where it came from.
#[derive(Debug)]
pub struct Error(Box<Inner>);

#[derive(Debug)]
struct Inner {
    code: Code,
    context: Map<String, Value>,
    faults: Vec<Fault>,
    retry_after: Option<u32>,
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
    transient: bool,
}

impl Error {
    /// An error with this code.
    pub fn new(code: Code) -> Self {
        let retry_after = matches!(code, Code::Busy | Code::IdempotencyInFlight | Code::ClockBusy).then_some(1);
        Self(Box::new(Inner {
            code,
            context: Map::new(),
            faults: Vec::new(),
            retry_after,
            source: None,
            transient: false,
        }))
    }

    /// Something that should not happen: answered as `internal`, logged with its source.
    pub fn internal(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::new(Code::Internal).caused_by(source)
    }

    /// No `thing` with this id for this caller: the same answer whether it is unknown or somebody else's (CUS-05).
    pub fn not_found(thing: &str) -> Self {
        Self::new(Code::NotFound).with("thing", thing)
    }

    /// A body or parameter with these faults, all of them.
    pub fn invalid(mut faults: Vec<Fault>) -> Self {
        // An answer stays readable, and small, whatever was sent.
        faults.truncate(MOST_FAULTS);
        for fault in &mut faults {
            if fault.pointer.len() > LONGEST_POINTER {
                fault.pointer = fault.pointer.chars().take(LONGEST_POINTER / 4).collect();
            }
        }
        let mut error = Self::new(Code::InvalidRequest);
        error.0.faults = faults;
        error
    }

    /// A refusal for one or more reasons: the first gives the code, all of them are listed (ORD-01).
    pub fn refused(reasons: Vec<Fault>) -> Self {
        let mut error = Self::new(reasons.first().map_or(Code::InvalidRequest, |first| first.code));
        error.0.context = reasons.first().map(|first| first.context.clone()).unwrap_or_default();
        error.0.faults = reasons;
        error
    }

    /// Adds a fact that programs may read (`context` of the problem) and the sentence may use.
    pub fn with(mut self, name: &str, value: impl Serialize) -> Self {
        self.0.context.insert(name.to_owned(), to_value(value));
        self
    }

    /// Keeps where it came from, for the log.
    pub fn caused_by(mut self, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        self.0.source = Some(source.into());
        self
    }

    /// Says when a repeat makes sense, in seconds.
    pub fn retry_in(mut self, seconds: u32) -> Self {
        self.0.retry_after = Some(seconds);
        self
    }

    /// Marks a failure that the write path may try again by itself.
    pub fn transient(mut self) -> Self {
        self.0.transient = true;
        self
    }

    /// The stable code.
    pub fn code(&self) -> Code {
        self.0.code
    }

    /// The facts for programs.
    pub fn context(&self) -> &Map<String, Value> {
        &self.0.context
    }

    /// All faults.
    pub fn faults(&self) -> &[Fault] {
        &self.0.faults
    }

    /// Seconds after which a repeat makes sense.
    pub fn retry_after(&self) -> Option<u32> {
        self.0.retry_after
    }

    /// Whether running the same transaction again may help.
    pub fn is_transient(&self) -> bool {
        self.0.transient
    }

    /// The private chain of causes, for the log only.
    pub fn private_causes(&self) -> Option<String> {
        let mut cause: Option<&dyn std::error::Error> = Some(self.0.source.as_deref()?);
        let mut chain = Vec::new();
        while let Some(error) = cause {
            chain.push(error.to_string());
            cause = error.source();
        }
        Some(chain.join(": "))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}", self.0.code)?;
        for fault in &self.0.faults {
            write!(out, "; {} at {:?}", fault.code, fault.pointer)?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {}

/// The value when nothing stands against it, else a refusal with all reasons.
pub fn all_or<T>(value: T, faults: Vec<Fault>) -> Result<T> {
    if faults.is_empty() { Ok(value) } else { Err(Error::refused(faults)) }
}

fn to_value(value: impl Serialize) -> Value {
    serde_json::to_value(value).unwrap_or(Value::Null)
}

#[cfg(test)]
mod tests;
