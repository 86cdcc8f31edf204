"""The words that errors are sorted by; policy lives at the edge that catches them."""


class Transient(Exception):  # noqa: N818  # a word of the policy, not the name of one error
    """The same message may succeed later."""


class Permanent(Exception):  # noqa: N818  # same
    """No retry can help: dead-letter now."""


class Unavailable(Transient):
    """Something that is needed cannot be reached now."""


class DeadlineExceeded(Transient):
    """The time for an answer is over."""


class BadConfiguration(Exception):  # noqa: N818  # same
    """The service cannot start as configured; the text says which file or variable, which key, and why."""
