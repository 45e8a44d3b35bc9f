# The mails. The value is the subject; `.body` its paragraphs; `.action` the words on the link; `.note` the small print.

mail_foot = Lonja, a marketplace for cloud software. This mail was sent because somebody named this address; if you did not expect it, do nothing.

mail_email_verification = Confirm your address for { $company }
    .body = { $company } is enrolling as a reseller on this marketplace and named this address as its primary contact.

        Confirm that the address is yours, and the review of the enrolment begins.
    .action = Confirm the address
    .note = The link works once, until { $until }. If you do not know this company, do nothing: without your confirmation the enrolment goes no further.

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
