"""A mail server that keeps what it is given: folder, port, manners, user, password."""

import asyncio
import email
import email.policy
import os
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

folder, port, manners, user, password = sys.argv[1:]


class Keeper:
    """Writes each mail as its reader would see it: the envelope, the headers, the parts decoded."""

    def __init__(self):
        self.count = sum(name.endswith(".eml") for name in os.listdir(folder))

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("gone@"):
            return f"550 5.1.1 <{address}>: nobody of that name"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        if manners == "refusing":
            return "554 5.7.1 This message is not wanted here"
        mail = email.message_from_bytes(envelope.content, policy=email.policy.default)
        lines = [f"Envelope-To: {', '.join(envelope.rcpt_tos)}"]
        lines += [f"TLS: {session.ssl is not None}", f"Login: {session.authenticated}"]
        lines += [f"{name}: {value}" for name, value in mail.items()]
        for part in mail.walk():
            if part.get_content_maintype() == "text":
                lines += [f"--- {part.get_content_type()}", part.get_content()]
        self.count += 1
        path = os.path.join(folder, f"{self.count:04}.eml")
        with open(path + ".new", "w", encoding="utf-8") as file:
            file.write("\n".join(lines))
        os.replace(path + ".new", path)
        return f"250 2.0.0 Ok: queued as {self.count}"


def login(server, session, envelope, mechanism, data):
    right = isinstance(data, LoginPassword) and data.login == user.encode()
    right = right and data.password == password.encode()
    # One that is not right is to be told so by the server (535).
    return AuthResult(success=right, handled=right)


def context():
    import trustme

    authority = trustme.CA()
    server = authority.issue_cert("127.0.0.1", "localhost")
    authority.cert_pem.write_to_path(os.path.join(folder, "authority.pem"))
    made = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    server.configure_cert(made)
    return made


async def main():
    keeper = Keeper()
    options = {}
    if manners == "starttls":
        options = {
            "tls_context": context(),
            "require_starttls": True,
            "auth_required": True,
            "auth_require_tls": True,
            "authenticator": login,
        }
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: SMTP(keeper, enable_SMTPUTF8=True, loop=loop, **options),
        "127.0.0.1",
        int(port),
        ssl=context() if manners == "tls" else None,
    )
    path = os.path.join(folder, "port")
    with open(path + ".new", "w") as file:
        file.write(str(server.sockets[0].getsockname()[1]))
    os.replace(path + ".new", path)
    await server.serve_forever()


asyncio.run(main())
