# The words of the pages that people see.

page_skip = Skip to the content
page_foot = Lonja, a marketplace for cloud software.

problem_all = Error codes
problem_trail = Where you are
problem_by_status = By HTTP status
problem_intro = Every refusal of this service has one of these stable codes. Programs read `code`; the words are for people, in Spanish and English.
problem_means = What it means
problem_todo = What to do
problem_example = What a program receives
problem_example_note = An `application/problem+json` document (RFC 9457). Where … stands, an answer has the facts of its own case.
problem_refused = The request was refused: nothing was changed by it.
problem_failed = It failed on our side. Sending the same request again with the same `Idempotency-Key` does no harm.

status_400 = The request is malformed
status_401 = Not authenticated
status_403 = Not allowed
status_404 = Not found
status_405 = Method not allowed
status_408 = Too slow
status_409 = In conflict with the present state
status_410 = No longer there
status_412 = Changed meanwhile
status_413 = Too large
status_415 = Kind of content not supported
status_422 = Well-formed, but not acceptable
status_428 = A precondition is missing
status_429 = Too many requests
status_500 = Failed on our side
status_503 = Not available now

verify_email_ask = Confirm your address
    .body = { $company } is enrolling as a reseller on this marketplace and named { $email } as its primary contact. If that is you, confirm it: the review of the enrolment begins then.
    .action = Yes, this address is mine
    .todo = You do not know { $company }? Close this page. Without your confirmation the enrolment goes no further.
verify_email_done = Your address is confirmed
    .body = The review of { $company }’s enrolment has begun. It is done by { $due }, and its outcome comes to this address by mail.
    .todo = There is nothing more to do here; you can close this page.
verify_email_used = This link has been used
    .body = The address is confirmed already, and the enrolment is on its way.
    .todo = There is nothing to do here. The outcome of the review comes by mail.
verify_email_replaced = A newer link was sent
    .body = This link ended when another one was sent to you.
    .todo = Open the newest mail about this enrolment and use the link in it. If you cannot find it, ask your company to have it sent again.
verify_email_expired = This link has expired
    .body = It was good for seven days.
    .todo = Ask your company to have the mail sent again; the new link works.
verify_email_unknown = This link leads nowhere
    .body = It is not complete, or was not made here.
    .todo = Open the link in the mail once more, or copy all of it. If that does not help, ask your company to have it sent again.
verify_email_closed = This link is no longer needed
    .body = The enrolment does not wait for a confirmation any more.
    .todo = There is nothing to do here. Your company sees in its account where the enrolment stands.
