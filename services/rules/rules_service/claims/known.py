"""What may be said: the unit's facts, made once, and what one conversation adds to them."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property

from rules_service.claims.contacts import Contacts, emails, national, phones
from rules_service.claims.money import Fees
from rules_service.claims.plain import plain
from rules_service.claims.quantities import quantities
from rules_service.claims.timetable import NearDays, Said, Timetable, Week, minute_of
from rules_service.facts import UnitFile, minutes

REMINDER_H = 2
"""A visit is reminded of so many hours before (reception, section 3)."""
_WORD = re.compile(r"[^\W\d_]{2,}")


@dataclass(frozen=True)
class Moment:
    """A slot that may be named, in the unit's zone."""

    start: datetime
    end: datetime


@dataclass(frozen=True)
class Known:
    """Everything that one text may claim."""

    fees: Fees
    contacts: Contacts
    timetable: Timetable
    quantities: frozenset[tuple[str, str]]
    own_words: frozenset[str] = frozenset()


@dataclass(frozen=True)
class UnitKnows:
    """What the unit's facts allow to say in any conversation."""

    fees: Fees
    contacts: Contacts
    week: Week
    quantities: frozenset[tuple[str, str]]

    @classmethod
    def of(cls, file: UnitFile, texts: Iterable[str] = ()) -> "UnitKnows":
        """Take the facts of a file, and the numbers of the knowledge's texts."""
        return cls(
            fees=Fees(
                file.prices.monthly_per_subject, file.prices.enrolment_per_student, len(set(file.subjects.offered))
            ),
            contacts=_contacts(file),
            week=Week(
                weekdays=frozenset(file.hours.weekday_numbers),
                periods=tuple((minutes(period.start), minutes(period.end)) for period in file.hours.periods),
            ),
            quantities=_numbers(file).union(*(quantities(plain(text)) for text in texts)),
        )

    def on(self, near: NearDays, *, moments: Sequence[Moment] = (), own: Iterable[str] = ()) -> Known:
        """Return what may be said on a day.

        `moments` are the slots that the reply is about; `own` the conversation's own data, which never makes a price
        true.
        """
        said = [plain(text) for text in own]
        return Known(
            fees=self.fees,
            contacts=_with_own(self.contacts, said),
            timetable=Timetable(
                week=self.week,
                near=near,
                moments=frozenset((moment.start.date(), minute_of(moment.start)) for moment in moments),
                spans=frozenset((minute_of(moment.start), minute_of(moment.end)) for moment in moments),
                own=Said.of("\n".join(said), near.today),
            ),
            quantities=self.quantities.union(*map(quantities, said)),
            own_words=frozenset(word for text in said for word in _WORD.findall(text)),
        )


@dataclass(frozen=True)
class Conversation:
    """What may be said in one conversation on a day: `moments` and `own` are as in `UnitKnows.on`.

    They are read only for a text that says more than the unit's facts.
    """

    unit: UnitKnows
    near: NearDays
    moments: Sequence[Moment] = ()
    own: Sequence[str] = ()

    @cached_property
    def known(self) -> Known:
        """All of it."""
        return self.unit.on(self.near, moments=self.moments, own=self.own)


def _contacts(file: UnitFile) -> Contacts:
    return Contacts(
        phones=frozenset({national(re.sub(r"\D", "", file.unit.contact_phone))}),
        emails=frozenset({file.unit.email.lower()}),
        links=frozenset(link.lower().rstrip("/") for link in file.unit.links),
        places=(plain(file.unit.address), plain(file.unit.name)),
    )


def _with_own(unit: Contacts, said: Sequence[str]) -> Contacts:
    if not said:
        return unit
    return replace(
        unit,
        phones=unit.phones | {digits for text in said for digits, _, _ in phones(text)},
        emails=unit.emails | {address for text in said for address, _, _ in emails(text)},
        places=(*unit.places, *said),
    )


def _numbers(file: UnitFile) -> frozenset[tuple[str, str]]:
    """Return the numbers of the file that have a unit: (unit, number), as quantities.py finds them."""
    years = ("year", str(file.retention.never_booked_days // 365))
    return frozenset(
        {
            ("minute", str(file.visits.minutes)),
            ("year", str(file.ages.min)),
            ("hour", f"{file.visits.notice_h:g}"),
            ("hour", str(REMINDER_H)),
            ("day", str(file.visits.horizon_days)),
            ("week", f"{file.visits.horizon_days / 7:g}"),
            ("day", str(file.retention.booked_days)),
            ("day", str(file.retention.never_booked_days)),
            ("none", str(file.limits.messages_per_hour)),
            *([years] if file.retention.never_booked_days % 365 == 0 else []),
        }
    )
