"""Who wrote: a person is their phone; where WhatsApp shows only a LID, the phone that was once seen with it.

Source: WhatsApp's addressing, as Evolution API 2.3 passes it on; Brazil's ninth digit (Anatel, Resolução 553/2010).
"""

import re
from dataclasses import dataclass

import phonenumbers
from contracts import conversation_id
from contracts.ingress import Address

_BRAZILIAN_WITHOUT_NINTH = re.compile(r"55(?P<area>[1-9]\d)(?P<line>[6-9]\d{7})")
_PHONE_JID = re.compile(r"(?P<digits>\d{8,15})(?:[_:]\d+)*@(?:s\.whatsapp\.net|c\.us)")
_LID_JID = re.compile(r"(?P<user>\d+)(?:[_:]\d+)*@lid")


@dataclass(frozen=True)
class Person:
    """Where a person is, with everything that is known of the address, and their conversation."""

    address: Address

    @property
    def is_identified(self) -> bool:
        """Whether anything tells this person from others."""
        return bool(self.address.phone or self.address.lid)

    def conversation(self, otherwise: str) -> str:
        """Return the conversation: of the phone, else of the LID, else another."""
        known = self.address.phone or self.address.lid
        return conversation_id(known) if known else otherwise

    def with_phone(self, phone: str | None) -> "Person":
        """Return the person with the phone that an alias knows; the channel's own word comes first."""
        return Person(self.address.model_copy(update={"phone": self.address.phone or phone}))


def person(address: Address) -> Person:
    """Read an address: the phone in E.164 with its ninth digit, both names also from the JID itself."""
    by_phone, by_lid = _PHONE_JID.fullmatch(address.jid), _LID_JID.fullmatch(address.jid)
    phone = address.phone or (by_phone["digits"] if by_phone else None)
    lid = address.lid or (f"{by_lid['user']}@lid" if by_lid else None)
    return Person(address.model_copy(update={"phone": e164(phone) if phone else None, "lid": lid}))


def e164(phone: str) -> str:
    """Write a phone as E.164; a Brazilian mobile without its ninth digit gets it, so that one person is one number."""
    digits = re.sub(r"\D", "", phone)
    short = _BRAZILIAN_WITHOUT_NINTH.fullmatch(digits)
    if short:
        with_ninth = f"+55{short['area']}9{short['line']}"
        if phonenumbers.is_valid_number(phonenumbers.parse(with_ninth)):
            return with_ninth
    return f"+{digits}"
