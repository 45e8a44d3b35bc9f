"""A mail server on a port of its own. Prints the port, then each mail that it takes as a line of JSON.

Arguments: how (plain, starttls, tls), and for the last two a certificate and its key. With TLS it wants a login.
What it answers is told by the recipient: `refused@` for ever 550, `later@` always 451.
"""

import asyncio
import email
import email.policy
import json
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult


class Handler:
    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("refused@"):
            return "550 5.1.1 There is no such mailbox"
        if address.startswith("later@"):
            return "451 4.7.1 Try again later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        part = lambda kind: message.get_body((kind,)).get_content()
        came = {
            "to": envelope.rcpt_tos,
            "from": str(message["from"]),
            "subject": str(message["subject"]),
            "messageId": str(message["message-id"]),
            "text": part("plain"),
            "html": part("html"),
            "encrypted": server.transport.get_extra_info("ssl_object") is not None,
            "login": getattr(session, "login", None),
        }
        print(json.dumps(came), flush=True)
        return "250 OK"


def authenticate(server, session, envelope, mechanism, data):
    session.login = data.login.decode()
    return AuthResult(success=(data.login, data.password) == (b"lonja", b"p@ss word"))


async def main():
    how = sys.argv[1]
    context = None
    if how != "plain":
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(sys.argv[2], sys.argv[3])
    settings = {"hostname": "mail.test", "enable_SMTPUTF8": True}
    if how == "starttls":
        settings |= {"tls_context": context, "require_starttls": True}
    if how != "plain":
        settings |= {"authenticator": authenticate, "auth_required": True, "auth_require_tls": how == "starttls"}
    server = await asyncio.get_running_loop().create_server(
        lambda: SMTP(Handler(), **settings), "127.0.0.1", 0, ssl=context if how == "tls" else None
    )
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


asyncio.run(main())
