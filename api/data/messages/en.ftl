# Every error code: its title, what is the case (.detail), and what to do next (.advice).

invalid_request = The request is not as documented
    .detail = Some fields or parameters are not as documented; `errors` lists all of them.
    .advice = Correct every entry of `errors` and send the request again.

malformed_json = The body is not JSON
    .detail = The body could not be read as JSON at line { $line }, column { $column }.
    .advice = Send one JSON object in UTF-8.

invalid_cursor = The cursor is not valid
    .detail = This cursor was not issued for this list, these filters and this caller.
    .advice = Start again without `cursor`.

idempotency_key_required = An Idempotency-Key is required
    .detail = This operation happens once for each Idempotency-Key, and the request came without one.
    .advice = Send the header `Idempotency-Key` with a new UUID, and the same one on every retry of this request.

idempotency_key_invalid = The Idempotency-Key is not valid
    .detail = An Idempotency-Key has 1 to 255 visible ASCII characters and is sent once.
    .advice = Use a UUID.

unauthorized = A token is required
    .detail = The request came without an access token, or not in the form `Bearer`.
    .advice = Get a token at `/v1/oauth/token` and send it as `Authorization: Bearer …`.

invalid_token = The token is not valid
    .detail = The access token has expired, was not issued for this service, or was withdrawn.
    .advice = Get a new token at `/v1/oauth/token`.

insufficient_scope = The token lacks a scope
    .detail = This operation needs the scope `{ $scope }`.
    .advice = Ask for a token with this scope; your client must have been granted it.

role_required = A role is required
    .detail = This operation needs one of these roles: { $roles }.
    .advice = Use a client that holds one of these roles.

token_kind_not_allowed = This kind of token cannot do this
    .detail = This operation is for these kinds of token: { $kinds }.
    .advice = Use a client of one of these kinds.

not_found = Not found
    .detail = There is no { $thing ->
            [api_client] API client
            [customer] customer
            [entitlement] entitlement
            [event] event
            [offer] offer
            [order] order
            [order_line] order line
            [partner] partner
            [problem_type] problem type
            [refund] refund
            [renewal] renewal
            [subscription] subscription
            [tenant] tenant
            [webhook_delivery] webhook delivery
            [webhook_endpoint] webhook endpoint
           *[other] { $thing }
        } with this id among what you may see.
    .advice = Check the id, and that the token belongs to the right partner.

route_not_found = There is nothing at this path
    .detail = No operation of this service has this path.
    .advice = See `/openapi.json` or `/docs` for the paths there are.

method_not_allowed = This method is not allowed here
    .detail = The path exists, but does not take this HTTP method.
    .advice = Use one of the methods of the `Allow` header.

request_timeout = The request took too long to arrive
    .detail = The request was not complete when its time was over.
    .advice = Send the whole request without pauses.

idempotency_in_flight = The same request is still running
    .detail = A request with this Idempotency-Key has begun and has not ended yet.
    .advice = Wait for `Retry-After` seconds and send the same request with the same key.

precondition_failed = The resource has changed
    .detail = `If-Match` names an older version of this resource.
    .advice = Read the resource again, and repeat with its present `ETag`.

body_too_large = The body is too large
    .detail = The body may have at most { $limit } bytes.
    .advice = Send less at once.

unsupported_media_type = This content type is not supported
    .detail = This operation takes { $accepted }.
    .advice = Send this content type, without a content encoding.

range_not_satisfiable = This part of the file is not there
    .detail = The file has { $size } bytes.
    .advice = Ask for a part that lies within it, or for all of it, without `Range`.
secret_already_shown = The secret was shown already
    .detail = A secret answer is repeated only to its own client, for 24 hours, while the secret is valid.
    .advice = Replace the secret, for example with `POST /v1/api-clients/{"{"}id{"}"}:rotate` and a new Idempotency-Key.

idempotency_key_reused = The Idempotency-Key was used for another request
    .detail = This key belongs to a request with another path or body.
    .advice = Use a new key for a new request.

precondition_required = If-Match is required
    .detail = This change is made only against a version that you have read, and the request names none.
    .advice = Read the resource and send its `ETag` as `If-Match`.

rate_limited = Too many requests
    .detail = The quota of { $limit } requests a minute ({ $violatedPolicies }) is used up; the next one is possible in { $seconds } seconds.
    .advice = Wait for `Retry-After` seconds; `RateLimit` says on each answer how much is left.

internal = Something went wrong on our side
    .detail = The service met something that it did not expect. Nothing of it was kept.
    .advice = Try again; if it stays, tell the operator the request id.

integrity = Stored data failed its integrity check
    .detail = A stored secret is not as it was written, and is therefore not shown.
    .advice = Tell the operator the request id; nothing was disclosed.

busy = The service is busy
    .detail = The service or its database has no room for this request at the moment.
    .advice = Wait for `Retry-After` seconds and repeat; with the same Idempotency-Key nothing happens twice.

field_required = Required
    .detail = The field must be there, and is missing.
    .advice = Add this field.

field_repeated = Given more than once
    .detail = { $field } is given more than once.
    .advice = Give it once.

field_unknown = Unknown field
    .detail = This operation has no field or parameter of this name.
    .advice = Remove this field, or see the document for its name.

field_wrong_type = Wrong type
    .detail = Expected { $expected }.
    .advice = Send the documented type.

field_too_long = Too long
    .detail = At most { $limit } are allowed.
    .advice = Shorten it.

field_too_short = Too short
    .detail = At least { $limit } are needed.
    .advice = Lengthen it.

field_out_of_range = Out of range
    .detail = The limit is { $limit }.
    .advice = Stay inside the documented limits.

field_format = Wrong format
    .detail = The expected format is { $expected }.
    .advice = Send the documented format.

field_not_allowed = Not one of the allowed values
    .detail = Allowed are: { $allowed }.
    .advice = Use one of the allowed values.

field_characters = Characters that cannot be stored
    .detail = Control characters are not allowed here.
    .advice = Remove the control characters.

currency_unknown = Unknown currency
    .detail = There is no currency with this code, or it is no longer in use.
    .advice = Use an ISO 4217 code such as MXN.

currency_mismatch = The currencies differ
    .detail = This is in { $expected }; nothing is converted silently.
    .advice = Use the currency { $expected }.

amount_invalid = Not an amount of money
    .detail = The text cannot be read as an amount of money.
    .advice = Send a plain decimal number such as "14616.47".

amount_too_precise = Too many decimals
    .detail = The amount has more decimals than its currency.
    .advice = Send no more decimals than the currency has.

amount_not_positive = The amount must be more than zero
    .detail = The amount is zero or negative.
    .advice = Send an amount above zero.

amount_too_large = The amount is too large
    .detail = The amount is larger than this service can book at once.
    .advice = Split it.

scope_unknown = There is no such scope
    .detail = There is no scope `{ $scope }`; the nearest is `{ $nearest }`.
    .advice = Use the scopes that `/.well-known/oauth-authorization-server` lists.

grant_exceeds_own = Nobody grants more than it holds
    .detail = The caller does not hold this itself: { $exceeding }.
    .advice = Leave this out, or let a client that holds it make the new one.

client_has_no_secret = This client has no secret
    .detail = An outside issuer speaks for this client; it has no secret to replace.
    .advice = Change its credentials where they were issued.

enrolment_incomplete = The enrolment is not complete
    .detail = Something that a submission needs is missing; `errors` names all of it.
    .advice = Fill in every field that `errors` names, then submit again.

partner_state_not_allowed = Not possible in the partner’s present state
    .detail = The partner is in state { $state }; this needs one of { $allowed }.
    .advice = Look at `nextStep` of the partner: it says what brings the enrolment on.

partner_data_locked = The legal data is not to be changed now
    .detail = In state { $state } name, country, address, tenant, DUNS and primary contact stay as they were submitted.
    .advice = Wait for the review, and correct what it rejects; afterwards ask the operator.

enrolment_kind_not_allowed = A newcomer does not enrol as this kind of partner
    .detail = A partner of the kind { $kind } is registered by the operator.
    .advice = Enrol as `indirectReseller`, or ask the operator.

tenant_already_enrolled = This tenant id has enrolled already
    .detail = The tenant { $tenantId } belongs to another enrolment; one tenant id enrols once, never both as reseller and as direct-bill partner.
    .advice = Use the account that the company has, or another work account; ask the operator if it is yours.

gcc_tenant_is_commercial = The government tenant is the commercial one
    .detail = `azureGccTenantId` and `tenantId` are the same.
    .advice = Leave `azureGccTenantId` out, or send the id of the directory in the government cloud.

partner_id_required = The PartnerID is missing
    .detail = Without a PartnerID the partner agreement cannot be accepted, nor anything bought.
    .advice = Link it with `PUT /v1/partners/…/partner-location`, then accept.

partner_id_invalid = Not a PartnerID
    .detail = A PartnerID has 1 to { $digits } digits and does not begin with 0.
    .advice = Send the PartnerID of type location as the vendor’s account shows it.

partner_id_not_location = This PartnerID is not of type location
    .detail = It stands for the company as a whole, which trades nothing.
    .advice = Send the PartnerID of a location in the partner’s country.

partner_id_country_mismatch = The PartnerID is of another country
    .detail = The PartnerID is in { $locationCountry }, the partner in { $country }.
    .advice = Send the PartnerID of a location in the partner’s country, or add such a location at the vendor.

partner_id_in_use = Another partner has this PartnerID
    .detail = A PartnerID belongs to one partner only.
    .advice = Check the PartnerID; ask the operator if it is yours.

verification_unknown = No such verification
    .detail = The token is not complete, or was not made here.
    .advice = Take the whole token from the newest mail, or have the mail sent again.

work_account_exists = The partner has a work account already
    .detail = The directory { $tenantId } is on record.
    .advice = Go on with it: an enrolment needs one work account. To use another directory, change `tenantId` in the draft.

verification_used = The link was used already
    .detail = The address is proven; a link works once.
    .advice = Nothing is to be done: the enrolment is on its way.

verification_replaced = A newer link was sent
    .detail = This link ended when another one was mailed.
    .advice = Use the link of the newest mail.

verification_expired = The link has expired
    .detail = The address was not proven in time.
    .advice = Have the mail sent again: `POST /v1/partners/…:resend-verification`.

agreement_version_not_in_force = This version of the agreement is not in force
    .detail = The version in force is { $inForce }, not { $version }.
    .advice = Read the document again, and accept the version that it names.

mpa_already_accepted = The partner agreement was accepted already
    .detail = The partner has accepted the version { $version }.
    .advice = Nothing is to be done.

user_exists = The partner has a user with this address
    .detail = A partner has one user with each mail address.
    .advice = Change the roles of the user that there is.

last_global_admin = The last globalAdmin stays
    .detail = No other user of this partner is a globalAdmin.
    .advice = Make another user a globalAdmin first.

role_not_for_partners = A partner’s people cannot hold this role
    .detail = The role is for clients of customers.
    .advice = Choose among `globalAdmin`, `adminAgent` and `salesAgent`.

partner_not_active = The partner is not active
    .detail = This partner is in state { $state }.
    .advice = Complete the enrolment, or ask the operator.

company_name_invalid = Not a company name
    .detail = The name is { $problem ->
             [onlySymbols] only symbols or blanks
             [legalForm] a bare legal form
             [oneCharacter] one character repeated
             [spacedLetters] single letters spaced out
             [singleCharacter] a single character
             [onlyDigits] only digits or symbols
             [placeholder] a placeholder
            *[other] not usable
        }.
    .advice = Send the registered name of the company, 2 to 255 characters.

contact_name_invalid = Not a person's name
    .detail = The name is { $problem ->
             [onlySymbols] only symbols or blanks
             [legalForm] a bare legal form
             [oneCharacter] one character repeated
             [spacedLetters] single letters spaced out
             [singleCharacter] a single character
             [onlyDigits] only digits or symbols
             [placeholder] a placeholder
            *[other] not usable
        }.
    .advice = Send the first or last name of a real person.

country_unknown = Unknown country
    .detail = There is no country with this code.
    .advice = Use an ISO 3166-1 alpha-2 code such as MX.

country_without_region = The country is in no region
    .detail = { $country } belongs to no region that is sold to.
    .advice = See `/v1/markets` for the countries of each region.

region_mismatch = The two are in different regions
    .detail = { $sellerCountry } is in the region { $sellerRegionName }, { $buyerCountry } in { $buyerRegionName }; business goes on within one region only.
    .advice = Choose a partner of the same region.

state_unknown = Missing or unknown state
    .detail = An address in { $country } names its state. Known are: { $allowed }.
    .advice = Use one of the codes of `allowed`, or the state's name.

postal_code_invalid = Not a postal code of this country
    .detail = In { $country } a postal code looks like { $expected }.
    .advice = Correct the postal code or the country.

webmail_not_accepted = Web mail is not accepted
    .detail = `{ $host }` is a web-mail service.
    .advice = Use an address at the company's own domain.

duns_invalid = Not a DUNS number
    .detail = A DUNS number has nine digits, with or without dashes, and is neither 000000000 nor 999999999.
    .advice = Look the number up at its issuer, or leave it out.

tenant_id_invalid = Not a tenant id
    .detail = A tenant id is a GUID such as 3f2b0c1e-8d4a-4f6b-9c2d-1e0f5a7b8c9d, and not the one of zeros only.
    .advice = Copy the tenant id from the tenant's admin center.

registration_number_required = The organisation's registration number is required
    .detail = In { $country } an organisation must say its registration number.
    .advice = Send `organizationRegistrationNumber`.

registration_number_not_accepted = A registration number is not accepted here
    .detail = In { $country } no registration number is asked.
    .advice = Leave `organizationRegistrationNumber` out.

customer_creation_not_allowed = This partner cannot create customers by itself
    .detail = Direct-bill partners and indirect providers create customers; an indirect reseller creates them through a provider that it has a live link with.
    .advice = Let a provider invite you and authorise it, or ask an existing customer for a relationship.

mca_required = The customer agreement is not accepted yet
    .detail = Before its first order the customer must have accepted the Microsoft Customer Agreement.
    .advice = Attest it at `POST /v1/customers/{ "{" }id{ "}" }/agreements`.

mca_attestation_not_allowed = This partner cannot attest the agreement
    .detail = Only direct-bill partners and indirect providers attest the customer agreement.
    .advice = Let the customer accept it, or ask your provider to attest it.

mca_date_in_future = The date of agreement lies in the future
    .detail = It is { $now } now.
    .advice = Send the instant at which the customer agreed.

mca_already_accepted = The agreement is already accepted
    .detail = This customer has accepted the agreement before.
    .advice = Nothing is left to do.

contact_is_partners_own = The contact is at the asking partner
    .detail = The customer's code would go to an address of the partner that asks.
    .advice = Name a contact at the customer's own mail address.

contact_changed_by_partner = The asking partner has named this contact itself
    .detail = The customer was known by another mail address until the partner that asks replaced it; its code would go to the new one.
    .advice = Have another partner of the customer confirm the contact by naming it again, or the provider attest the agreement.

provider_relationship_required = The customer has not accepted this provider
    .detail = A reseller that the provider is linked with serves this customer; the provider needs a relationship of its own with it.
    .advice = Let the reseller invite the customer through their link, or let the provider ask the customer for a relationship.

relationship_exists = The customer has accepted already
    .detail = The customer has accepted the partner, and nothing else is asked.
    .advice = Go on with the customer; ask with `includeMca` where its agreement is missing.

relationship_request_closed = The request is closed
    .detail = The request is in state { $state }.
    .advice = Make a new request where the customer is to be asked again.

customer_has_live_licenses = Live software or subscriptions hang on the relationship
    .detail = Live or waiting for keys: { $entitlements } of the customer's software purchases; live: { $subscriptions } of its subscriptions; waiting: { $orders } of its orders.
    .advice = Cancel or refund them first; then the relationship can end.

acceptance_already_answered = This was answered already
    .detail = It is in state { $state } since { $answeredAt }.
    .advice = Nothing more is to be done. Ask the partner for a new request to answer otherwise.

acceptance_expired = The link has expired
    .detail = It was good until { $expiredAt }.
    .advice = Ask the partner to send it again.

acceptance_withdrawn = The request was withdrawn
    .detail = The partner has taken its request back.
    .advice = Ask the partner, if you expected it.

acceptance_code_not_needed = No code is needed
    .detail = This can be accepted without a code.
    .advice = Accept or decline it.

acceptance_code_required = A code is needed
    .detail = The agreement can be accepted only with the code that is mailed to the customer's contact.
    .advice = Have the code sent with the decision `sendCode`, and accept with it.

acceptance_code_wrong = The code is not the right one
    .detail = { $attemptsLeft } more attempts can be made with this code.
    .advice = Type the six digits of the latest mail.

acceptance_code_expired = There is no code that is good
    .detail = The code has expired, was used, was tried too often or was never sent.
    .advice = Have a new code sent.

acceptance_code_limit = Too many codes were sent
    .detail = The next one can be sent at { $nextAt }.
    .advice = Look for the codes that were sent, also among unwanted mail, or wait.

domain_name_invalid = Not a tenant name
    .detail = The name has { $minimum } to { $maximum } lower-case letters and digits.
    .advice = Choose a name such as `panaderiasol`.

domain_taken = The name is taken
    .detail = `{ $domain }` belongs to a tenant already.
    .advice = Choose another name: `GET /v1/domains/{"{"}name{"}"}/availability` suggests free ones like it. If it is the customer's own, link it with `mode` `link`.

domain_invalid = Not a domain
    .detail = A domain has letters, digits and hyphens between dots, such as panaderiasol.example; below onmicrosoft.com there is one name of letters and digits.
    .advice = Copy the domain from the tenant's admin center. One of another script is written as DNS has it (xn--…).

tenant_reference_required = It is not said which tenant
    .detail = A tenant to link is named by `domain`, `tenantId` or `name`.
    .advice = Send at least one of them; both the domain and the id are best.

tenant_names_differ = Two names for one tenant
    .detail = `name` and `{ $domain }` are not the same.
    .advice = Leave one of them out. A tenant has one name below onmicrosoft.com.

tenant_already_linked = The customer has this tenant here already
    .detail = It is the tenant { $tenantId }.
    .advice = Use that one; if it waits for the customer, send the request again or unlink it first.

record_merged = This record leads to another
    .detail = It turned out to be a second record of one that was here before; `mergedInto` is that one's id.
    .advice = Use the id in `mergedInto` from now on.

tenant_belongs_to_other_customer = The tenant belongs to another customer
    .detail = A tenant belongs to one organisation.
    .advice = Check the domain and the id. Use the customer that has it, or unlink it there first.

tenant_not_awaiting_acceptance = The tenant does not wait for its customer
    .detail = The tenant is in state { $state }.
    .advice = Only a tenant that waits, or whose time is over, can be asked for again. Link one that was declined anew.

tenant_has_live_licenses = Live licences are on the tenant
    .detail = { $licenses } licences are on it; a licence never moves to another tenant.
    .advice = See `GET /v1/tenants/{"{"}id{"}"}/licenses`. Unlink it when all of them have ended.

tenant_has_no_credentials = There are no credentials for you
    .detail = Only the partner that created a tenant sees its first administrator; one that was linked has its own.
    .advice = Ask the customer for an account of the tenant.

credentials_already_revealed = The credentials were shown already
    .detail = They were shown on { $revealedAt } and are no longer kept.
    .advice = Repeat the request of then, with its key and by the same client, within 24 hours. Later the customer resets the password in its admin center.

tenant_not_active = The tenant is not active
    .detail = The tenant is in state { $state }.
    .advice = Wait until the tenant is active, or use another.

partner_kind_not_allowed = Partners of this kind cannot do this
    .detail = This is for partners of these kinds: { $kinds }.
    .advice = Let the other side of the link do it; `GET /v1/partners/me` says which kind yours is.

provider_not_active = The provider is not active
    .detail = The provider cannot link or sell now.
    .advice = Ask the provider; authorise it once it is active again.

provider_required = Say which provider
    .detail = The reseller is linked with several providers: { $providers }.
    .advice = Name one of them.

consent_required = Consent is required
    .detail = Nothing is accepted or authorised without an explicit yes to the text that is in force.
    .advice = Read what is asked (of a link: `POST /v1/indirect-provider-links:lookup`), and say yes with the field that is named once it is consented to.

link_exists = These two partners are linked already
    .detail = The link { $linkId } between them is live; there is one for each pair.
    .advice = Use that link. If its admin access was removed, invite with `"purpose": "restoreAdminAccess"`.

link_not_active = There is no live link between these partners
    .detail = The link does not stand: its state is { $state }. Renewals, decreases, keys and refunds of what was sold go on.
    .advice = Use another provider, or let the provider invite the reseller anew.

admin_access_already_removed = The admin access was removed before
    .detail = The provider has no admin access to the reseller's account.
    .advice = Nothing is left to do; the link stays as it is.

admin_access_not_removed = The admin access was not removed
    .detail = The provider has admin access to the reseller's account.
    .advice = Nothing is to be restored.

invitation_unknown = There is no such invitation
    .detail = No invitation of this marketplace has this token.
    .advice = Copy the whole link of the mail, unchanged, and check that it leads to this marketplace; else ask the provider for a new invitation.

invitation_for_another_reseller = The invitation is for another reseller
    .detail = The provider has named the reseller that it invites, and it is not the one that this token speaks for.
    .advice = Use a client of the invited reseller, or ask the provider for an invitation of your own.

invitation_expired = The invitation has expired
    .detail = It could be answered until { $expiredAt }.
    .advice = Ask the provider for a new invitation.

invitation_already_used = The invitation was used already
    .detail = It was accepted at { $answeredAt }; an invitation works once.
    .advice = See `GET /v1/indirect-provider-links` for what came of it.

invitation_cancelled = The invitation was cancelled
    .detail = The provider took it back at { $answeredAt }.
    .advice = Ask the provider for a new invitation.

invitation_declined = The invitation was declined
    .detail = It was declined at { $answeredAt }.
    .advice = If that was a mistake, ask the provider for a new invitation.

offer_not_available = The offer cannot be sold
    .detail = The offer { $offer } is not sold now.
    .advice = Choose an offer of `GET /v1/offers`.

term_not_available = The offer has no such term
    .detail = The offer { $offer } is not sold for this term with this billing cycle.
    .advice = Choose one of the `terms` of `GET /v1/offers/(id)`.

price_not_available = The offer has no price
    .detail = The source of the catalogue gives no price for { $offer }.
    .advice = It is listed and may be upgraded to only where it has a price. Choose another offer of `GET /v1/offers`, or ask the operator to import a price.

seat_cap_exceeded = More seats than the plan may have on a tenant
    .detail = The plan { $plan } may have { $cap } seats on a tenant; there would be { $seats }.
    .advice = Order fewer seats, or upgrade to a plan with a higher limit: see `GET /v1/offers/(id)/upgrades`.

plan_family_conflict = Plans of two families on one tenant
    .detail = The tenant holds plans of the family { $held }; this one is of the family { $family }.
    .advice = Choose a plan of the same family, upgrade all users to the other family, or use another tenant.

upgrade_not_allowed = No such upgrade
    .detail = The upgrade table has no way from { $from } to { $to }.
    .advice = Choose one of `allowed` in `context`; it is empty where there is no upgrade at all.

upgrade_requires_all_users = All users move, or none
    .detail = { $to } is of another family than { $from }.
    .advice = Upgrade all of the tenant's subscriptions of that family together.

upgrade_channel_not_supported = No upgrades through this channel
    .detail = The upgrade table { $table } does not serve what was bought through { $channel }.
    .advice = `channels` in `context` names those that it serves. Otherwise let the subscription end and buy the other plan.

subscription_limit_reached = The tenant has as many subscriptions as it may
    .detail = A tenant may have { $limit } subscriptions.
    .advice = Add seats to a subscription that is there, or use another tenant.

partner_of_record_invalid = Not the reseller of record
    .detail = The partner of record is an active reseller with a live link to the provider, whose customer this is.
    .advice = Name one of `choices` in `context` as `partnerIdOnRecord`; where it is empty, leave the field out.

order_not_cancellable = The order does not wait
    .detail = The order is in state { $state }; only what waits can be cancelled.
    .advice = What is complete is given back by a refund, or by cancelling its subscription.

subscription_not_active = The subscription is not active
    .detail = The subscription is in state { $state }.
    .advice = Let a suspended one go on first, and renew an extended one; what has ended is bought anew.

subscription_not_suspended = The subscription is not suspended
    .detail = The subscription is in state { $state }.
    .advice = Nothing is to be resumed.

seat_decrease_window_closed = These seats can no longer be given back
    .detail = { $fewer } seats were to go; { $openSeats } stand in batches whose window is open.
    .advice = Take away no more than `openBatches` in `context` have, or schedule it with `"effective": "endOfTerm"`.

seat_quantity_unchanged = The subscription has so many seats already
    .detail = There are { $quantity } seats now.
    .advice = Send the number of seats that there shall be, not the difference.

seats_exceed_subscription = The subscription has fewer seats
    .detail = The subscription has { $seats } seats.
    .advice = Move at most so many, or leave `quantity` out to move all of them.

software_seats_fixed = Licences of software are not seats
    .detail = This is on-premises software: its quantity does not change after the purchase.
    .advice = Order more licences, or ask for a refund of the order line at `POST /v1/refunds`.

extension_not_available = This plan cannot be extended
    .detail = { $offer } has no price for a month of an extended term.
    .advice = Choose `renew` or `cancel`.

nothing_scheduled = Nothing is scheduled
    .detail = Nothing of this subscription changes at the end of its term.
    .advice = Nothing is left to do.

renewal_not_payable = The renewal waits for no payment
    .detail = The renewal is in state { $state }.
    .advice = A scheduled one opens at `opensAt` in `context`; what is paid or cancelled needs nothing.

payment_by_transacting_partner = Only the partner that buys records this
    .detail = Payments of a renewal are recorded by the partner that transacts; the reseller of record reads them.
    .advice = Ask the provider to record it.

renewal_payment_pending = A renewal is not paid yet
    .detail = The period that has begun is charged, and its payment is open.
    .advice = Record the payment at `POST /v1/renewals/(id)/payments` with the `renewalId`; then move to the other plan.

renewal_payment_overdue = A renewal is overdue
    .detail = The subscription was suspended because a renewal was not paid in time.
    .advice = Record the payment at `POST /v1/renewals/(id)/payments`: the subscription goes on by itself.

payment_amount_differs = Not what is owed
    .detail = A renewal is paid in one amount, all that is owed.
    .advice = Pay exactly `owed` in `context`.

signal_unknown = No such signal
    .detail = The sales guide has no signal { $signal }; it has { $allowed }.
    .advice = Leave it out, or take one of `allowed` in `context`.

sales_guide_missing = There is no sales guide
    .detail = No catalogue that was imported has a sales guide that holds now.
    .advice = Ask the operator to import a catalogue with one: `lonja catalog import`.

open_agreement_not_signed = The Open agreement is not signed
    .detail = The customer has not signed the agreement { $agreementId }.
    .advice = A global administrator of the customer signs it: `POST /v1/open/agreements/{"{"}id{"}"}:sign`.

open_agreement_already_signed = The Open agreement is signed already
    .detail = It was signed at { $signedAt }.
    .advice = Nothing is left to be done.

open_agreement_expired = The Open agreement's term is over
    .detail = The agreement { $agreementId } ended at { $endedAt }.
    .advice = Make a new agreement with the customer; what was bought on the old one stays.

open_order_required = Through Open this needs an order on an agreement
    .detail = What is bought through Open comes as keys: seats and further years as much as the first.
    .advice = Place the order on the customer's agreement: `POST /v1/open/orders`.

partner_not_mospa = The partner of record is not enabled as an advisor
    .detail = The partner { $partnerId } is not enabled to advise customers (MOSPA).
    .advice = Ask the operator to enable it as an advisor.

key_retrieval_forbidden = Only the customer and the named reseller retrieve this key
    .detail = The order names the reseller { $resellerId }.
    .advice = Leave it to the customer or that reseller.

key_unknown = There is no such key
    .detail = This key is none of yours, or was never retrieved.
    .advice = Check it character by character against the key that was retrieved.

key_repeated = The key stands in the list twice
    .detail = This is the same key as one before it in the list.
    .advice = Name each key once.

key_already_redeemed = The key is redeemed already
    .detail = It was redeemed at { $redeemedAt }.
    .advice = Take it out of the list; its subscription has begun.

redemption_customers_differ = These keys are of several customers
    .detail = One redemption is for one organisation, and this key is another customer's than the first one of the list.
    .advice = Redeem the keys of each customer by themselves.

refund_not_allowed_key_activated = Nothing is given back once the key is redeemed
    .detail = The key was redeemed, and its subscription { $subscriptionId } has begun.
    .advice = Let the subscription come to its end. Only keys that are not redeemed are cancelled and credited.

advisor_rate_out_of_bounds = Outside the bounds of an advisor's fee
    .detail = The first year's fee is from { $from } to { $to } % of sales, with two decimals at most.
    .advice = Give a rate inside these bounds.

advisor_agreement_exists = There is an agreement already
    .detail = This partner is the advisor of this customer already, by the agreement { $agreementId }.
    .advice = See `GET /v1/advisor-agreements`.

license_bound_to_tenant = A licence stays with its tenant
    .detail = This licence is bound to the tenant { $tenantId } for good.
    .advice = Buy it again for the other tenant: `order` is the body to send to `POST /v1/orders`.

combination_not_available = There is no such version, language and bitness
    .detail = The product does not come in this combination; `available` lists those there are.
    .advice = Choose a combination of `available`.

downgrade_not_permitted = This version is too old for the licence
    .detail = The licence goes back by { $depth } versions at most from the one that was bought.
    .advice = Choose one of `available`.
key_type_not_available = This type of key does not exist here
    .detail = Keys of the CSP programme are MAK.
    .advice = Use the type MAK.

key_format_invalid = Not a product key
    .detail = A product key is five groups of five characters of BCDFGHJKMNPQRTVWXY2346789.
    .advice = Check the key for look-alike characters.

awaiting_stock = No key is in stock
    .detail = The purchase waits for stock of this product and version.
    .advice = Choose a version of `inStock`, or try again when the operator has filled the stock.

key_revoked = The key was revoked
    .detail = The purchase was cancelled and its key revoked at { $revokedAt }.
    .advice = Buy the software again.

key_reveal_limit_reached = Too many product keys were revealed
    .detail = In 24 hours { $limit } product keys may be revealed (for each { $per ->
            [client] client
           *[partner] partner
        }); the next one at { $nextAt }.
    .advice = Wait until then. Whoever runs this marketplace can raise the limit.

key_already_assigned = The key was assigned already
    .detail = This purchase already has its key, for version { $version }.
    .advice = Reveal the key for version { $version }.

csv_heading_missing = The file lacks columns
    .detail = The first line must name the columns; missing: { $columns }.
    .advice = Put the names of the columns into the first line, separated by commas or semicolons.
risk_not_acknowledged = The risk was not acknowledged
    .detail = Whoever holds the link has what it leads to. Product keys and software are sought after: a link that is forwarded or found is used or sold by others.
    .advice = Send the link only to the customer, by a way that others do not read; set `acknowledgeRisk` to true.
media_not_available = There is no file for this choice
    .detail = The catalogue has this combination, but no file is listed for it.
    .advice = Choose another combination, or ask the operator to list the file (`lonja media import`).
media_missing = The file is not there now
    .detail = The file was moved or changed since it was listed, and is not served.
    .advice = Nothing was counted. Try again later; if it lasts, tell the operator.
link_expired = The link has expired
    .detail = It was good until { $expiredAt }.
    .advice = Ask whoever sent it for a new one.
link_used_up = The link was used as often as it may be
    .detail = It was good for { $limit } uses.
    .advice = Ask whoever sent it for a new one. If you have not used it yourself, tell them: somebody else has.
link_withdrawn = The link was withdrawn
    .detail = Whoever made it has taken it back.
    .advice = Ask whoever sent it.
refund_window_closed = The refund window is closed
    .detail = The window of this purchase closed at { $closedAt }.
    .advice = Set the end of term instead, so that it is not renewed.

refund_already_open = There is a refund for this line already
    .detail = The refund { $refundId } is for the same order line.
    .advice = See `GET /v1/refunds/{ $refundId }`.

refund_amount_exceeds_quote = More is asked than the quote gives
    .detail = The quote is { $quote }.
    .advice = Ask for at most { $quote }.

refund_not_possible = This cannot be refunded
    .detail = The purchase is in state { $state }.
    .advice = Choose an order line that was completed and not cancelled.

refund_request_required = Software is given back by a refund request
    .detail = This is on-premises software: cancelling it needs a refund request with its reasons.
    .advice = Ask for it at `POST /v1/refunds`, with `orderId` of `context`.

refund_review_required = Refunds are reviewed here
    .detail = Seats that were paid for are given back by a refund that is reviewed, not by changing their number.
    .advice = Ask for it at `POST /v1/refunds`, with `subscriptionId` and `quantity` of `context`; or take fewer from the end of the term on.

refund_customer_mismatch = The purchase is another customer's
    .detail = The order was not placed for the customer that the request names.
    .advice = Name the order's customer by its name, or by the GUID or a domain of one of its tenants.

refund_not_open = The refund is decided already
    .detail = Its state is { $state }.
    .advice = Only what is requested or in review can be approved, rejected or withdrawn.

partial_quantity_not_allowed = Only all of it can be given back
    .detail = The policy { $policy } takes back the whole quantity, { $quantity }, or nothing.
    .advice = Leave `quantity` out, and ask for less money instead where that is meant.

product_not_refundable = This product is sold without a right to give it back
    .detail = Its terms of sale grant no refund.
    .advice = Set the end of term instead, so that it is not renewed.

attachment_limit = There are too many files
    .detail = One thing has at most { $limit }.
    .advice = Put several pages into one PDF.

attachment_not_base64 = The file is not base64
    .detail = `content` has other characters than base64, or is cut off.
    .advice = Send its bytes in base64 (RFC 4648, section 4), without line breaks.

attachment_type_not_allowed = Files of this type are not taken
    .detail = Its bytes say { $found }. Taken are: { $allowed }.
    .advice = Send it as a PDF, a PNG or a JPEG.

attachment_type_differs = The file is not what it is called
    .detail = It is called { $declared }, and its bytes say { $found }.
    .advice = Set `contentType` to what the file is.

event_type_unknown = There is no such type of event
    .detail = No event has this type; the nearest is `{ $nearest }`.
    .advice = Take a type from the webhooks section of the document, such as `order.placed`, or `order.*` for all of a thing.

webhook_url_invalid = The URL cannot be a receiver
    .detail = Expected: { $expected }.
    .advice = Give the full address of your receiver, such as https://hooks.example.com/lonja.

webhook_address_not_allowed = The address is not allowed
    .detail = The address is not on the public internet.
    .advice = Give a public address; an operator can allow a network with `webhooks.allowed_networks`.

webhook_endpoint_disabled = The webhook endpoint is disabled
    .detail = The endpoint is disabled, so nothing is sent to it.
    .advice = Enable it first: PATCH it with `"state": "enabled"`.

webhook_endpoint_limit = There are too many webhook endpoints
    .detail = There are { $most } already.
    .advice = Delete one that is no longer used.

delivery_pending = The delivery is under way
    .detail = The next attempt is due at { $nextAttemptAt }.
    .advice = Wait for it; redeliver once it has been delivered or has failed.

clock_cannot_go_back = The clock cannot go back
    .detail = It is { $now } in this sandbox.
    .advice = Choose a later instant.

clock_busy = The clock is being moved
    .detail = Another call is moving the clock of this sandbox, and what is due meanwhile is being done.
    .advice = Wait until the other call has answered.

gcc_indirect_reseller_must_use_provider = An indirect reseller goes through its provider
    .detail = Only direct-bill partners and indirect providers are validated for the government cloud; an indirect reseller sells through its provider.
    .advice = Let your provider submit `POST /v1/gcc/partner-validations`; then submit your customers with its commercial tenant id. `POST /v1/gcc/eligibility` lists every step.

gcc_azure_gov_tenant_refused = This is the Azure Government tenant
    .detail = The tenant id given is the one that { $company } has in Azure Government; validations take the commercial (global) one.
    .advice = Send the commercial tenant id of the partner that will transact; `context.commercialTenantId` has it where it is on record.

gcc_wrong_transacting_tenant = The tenant id is not the transacting partner's
    .detail = The tenant id given is not the commercial one of { $through ->
            [provider] a provider that you are linked with
           *[other] your own company
        }, as it is on record.
    .advice = `context.transacting` lists who can transact, with the tenant id of each. Where it is null, the partner records it with `PATCH /v1/partners/{ "{id}" }`; where the list is empty, link with a provider first.

gcc_partner_not_qualified = The partner is not qualified for the government cloud
    .detail = { $company } has not been validated for the government cloud.
    .advice = The partner that transacts submits `POST /v1/gcc/partner-validations`; the answer comes within two business days.

gcc_partner_already_qualified = The partner is qualified already
    .detail = Your company has been qualified for the government cloud since { $since }.
    .advice = Go on with your customers: `POST /v1/gcc/customer-validations`.

gcc_country_not_us = The organisation is not in the United States
    .detail = The government cloud is for organisations in the United States; the country given is { $country }.
    .advice = Submit the organisation under its address in the United States, or choose offers outside the government cloud.

gcc_controlled_data_required = The class of controlled data is missing
    .detail = A private entity qualifies by the controlled data of the government that it holds.
    .advice = Name the class in `controlledData`, and show it in `evidence`.

gcc_controlled_data_not_asked = No class of controlled data is asked here
    .detail = `controlledData` is for the category `privateEntity`; the category given is { $category }.
    .advice = Leave `controlledData` out, or choose the category that fits.

gcc_organization_differs = The organisation is not the customer
    .detail = Given is { $given }, the customer is recorded as { $recorded }; that is who is reviewed for the government cloud.
    .advice = Use the name of the record. In a validation you may also leave `customerId` out: the approval then brings a validation code for the organisation.

gcc_organization_already_validated = The organisation is validated already
    .detail = Its validation code { $validationCode } has { $remainingCreates } uses left; nobody is validated twice.
    .advice = Create the customer with `gccValidationCode`, or qualify an existing one with `PUT /v1/customers/{ "{id}" }/qualifications/government-community-cloud`.

gcc_validation_already_open = A validation is open already
    .detail = This company already has a validation that is not decided; one covers Office 365, Dynamics 365, EMS and Power BI.
    .advice = Wait for its answer, or withdraw it; `context.validationId` names it where it is yours.

gcc_validation_state_not_allowed = The validation is in another state
    .detail = It is { $state }; this can be done while it is { $allowed }.
    .advice = Read the validation again: somebody may have decided it meanwhile. Once it is decided, submit a new one.

gcc_code_exhausted = The validation code is used up
    .detail = All { $maxCreates } uses of the code for { $organization } are spent.
    .advice = Submit the organisation anew with `POST /v1/gcc/customer-validations`, and say how many customers are needed.

gcc_code_wrong_organization = The code is for another organisation
    .detail = The code is for { $validated } in the United States; the customer is { $customer } in { $country }.
    .advice = Use the code of this organisation, or submit it with `POST /v1/gcc/customer-validations`.

gcc_code_withdrawn = The validation code was withdrawn
    .detail = The operator has withdrawn this code; nobody is qualified with it any more.
    .advice = Read the mail that says why; then submit the organisation anew with `POST /v1/gcc/customer-validations`.

gcc_customer_already_qualified = The customer is qualified already
    .detail = The customer holds a qualification, and can hold one only.
    .advice = Nothing is missing: offers of the government cloud can be ordered for it.

gcc_customer_not_validated = The customer is not validated for the government cloud
    .detail = Offers of the government cloud are sold to validated customers only, and this one is not.
    .advice = `POST /v1/gcc/eligibility` with the customer lists every missing step; the usual one is `POST /v1/gcc/customer-validations`. One validation opens Office 365, Dynamics 365, EMS and Power BI.
