"""Numbers of the unit without an Evolution between: what Meta's Cloud API and Twilio report of them, and sign.

Source: the Cloud API's "Webhooks notification payload" and "Validating payloads"; Twilio's "Request to your incoming
message webhook", "Status callback" and "Validating signatures". Twilio itself repeats a webhook only where its address
asks for that (`#rc=5&rp=all`); here it always does, as Meta.
"""

import base64
import hashlib
import hmac
import json
from typing import Any
from urllib.parse import urlencode

from sandbox import media
from sandbox.settings import Settings
from sandbox.state import Instance, Message, Parent, Status
from sandbox.webhooks import Webhooks

_STATUSES: dict[Status, str] = {"SERVER_ACK": "sent", "DELIVERY_ACK": "delivered", "READ": "read", "ERROR": "failed"}
_PLACE = {"latitude": -30.0346, "longitude": -51.2177, "address": "Porto Alegre, RS"}
_CARD_PHONE = "+5551991234599"


class BusinessWebhooks:
    """Sends them, signed, to where the settings say."""

    def __init__(self, settings: Settings, webhooks: Webhooks) -> None:
        self._settings = settings
        self._webhooks = webhooks

    def received(self, instance: Instance, sender: Parent, message: Message) -> None:
        """Report what a parent wrote."""
        if instance.channel == "meta":
            contact = {"profile": {"name": sender.name}, "wa_id": sender.jid_digits}
            value = {"contacts": [contact], "messages": [_of_meta(sender, message)]}
            self._meta(instance, "messages", message, value)
        else:
            form = {"ProfileName": sender.name, "WaId": sender.jid_digits, "SmsStatus": "received"}
            about = self._of_twilio(message)
            self._twilio(message, "messages", f"+{sender.jid_digits}", _number(instance), {**form, **about})

    def receipt(self, instance: Instance, message: Message, status: Status) -> None:
        """Report how far a message of the unit got."""
        said = _STATUSES[status]
        if instance.channel == "meta":
            about = {"id": message.id, "status": said, "timestamp": str(int(message.at)), "recipient_id": message.phone}
            reference = {"biz_opaque_callback_data": message.reference} if message.reference else {}
            self._meta(instance, "statuses", message, {"statuses": [about | reference]})
        else:
            self._twilio(message, "statuses", _number(instance), f"+{message.phone}", {"MessageStatus": said})

    def _meta(self, instance: Instance, event: str, message: Message, value: dict[str, Any]) -> None:
        url = self._settings.sandbox_meta_webhook_url
        if url is None:
            return
        number = {"display_phone_number": self._settings.sandbox_unit_phone, "phone_number_id": _number(instance)}
        change = {"field": "messages", "value": {"messaging_product": "whatsapp", "metadata": number, **value}}
        document = {"object": "whatsapp_business_account", "entry": [{"id": "102290129340398", "changes": [change]}]}
        body = json.dumps(document).encode()
        signature = hmac.new(self._settings.meta_app_secret.get_secret_value().encode(), body, hashlib.sha256)
        headers = {"Content-Type": "application/json", "X-Hub-Signature-256": f"sha256={signature.hexdigest()}"}
        self._webhooks.post(event, url, body, headers, phone=message.phone, key_id=message.id)

    def _of_twilio(self, message: Message) -> dict[str, str]:
        form = {"Body": message.text, "NumMedia": "0"}
        if message.kind in media.MIME:
            account = self._settings.twilio_account_sid
            path = f"/twilio/2010-04-01/Accounts/{account}/Messages/{message.id}/Media/ME{message.id}"
            here = f"http://{self._settings.sandbox_host}:{self._settings.sandbox_port}"
            form |= {"NumMedia": "1", "MediaContentType0": media.MIME[message.kind], "MediaUrl0": f"{here}{path}"}
        if message.kind == "location":
            form |= {"Latitude": str(_PLACE["latitude"]), "Longitude": str(_PLACE["longitude"]), "Label": message.text}
        return form | ({"OriginalRepliedMessageSid": message.quote} if message.quote else {})

    def _twilio(self, message: Message, event: str, sender: str, to: str, about: dict[str, str]) -> None:
        url = self._settings.sandbox_twilio_webhook_url
        if url is None:
            return
        ids = dict.fromkeys(("MessageSid", "SmsMessageSid", "SmsSid"), message.id)
        people = {"From": f"whatsapp:{sender}", "To": f"whatsapp:{to}"}
        form = {**ids, "AccountSid": self._settings.twilio_account_sid, **people, **about}
        signed = url + "".join(f"{name}{form[name]}" for name in sorted(form))
        token = self._settings.twilio_auth_token.get_secret_value()
        signature = base64.b64encode(hmac.new(token.encode(), signed.encode(), hashlib.sha1).digest()).decode()
        headers = {"Content-Type": "application/x-www-form-urlencoded", "X-Twilio-Signature": signature}
        self._webhooks.post(event, url, urlencode(form).encode(), headers, phone=message.phone, key_id=message.id)


def _number(instance: Instance) -> str:
    """Return the part of its name after the channel: Meta's id of the number, or the number."""
    return instance.name.partition(":")[2]


def _of_meta(sender: Parent, message: Message) -> dict[str, Any]:
    about: dict[str, Any] = {"from": sender.jid_digits, "id": message.id, "timestamp": str(int(message.at))}
    if message.quote and message.kind != "reaction":
        about["context"] = {"id": message.quote}
    match message.kind:
        case "text":
            return {**about, "type": "text", "text": {"body": message.text}}
        case "reaction":
            return {**about, "type": "reaction", "reaction": {"message_id": message.quote, "emoji": message.text}}
        case "location":
            return {**about, "type": "location", "location": {**_PLACE, "name": message.text}}
        case "contact":
            card = {"name": {"formatted_name": message.text}, "phones": [{"phone": _CARD_PHONE}]}
            return {**about, "type": "contacts", "contacts": [card]}
    file = media.file_of(message.kind, message.id)
    shown: dict[str, Any] = {"id": message.id, "mime_type": media.MIME[message.kind]}
    shown["sha256"] = base64.b64encode(hashlib.sha256(file).digest()).decode()
    if message.text:
        shown["caption"] = message.text
    if message.kind == "audio":
        shown["voice"] = True
    return {**about, "type": message.kind, message.kind: shown}
