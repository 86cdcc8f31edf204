"""Which of the installed libraries the services need, and under which licences they may be passed on.

`python -m assistant.shipped` prints the others, which the image leaves out: the tools of development, the installers.
"""

from collections.abc import Iterator
from importlib.metadata import Distribution, PackageNotFoundError, distribution, distributions

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

OURS = "receptionist-"
INSTALLERS = {"pip", "setuptools", "uv"}
VARYING = {"async-timeout"}  # of Pythons below 3.11.3 only: the list is the same for all
# How authors write the same licence, in SPDX's words (https://spdx.org/licenses/).
SPDX = {
    "": "",
    "3-Clause BSD License": "BSD-3-Clause",
    "Apache 2": "Apache-2.0",
    "Apache 2.0": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "BSD": "BSD-3-Clause",
    "BSD 3-Clause OR Apache-2.0": "BSD-3-Clause OR Apache-2.0",
    "BSD License": "BSD-3-Clause",
    "Dual License": "BSD-3-Clause OR Apache-2.0",
    "ISC License": "ISC",
    "MIT License": "MIT",
    "The MIT License (MIT)": "MIT",
}


def shipped() -> set[str]:
    """Return the names of our packages and of all that they require here."""
    waiting = [(name, frozenset[str]()) for name in _installed() if name.startswith(OURS)]
    reached: set[tuple[str, frozenset[str]]] = set()
    while waiting:
        one = waiting.pop()
        if one in reached:
            continue
        try:
            waiting += _needs(distribution(one[0]), one[1])
        except PackageNotFoundError:
            continue  # for another platform
        reached.add(one)
    return {name for name, _ in reached} - INSTALLERS


def not_needed() -> list[str]:
    """Return the names of everything else."""
    return sorted(_installed() - shipped())


def licence(name: str) -> str:
    """Return a package's licence as SPDX writes it, else as its author did."""
    about = distribution(name).metadata
    written = [*(about.get_all("License-Expression") or []), *(about.get_all("License") or []), ""]
    said = str(written[0]).partition("\n")[0].strip()
    if not said:
        classifiers = [each for each in about.get_all("Classifier") or [] if each.startswith("License :: OSI")]
        said = classifiers[0].rpartition(" :: ")[2] if classifiers else ""
    return SPDX.get(said, said)


def table() -> str:
    """Return `docs/licences.md`."""
    names = sorted(name for name in shipped() - VARYING if not name.startswith(OURS))
    rows = "".join(f"| {name} | {licence(name)} |\n" for name in names)
    return (
        "# Licences of what we ship\n\n"
        "Written by `./assistant lock` from what is installed; a test holds it, and that none asks more of us than to\n"
        "name it. Versions and hashes are in `requirements.lock`.\n\n"
        f"| library | licence |\n|---|---|\n{rows}"
    )


def _installed() -> set[str]:
    return {canonicalize_name(found.metadata["Name"]) for found in distributions()}


def _needs(installed: Distribution, extras: frozenset[str]) -> Iterator[tuple[str, frozenset[str]]]:
    for line in installed.requires or []:
        required = Requirement(line)
        if required.marker is None or any(required.marker.evaluate({"extra": extra}) for extra in {*extras, ""}):
            yield canonicalize_name(required.name), frozenset(required.extras)


if __name__ == "__main__":
    print("\n".join(not_needed()))
