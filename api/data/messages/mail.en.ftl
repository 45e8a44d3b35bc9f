# The mails. The value is the subject; `.body` its paragraphs; `.action` the words on the link; `.note` the small print.

mail_foot = Lonja, a marketplace for cloud software. This mail was sent because somebody named this address; if you did not expect it, do nothing.
