# The mails. The value is the subject; `.body` its paragraphs; `.action` the words on the link; `.note` the small print.

mail_foot = Lonja, a marketplace for cloud software. This mail was sent because somebody named this address; if you did not expect it, do nothing.

mail_email_verification = Confirm your address for { $company }
    .body = { $company } is enrolling as a reseller on this marketplace and named this address as its primary contact.

        Confirm that the address is yours, and the review of the enrolment begins.
    .action = Confirm the address
    .note = The link works once, until { $until }. If you do not know this company, do nothing: without your confirmation the enrolment goes no further.

mail_enrolment_in_review = { $company }: the review has begun
    .body = Your address is confirmed. The enrolment of { $company } is being reviewed; that is done by { $due }.

        We write to you again when there is a decision.
mail_enrolment_overdue = { $company }: the review is taking longer
    .body = The review of { $company }’s enrolment should have been done by { $due }, and is not. Nothing is missing on your side.

        The operator of the marketplace sees it first in its list now. If you ask it, name the partner { $partner }.
mail_enrolment_approved = { $company } is approved
    .body = The enrolment of { $company } was approved.

        One step is left: a globalAdmin reads the partner agreement and accepts it. Then { $company } may sell.
mail_enrolment_approved_without_location = { $company } is approved; its PartnerID is missing
    .body = The enrolment of { $company } was approved.

        Two steps are left: link the PartnerID of type location, then a globalAdmin reads the partner agreement and accepts it. Then { $company } may sell.
mail_enrolment_rejected = { $company }: the enrolment needs corrections
    .body = The enrolment of { $company } could not be approved:

        { $reasons }

        Correct this and submit the enrolment again.
mail_partner_active = { $company } is active
    .body = { $company } has accepted the partner agreement and is active: it may be linked with a provider, and sell.
mail_partner_suspended = { $company } is suspended
    .body = The operator has suspended { $company }: { $reason }

        Until it is reinstated its API clients get no access. Ask the operator, naming the partner { $partner }.
mail_partner_reinstated = { $company } is reinstated
    .body = { $company } is no longer suspended. Its API clients work again.

names_two = { $one } and { $other }
names_two_i = { $one } and { $other }

mail_relationship_request = { $company }: please confirm that you work with { $partners }
    .body = { $partners } would like to serve { $company } on this marketplace. You are asked to accept.

        The page behind the link says who asks, and what accepting grants. It takes a minute; you can also decline there.
    .action = See and answer the request
    .note = The link is yours and works until { $until }. Pass it on inside your company only.

mail_relationship_request_mca = { $company }: please confirm that you work with { $partners }, and accept the Microsoft Customer Agreement
    .body = { $partners } would like to serve { $company } on this marketplace. You are asked to accept. Together with it you are asked to accept the Microsoft Customer Agreement, without which nothing can be ordered.

        The page behind the link says who asks, and what accepting grants. To accept you need a code, which the page has sent to this contact. You can also decline there.
    .action = See and answer the request
    .note = The link is yours and works until { $until }. Pass it on inside your company only.

mail_contact_changed = { $company } has another contact on the marketplace
    .body = { $partner } has named another contact for { $company } on this marketplace. Until now it was you.

        From now on what { $company } is asked is sent to the new contact.
    .note = If that is not right, ask { $partner }, or the operator of the marketplace.

mail_acceptance_code = { $code } is your code to accept for { $company }
    .body = Somebody at { $company } is about to accept { $partners } on this marketplace.

        The code is { $code }

        It works once, for { $minutes } minutes. Give it only to whoever may accept for your company; never give it to { $partners }: it is about them.
    .note = If nobody at your company asked for this code, do nothing: without it nothing is accepted.

forward_request = { $partners }: please confirm that we work together
    .body = Hello { $name },

        so that we can serve { $company } on the marketplace, please confirm that we work together. Open this link, read who asks for what, and accept. The link is personal: please leave it exactly as it is.

        { $link }

        It works until { $until }. You can also decline there.

        Kind regards
        { $partners }

forward_request_mca = { $partners }: please confirm that we work together, and accept the Microsoft Customer Agreement
    .body = Hello { $name },

        so that we can serve { $company } on the marketplace, please confirm that we work together, and accept the Microsoft Customer Agreement. Open this link, read who asks for what, and accept. The link is personal: please leave it exactly as it is.

        { $link }

        The page sends a code to your company's contact; you need it to accept. Please do not pass it on to us. The link works until { $until }. You can also decline there.

        Kind regards
        { $partners }

forward_tenant = { $partners }: please confirm for your Microsoft domain { $tenant }
    .body = Hello { $name },

        your Microsoft domain { $tenant } was served by another provider. So that we can activate licences on it for { $company }, please confirm that you accept { $partners } by this link: open it, read who asks for what, and accept. The link is personal: please leave it exactly as it is.

        { $link }

        The page sends a code to your company's contact; you need it to accept. Please do not pass it on to us. The link works until { $until }. You can also decline there.

        Kind regards
        { $partners }

mail_tenant_acceptance = To forward to { $company }: acceptance for { $tenant }
    .body = The Microsoft domain { $tenant } of { $company } was served by another provider. The customer has to accept { $partners } before it becomes active.

        Forward this mail to your customer as it is. The page behind the link sends a code to the customer's own contact; with it the customer accepts, and the domain becomes active by itself.
    .action = For the customer: see and answer the request
    .note = The link works until { $until }. If it runs out, ask again from the tenant.

mail_tenant_active = { $tenant } is active
    .body = { $company } has accepted. Its Microsoft domain { $tenant } is active; orders that waited for it go on by themselves.

mail_tenant_declined = { $company } has declined for { $tenant }
    .body = { $company } did not accept the request for its Microsoft domain { $tenant }. Orders that waited for it are cancelled. Speak with the customer, and link the domain again when it agrees.

mail_tenant_expired = Nobody answered for { $tenant }
    .body = { $company } has not answered the request for its Microsoft domain { $tenant } in time. Orders that waited for it are cancelled. You can ask again from the tenant; the customer gets a new link.

mail_link_invitation = { $company } invites you to work together
    .body = { $company } asks to be your indirect provider on this marketplace: to order and add subscriptions for your customers, with admin access to your company's account.

        { $message }

        A global administrator of your company reads what is asked and decides. The personal link below, or the code at its end, names the invitation.
    .action = See the invitation
    .note = The invitation can be answered once, until { $until }. Nothing is granted before you authorise it. If you do not know this company, do nothing.

mail_link_restore = { $company } asks for admin access again
    .body = { $company } is your indirect provider on this marketplace and asks for admin access to your company's account, which was removed.

        { $message }

        A global administrator of your company reads what is asked and decides. The personal link below, or the code at its end, names the request. Your link with this provider stays as it is either way.
    .action = See the request
    .note = The request can be answered once, until { $until }. Nothing is granted before you authorise it.

mail_renewal_payment_due = A payment is due for { $plan }
    .body = The renewal of { $plan }, { $seats } seats for { $company }, is to be paid: { $amount }.

        It must be settled by the end of { $until }. What is not paid by then is suspended.
    .note = If it was paid already, this mail has crossed with the payment.

mail_renewal_overdue = { $plan } is suspended: its renewal was not paid
    .body = The renewal of { $plan }, { $seats } seats for { $company }, was not paid in time, and the subscription is suspended. { $amount } are owed.

        A payment by the end of { $grace } lets it go on by itself; after that it is cancelled.

mail_renewal_payment_failed = A payment for { $plan } did not go through
    .body = The payment of { $amount } for the renewal of { $plan }, { $seats } seats for { $company }, did not go through: «{ $reason }»

        It must be settled by the end of { $until }. Check the method of payment, or pay another way.

mail_gcc_submitted = { $organization }: the validation for the government cloud was submitted
    .body = { $organization } was submitted for validation for the US government cloud, in the name of { $partner }.

        The answer is due by the end of { $due }, and comes by mail. The validation has the number { $validation }.
    .note = If nobody at your company submitted it, tell the operator.

mail_gcc_information_needed = { $organization }: the reviewer has a question
    .body = About the validation { $validation } for the US government cloud the reviewer asks:

        «{ $words }»

        Answer it with `POST /v1/gcc/…-validations/{ $validation }:provide-information`; files can be attached. Until then the clock stands still.

mail_gcc_information_needed_of_customer = A question about { $organization } and the US government cloud
    .body = { $partner } has asked to have { $organization } validated for the US government cloud. The reviewer asks:

        «{ $words }»

        Please give the answer to { $partner }, which hands it in for you.
    .note = If you do not know { $partner }, do nothing: without an answer nothing is approved.

mail_gcc_information_received = { $organization }: the answer has arrived
    .body = The answer about the validation { $validation } is with the reviewer. The clock goes on: a decision is due by the end of { $due }.

mail_gcc_partner_approved = { $organization } may sell in the US government cloud
    .body = { $organization } is qualified: `governmentCommunityCloud` stands among the qualifications in its profile.

        Next steps: submit customers with `POST /v1/gcc/customer-validations`, see their qualifications, and order GCC offers for those that are validated. Your linked resellers submit customers with your commercial tenant id.

mail_gcc_customer_approved = { $organization } may buy in the US government cloud
    .body = { $organization } is validated. Its qualification stands in its record.

        Next steps: { $partner } orders Office 365, Dynamics 365, EMS and Power BI for the government cloud; no further validation is needed.

mail_gcc_code_issued = { $organization } is validated: its code
    .body = { $organization } is validated for the US government cloud. Its validation code is { $code }.

        Next steps: create the customer with `gccValidationCode`, or qualify an existing one with `PUT /v1/customers/…/qualifications/government-community-cloud`; then order GCC offers for it.

mail_gcc_denied = { $organization } was not validated for the US government cloud
    .body = The reviewer denied the validation { $validation }:

        «{ $words }»

        Next steps: what is missing can be shown in a new request at any time.

mail_gcc_withdrawn = { $organization }: the validation was withdrawn
    .body = The validation { $validation } for the US government cloud was taken back before it was decided. A new one can be submitted at any time.

mail_gcc_overdue = { $organization }: the answer is late
    .body = The answer to the validation { $validation } was due by the end of { $due } and has not come. It stands first in the queue now; ask the operator, naming its number.

mail_gcc_code_withdrawn = { $organization }: its validation code was withdrawn
    .body = The operator has withdrawn the validation code { $code }:

        «{ $words }»

        Customers that were qualified with it stay so. The organisation can be submitted anew.

mail_open_welcome_customer = Your order { $purchaseOrder } through Open
    .body = { $reseller } has ordered Office 365 through the Open programme for { $company }, with your purchase order { $purchaseOrder }.

        { $signed ->
            [yes] The agreement { $agreement } is signed: a global administrator of { $company }, or { $reseller }, can retrieve the keys once they are in stock.
           *[no] A global administrator of { $company } is to sign the agreement { $agreement }. After that { $company } or { $reseller } can retrieve the keys.
        }

        The year of each plan begins when its key is redeemed. Until then the order can be cancelled; afterwards nothing is given back.

mail_open_welcome_reseller = The order { $purchaseOrder } of { $company } through Open
    .body = The order for { $company } through the Open programme was taken, with the purchase order { $purchaseOrder }.

        { $signed ->
            [yes] The agreement { $agreement } is signed: the customer, or you, can retrieve the keys once they are in stock.
           *[no] The customer is to sign the agreement { $agreement }. Before that nobody can retrieve a key.
        }

        The year of each plan begins when its key is redeemed. We recommend to do that together with the customer.

mail_open_renewal_notice = { $plan } of { $company } ends after { $until }
    .body = The year of { $plan }, { $seats } seats for { $company }, that began with a key of the Open programme ends after { $until }. It does not renew by itself.

        Another year needs another key through Open, or a direct purchase by the customer.
