"""Lists of words, one a file: names that Brazilians bear, words that are no names, words to correct and to keep.

Words stand apart by white space, without accents, in lower case.
"""

from importlib.resources import files


def words(name: str) -> frozenset[str]:
    """Return the words of a list beside this file."""
    return frozenset(files(__package__).joinpath(name).read_text(encoding="utf-8").split())


GIVEN_NAMES = words("given_names.txt")
SURNAMES = words("surnames.txt")
COMMON_WORDS = words("common_words.txt")
