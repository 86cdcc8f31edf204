"""Mail by SMTP (RFC 5321), plain or with a page beside the plain text."""

from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

from pydantic import SecretStr

TIMEOUT_S = 10.0


class Unsent(Exception):  # noqa: N818  # a state of the world, tried again later
    """The mail could not be handed over; the text names the kind of failure only."""


class Mail:
    """`url` is `smtp://user:password@host:587` (STARTTLS where offered) or `smtps://…`; `to` may be several."""

    def __init__(self, url: SecretStr, to: str) -> None:
        self._url = urlsplit(url.get_secret_value())
        self._to = to

    async def send(self, subject: str, text: str, *, html: str | None = None, key: str | None = None) -> None:
        """Hand one mail over; the same `key` is the same mail (`Message-ID`), however often it is sent.

        Raises `Unsent`.
        """
        import aiosmtplib

        user = unquote(self._url.username) if self._url.username else None
        message = EmailMessage()
        sender = message["From"] = user if user and "@" in user else self._to.split(",")[0].strip()
        message["To"] = self._to
        message["Subject"] = " ".join(subject.split())
        if key:
            message["Message-ID"] = f"<{key}@{sender.rpartition('@')[2]}>"
        message.set_content(text)
        if html:
            message.add_alternative(html, subtype="html")
        secure = self._url.scheme == "smtps"
        try:
            await aiosmtplib.send(
                message,
                hostname=self._url.hostname,
                port=self._url.port or (465 if secure else 587),
                username=user,
                password=unquote(self._url.password) if self._url.password else None,
                use_tls=secure,
                timeout=TIMEOUT_S,
            )
        except (aiosmtplib.SMTPException, OSError) as error:
            raise Unsent(type(error).__name__) from error
