# Why an answer is what it is: of recommendations, upgrades and comparisons.

few_users = { $users } users: an organisation of up to { $limit } is small.
many_users = { $users } users: more than { $limit } is not small.
growing = The organisation grows, so it is treated as larger than it is.
basic_it = Its needs of IT are basic.
advanced_it = Its needs of IT are advanced, which counts like more users.
wants_mail = It wants e-mail in the cloud.
wants_desktop_apps = It wants Office on the desktop.
wants_both_or_other = It wants both, or another service.
over_the_cap = The plan takes { $cap } seats at most; there are { $users } users.
no_price_listed = The source of the catalogue gives no price: it is listed and cannot be ordered.
not_sold_in_currency = The plan is not sold in { $currency } now.

same_family = Both plans are of the family { $family }: some of the users may move, or all.
other_family = The plans are of the families { $from } and { $to }: all users of the tenant move, or none.
channel_not_served = The upgrade table { $table } serves { $channels }, not { $channel }.
channel_served = The upgrade table { $table } serves { $channel }.

advisor_bills_vendor = The vendor bills the customer. The advisor gets { $from } to { $to } % of the first year's sales and { $later } % of each later year's while the customer stays.
reseller_bills_reseller = The reseller bills the customer: it earns its own price less the provider's, every year.
services_extra = Services come on top in either model, as given: once in the first year, or every year.
sales_at_list_price = Sales are the list price of each billing cycle, times seats, as often as it is paid in a year; without tax, without changes of price or seats.
rounded_once = Each share is rounded half up, once for each year.

# What is missing for an order of the government cloud.
gcc_step_activate_partner = Your company is not active: its `nextStep` says what brings it on.
gcc_step_invite_reseller = You are linked with no provider. An indirect reseller sells in the government cloud through its provider: ask one to invite you. `GET /v1/indirect-providers` lists those of your region.
gcc_step_authorize_link = Authorise the provider that has invited you, with the code of its mail.
gcc_step_reinstate_seller = { $company } was stopped by the operator.
gcc_step_record_tenant_id = { $company } has no commercial tenant id on record.
gcc_step_submit_partner_validation = The partner that transacts is not qualified for the government cloud: it submits itself for validation.
gcc_step_answer_about_partner = The reviewer has asked about { $company }; the clock stands still until the answer comes.
gcc_step_approve_partner_validation = The reviewer decides about the partner within two business days.
gcc_step_submit_customer_validation = The organisation is not validated for the government cloud: submit it, with the tenant id of the partner that will transact.
gcc_step_answer_about_customer = The reviewer has asked about { $organization }; the clock stands still until the answer comes.
gcc_step_approve_customer_validation = The reviewer decides about the organisation within two business days.
gcc_step_create_customer = Create the customer with its validation code: it is qualified in the same step. Then ask again with its `customerId`.
gcc_step_use_validation_code = { $organization } is validated: qualify the customer with the code.
gcc_step_ask_customer = { $organization } has not accepted { $company }: ask it; it accepts by the link in its mail.
gcc_step_attest_agreement = The customer has not accepted the Microsoft Customer Agreement: the partner that transacts attests that it has.
gcc_step_create_tenant = The customer has no active tenant for the licences.
gcc_step_not_in_united_states = { $organization } is in { $country }: the government cloud is for organisations in the United States.
gcc_step_other_region = A partner of { $seller } cannot sell to a tenant of { $customer }: another seller is needed.
gcc_step_wait_for_customer = The customer was asked to accept { $company } and has not answered yet. The request can be sent again; once it accepts, the next step is possible.
gcc_step_order_refused = Nothing of the government cloud is missing, but this order would be refused: { $reasons }. Its preview tells every reason and what to do.
