"""Names that Brazilians bear, and words that are no names; a list a file, words apart by white space, no accents."""

from importlib.resources import files


def _words(name: str) -> frozenset[str]:
    return frozenset(files(__package__).joinpath(name).read_text(encoding="utf-8").split())


GIVEN_NAMES = _words("given_names.txt")
SURNAMES = _words("surnames.txt")
COMMON_WORDS = _words("common_words.txt")
