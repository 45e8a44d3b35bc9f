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
