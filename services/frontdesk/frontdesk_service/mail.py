"""Plain-text mail by SMTP (RFC 5321), to one address."""

from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

from pydantic import SecretStr

TIMEOUT_S = 10.0


class Unsent(Exception):  # noqa: N818  # a state of the world, tried again later
    """The mail could not be handed over; the text names the kind of failure only."""


class Mail:
    """`url` is `smtp://user:password@host:587` (STARTTLS where offered) or `smtps://…`."""

    def __init__(self, url: SecretStr, to: str) -> None:
        self._url = urlsplit(url.get_secret_value())
        self._to = to

    async def send(self, subject: str, text: str) -> None:
        """Hand one mail over. Raises `Unsent`."""
        import aiosmtplib

        user = unquote(self._url.username) if self._url.username else None
        message = EmailMessage()
        message["From"] = user if user and "@" in user else self._to
        message["To"] = self._to
        message["Subject"] = " ".join(subject.split())
        message.set_content(text)
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
