"""WhatsApp itself: what happens between a parent's phone, the unit's phone and Evolution."""

import asyncio
from dataclasses import dataclass
from typing import Any, Literal

from sandbox import baileys
from sandbox.business import BusinessWebhooks
from sandbox.clock import Clock
from sandbox.hub import Hub, Tasks
from sandbox.settings import Settings
from sandbox.state import CLOUD, RANK, Author, Instance, Message, Parent, State, Status, api_id, business_id, phone_id
from sandbox.webhooks import Webhooks

# How long WhatsApp's servers and the other phone take to acknowledge.
SERVER_ACK_S = 0.05
DELIVERY_ACK_S = 0.15


@dataclass(frozen=True)
class Draft:
    """What somebody typed on a phone. ``at`` (Unix seconds) other than now is a message that comes late."""

    text: str = ""
    kind: str = "text"
    id: str | None = None
    quote: str | None = None
    at: float | None = None
    addressing: baileys.Addressing = "pn"
    transcription: str | None = None


class WhatsApp:
    """Writes into the state, tells the hub, and emits the webhooks that Evolution would."""

    def __init__(self, settings: Settings, state: State, clock: Clock, hub: Hub, webhooks: Webhooks) -> None:
        self._settings = settings
        self._state = state
        self._clock = clock
        self._hub = hub
        self._webhooks = webhooks
        self._business = BusinessWebhooks(settings, webhooks)
        self.tasks = Tasks()

    def parent_writes(self, instance: Instance, parent: Parent, draft: Draft) -> Message:
        """Send a parent's message; it waits at WhatsApp while the unit's number is not connected."""
        message = self._typed(instance, parent, draft, "parent")
        message.push_name = parent.name
        if draft.kind == "reaction":
            self._react(message)
        known = self._state.message(message.id)
        if known is None or draft.kind == "reaction":
            self._keep(message)
        if instance.state == "open":
            self._arrive(instance, message)
        return message

    def unit_writes(self, instance: Instance, parent: Parent, draft: Draft) -> Message:
        """Staff type on the unit's own phone: an upsert with ``fromMe``, which counts as having read the chat."""
        message = self._typed(instance, parent, draft, "unit")
        message.push_name = self._settings.sandbox_unit_name
        self.read_by_unit(parent.phone)
        self._keep(message)
        self._upsert(instance, message)
        self.tasks.start(self._acknowledge(instance, message))
        return message

    def api_sends(self, instance: Instance, parent: Parent, remote_jid: str, text: str, **about: Any) -> Message:
        """Evolution sends for its caller.

        ``about``: ``delay_ms``, ``quoted`` (a Message), ``acknowledged``, ``reference``, ``template`` (its name, under
        which Evolution keeps it, whatever the person reads).
        """
        acknowledged = about.get("acknowledged", True)
        quoted: Message | None = about.get("quoted")
        now = self._clock.now()
        context: dict[str, Any] = {
            "mentionedJid": [],
            "groupMentions": [],
            "ephemeralSettingTimestamp": baileys.long(int(now) - 172800) | {"unsigned": False},
            "disappearingMode": {"initiator": 0},
        }
        if quoted:
            context |= baileys.quote_context(quoted, "unit", instance.owner_jid)
        message_id = business_id(instance) if instance.integration == CLOUD else api_id()
        message = Message(
            id=message_id,
            instance=instance.name,
            phone=parent.phone,
            direction="out",
            author="api",
            kind="text",
            text=text,
            at=now,
            key={"remoteJid": remote_jid, "fromMe": True, "id": message_id},
            content={"conversation": f"▶️{about['template']}◀️" if "template" in about else text},
            status="PENDING",
            push_name="Você",
            context_info=context,
            delay_ms=about.get("delay_ms", 0),
            quote=quoted.id if quoted else None,
            source="web",
            reference=about.get("reference"),
        )
        self._keep(message)
        self._webhooks.emit(
            instance, "send.message", baileys.record(message, instance), phone=parent.phone, key_id=message.id
        )
        if acknowledged:
            self.tasks.start(self._acknowledge(instance, message))
        return message

    def read_by_parent(self, phone: str) -> None:
        """Open the chat on the parent's phone: what reached it is read, the rest as soon as it does."""
        for message in self._state.chat(phone):
            if message.direction == "out" and RANK.get(message.status, 9) < RANK["READ"]:
                if message.status == "DELIVERY_ACK":
                    self._receipt(self._state.instances[message.instance], message, "READ")
                else:
                    message.read_wanted = True

    def read_by_unit(self, phone: str, only: frozenset[str] | None = None) -> None:
        """Blue ticks for the parent: on everything, or on the ids in ``only``."""
        for message in self._state.chat(phone):
            if message.direction == "in" and message.status == "DELIVERY_ACK" and (not only or message.id in only):
                self._set_status(message, "READ")

    def parent_types(self, instance: Instance, parent: Parent, presence: Literal["composing", "paused"]) -> None:
        """Report that the parent started or stopped typing."""
        data = {"id": parent.jid, "presences": {parent.jid: {"lastKnownPresence": presence}}}
        if instance.state == "open":
            self._webhooks.emit(instance, "presence.update", data, phone=parent.phone)

    def unit_types(self, phone: str, *, typing: bool) -> None:
        """Show "digitando…" on the parent's phone, or no longer."""
        self._hub.tell("typing", phone=phone, typing=typing)

    def connection(self, instance: Instance, state: Literal["open", "connecting", "close"]) -> None:
        """Connect or disconnect the unit's number; on ``open``, what waited at WhatsApp arrives late."""
        instance.state = state
        data: dict[str, Any] = {"instance": instance.name, "state": state, "statusReason": 200}
        if state == "open":
            data |= {
                "wuid": instance.owner_jid,
                "profileName": self._settings.sandbox_unit_name,
                "profilePictureUrl": None,
            }
        elif state == "close":
            data["statusReason"] = 428
        self._webhooks.emit(instance, "connection.update", data)
        self._hub.tell("connection", instance=instance.name, state=state)
        if state == "open":
            for message in self._state.messages:
                waiting = message.direction == "in" and message.status == "SERVER_ACK"
                if waiting and message.instance == instance.name:
                    self._arrive(instance, message)

    def edit(self, message: Message, text: str) -> None:
        """Edit what a parent wrote."""
        message.text, message.edited = text, True
        message.content = {"conversation": text}
        data = {
            "key": {name: message.key[name] for name in ("remoteJid", "fromMe", "id")},
            "type": "MESSAGE_EDIT",
            "editedMessage": {"conversation": text},
            "timestampMs": str(int(self._clock.now() * 1000)),
        }
        self._changed(message, "messages.edited", data)

    def delete(self, message: Message) -> None:
        """Delete a message for everybody."""
        message.text, message.deleted = "", True
        data = {
            "remoteJid": message.key["remoteJid"],
            "id": message.id,
            "fromMe": message.direction == "out",
            "addressingMode": message.key.get("addressingMode", "pn"),
            "status": "DELETED",
        }
        self._changed(message, "messages.delete", data)

    def call(self, instance: Instance, parent: Parent) -> str:
        """Let a parent call; nobody answers. Returns the id of the call."""
        call_id = phone_id()
        data = {
            "chatId": parent.jid,
            "from": parent.jid,
            "id": call_id,
            "date": self._clock.now(),
            "offline": False,
            "status": "offer",
            "isVideo": False,
            "isGroup": False,
        }
        self._webhooks.emit(instance, "call", data, phone=parent.phone, key_id=call_id)
        return call_id

    def _typed(self, instance: Instance, parent: Parent, draft: Draft, author: Author) -> Message:
        message_id = draft.id or (phone_id() if instance.channel == "evolution" else business_id(instance))
        at = self._clock.now() if draft.at is None else draft.at
        quoted = self._state.message(draft.quote) if draft.quote else None
        from_me = author == "unit"
        context = None
        if quoted and draft.kind != "reaction":
            context = baileys.quote_context(quoted, "parent", instance.owner_jid)
        return Message(
            id=message_id,
            instance=instance.name,
            phone=parent.phone,
            direction="out" if from_me else "in",
            author=author,
            kind=draft.kind,
            text=draft.text,
            at=at,
            key=baileys.key_from(parent, message_id, draft.addressing, from_me=from_me),
            content=baileys.content_of(draft.kind, draft.text, message_id, at, quoted=quoted),
            status="SERVER_ACK",
            message_type=baileys.MESSAGE_TYPES[draft.kind],
            context_info=context,
            quote=draft.quote,
            transcription=draft.transcription,
        )

    def _react(self, reaction: Message) -> None:
        target = self._state.message(reaction.quote) if reaction.quote else None
        if target:
            target.reaction = reaction.text or None
            self._hub.tell("message", message=target.as_json())

    def _arrive(self, instance: Instance, message: Message) -> None:
        self._set_status(message, "DELIVERY_ACK")
        self._upsert(instance, message)

    def _upsert(self, instance: Instance, message: Message) -> None:
        if instance.channel != "evolution":
            self._business.received(instance, self._state.parent(message.phone), message)
            return
        data = baileys.record(message, instance)
        self._webhooks.emit(instance, "messages.upsert", data, phone=message.phone, key_id=message.id)

    def _keep(self, message: Message) -> None:
        self._state.keep(message)
        self._hub.tell("message", message=message.as_json())

    def _changed(self, message: Message, event: str, data: dict[str, Any]) -> None:
        self._hub.tell("message", message=message.as_json())
        instance = self._state.instances[message.instance]
        self._webhooks.emit(instance, event, data, phone=message.phone, key_id=message.id)

    async def _acknowledge(self, instance: Instance, message: Message) -> None:
        for pause_s, status in ((SERVER_ACK_S, "SERVER_ACK"), (DELIVERY_ACK_S, "DELIVERY_ACK")):
            await asyncio.sleep(pause_s)
            if RANK[message.status] < RANK[status]:
                self._receipt(instance, message, "SERVER_ACK" if status == "SERVER_ACK" else "DELIVERY_ACK")
        if message.read_wanted or self._settings.sandbox_auto_read:
            self._receipt(instance, message, "READ")

    def _receipt(self, instance: Instance, message: Message, status: Status) -> None:
        self._set_status(message, status)
        message.updates.append(status)
        if instance.channel != "evolution":
            self._business.receipt(instance, message, status)
            return
        data = baileys.receipt(message, instance)
        self._webhooks.emit(instance, "messages.update", data, phone=message.phone, key_id=message.id)

    def _set_status(self, message: Message, status: Status) -> None:
        message.status = status
        self._hub.tell("status", id=message.id, phone=message.phone, status=status, direction=message.direction)
