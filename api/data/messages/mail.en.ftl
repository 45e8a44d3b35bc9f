# The mails. The value is the subject; `.body` its paragraphs; `.action` the words on the link; `.note` the small print.

mail_foot = Lonja, a marketplace for cloud software. This mail was sent because somebody named this address; if you did not expect it, do nothing.

mail_email_verification = Confirm your address for { $company }
    .body = { $company } is enrolling as a reseller on this marketplace and named this address as its primary contact.

        Confirm that the address is yours, and the review of the enrolment begins.
    .action = Confirm the address
    .note = The link works once, until { $until }. If you do not know this company, do nothing: without your confirmation the enrolment goes no further.
