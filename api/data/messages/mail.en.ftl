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
