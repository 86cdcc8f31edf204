"""Tells the owner: by e-mail, and by WhatsApp what is critical. Nothing personal is in it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid5

from chassis.logging import get_logger
from chassis.store import Store
from contracts import Event, conversation_id
from contracts.frontdesk import StaffNotified
from contracts.ingress import Address
from contracts.preprocessor import Contact

from frontdesk_service.alerting import RUNBOOK, Severity
from frontdesk_service.domain import local
from frontdesk_service.mail import Mail, Unsent
from frontdesk_service.wording.measures import alert_value

log = get_logger(__name__)
MARKS: dict[Severity, str] = {"critical": "🔴", "warning": "🟡", "info": "🔵"}


@dataclass(frozen=True)
class Told:
    """What is to be told of one alert."""

    id: UUID
    title: str
    severity: Severity
    over: bool
    value: float
    limit: float
    measure: str
    since: datetime
    section: str

    @property
    def line(self) -> str:
        """Say it in one line."""
        mark = "✅ Resolvido:" if self.over else MARKS[self.severity]
        now = f" ({alert_value(self.value, self.measure)})" if not self.over else ""
        return f"{mark} {self.title}{now}, desde {local(self.since):%d/%m às %Hh%M}"


class Teller:
    """`mail` and `phone` (E.164) are `None` where nobody is to be told that way; `page` is the desk's address."""

    def __init__(self, store: Store, mail: Mail | None, phone: str | None, page: str | None) -> None:
        self._store = store
        self._mail = mail
        self._phone = phone
        self._page = page

    async def tell(self, alerts: list[Told], now: datetime) -> bool:
        """Tell several at once; `False` when that must be tried again."""
        if self._mail:
            subject = alerts[0].line if len(alerts) == 1 else f"{len(alerts)} avisos da recepção"
            try:
                await self._mail.send(subject, self._body(alerts))
            except Unsent as error:
                log.warning("alert_not_sent", error=str(error))
                return False
        critical = [alert for alert in alerts if alert.severity == "critical"]
        if critical and self._phone:
            await self._by_whatsapp(critical, now)
        return True

    def _body(self, alerts: list[Told]) -> str:
        runbook = f"{self._page}/runbook" if self._page else RUNBOOK
        lines = [
            line
            for alert in alerts
            for line in (alert.line, *([] if alert.over else [f"   O que fazer: {runbook}#{alert.section}"]))
        ]
        where = [f"Página: {self._page}/avisos"] if self._page else []
        return "\n".join([*lines, "", *where])

    async def _by_whatsapp(self, alerts: list[Told], now: datetime) -> None:
        phone = str(self._phone)
        async with self._store.unit() as tx:
            instance = await tx.connection.fetchval(
                "select coalesce((select instance from channels order by changed_at desc limit 1),"
                " (select instance from people where instance is not null order by address_at desc limit 1))"
            )
            if instance is None:
                return
            key = ":".join([*sorted(f"{alert.id}:{alert.over}" for alert in alerts), now.isoformat()])
            address = Address(jid=f"{phone.removeprefix('+')}@s.whatsapp.net", phone=phone)
            fact = StaffNotified(
                reply_id=uuid5(alerts[0].id, key),
                contact=Contact(phone=phone, address=address),
                instance=instance,
                text="\n".join(alert.line for alert in alerts),
            )
            subject = conversation_id(phone)
            await tx.emit(Event.first(fact, key=key, source="frontdesk", subject=subject, now=now))
