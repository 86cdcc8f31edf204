"""Which role may look at, and do, what."""

from typing import Literal, TypeAlias

Role: TypeAlias = Literal["receptionist", "owner", "operator"]
Area: TypeAlias = Literal[
    "conversations",  # who wrote what, and answering; the agenda
    "knowledge",  # questions that nobody could answer
    "privacy",  # exporting and erasing a person
    "numbers",  # indicators and spend
    "alerts",
    "trace",  # how a message went through; nothing that was said
    "accounts",  # who may sign in, and who did what
    "system",  # the machinery
    "self",  # one's own password, second factor and sign-ins
]

MAY: dict[Role, frozenset[Area]] = {
    "receptionist": frozenset({"conversations", "knowledge", "alerts", "trace", "self"}),
    "owner": frozenset(
        {"conversations", "knowledge", "privacy", "numbers", "alerts", "trace", "accounts", "system", "self"}
    ),
    "operator": frozenset({"numbers", "alerts", "trace", "system", "self"}),
}
"""An operator keeps the system running and sees nothing of what families write."""
