"""Print what the lock installs and no service needs: the tools of development, and the installer itself.

Run in the environment of the image, after everything is installed.
"""

from collections.abc import Iterator
from importlib.metadata import Distribution, PackageNotFoundError, distribution, distributions

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

OURS = "receptionist-"
INSTALLERS = {"pip", "setuptools", "uv"}


def needs(installed: Distribution, extras: frozenset[str]) -> Iterator[tuple[str, frozenset[str]]]:
    """Yield what a package requires here, each with the extras that are wanted of it."""
    for line in installed.requires or []:
        required = Requirement(line)
        if required.marker is None or any(required.marker.evaluate({"extra": extra}) for extra in {*extras, ""}):
            yield canonicalize_name(required.name), frozenset(required.extras)


def main() -> None:
    """Follow the requirements from our own packages, and print all other names."""
    names = {canonicalize_name(found.metadata["Name"]) for found in distributions()}
    waiting = [(name, frozenset[str]()) for name in names if name.startswith(OURS)]
    reached: set[tuple[str, frozenset[str]]] = set()
    while waiting:
        one = waiting.pop()
        if one in reached:
            continue
        reached.add(one)
        try:
            waiting += needs(distribution(one[0]), one[1])
        except PackageNotFoundError:
            continue  # an optional part that is not installed
    needed = {name for name, _ in reached} - INSTALLERS
    print("\n".join(sorted(names - needed)))


if __name__ == "__main__":
    main()
