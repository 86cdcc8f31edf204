"""What a person sees while something is done: one line a step, with the seconds it took."""

import contextlib
import sys
import time
from collections.abc import Iterator

from rich.console import Console

# A file or a pipe has no width: a table then takes what it needs.
out = Console(highlight=False, soft_wrap=True, width=None if sys.stdout.isatty() else 200)
err = Console(stderr=True, highlight=False, soft_wrap=True)


@contextlib.contextmanager
def step(title: str) -> Iterator[None]:
    """Print the title with the seconds when the block ends; on a terminal it turns while the block runs."""
    begun = time.monotonic()
    try:
        with out.status(title) if out.is_terminal else contextlib.nullcontext():
            yield
    except BaseException:
        out.print(f"[red]✗[/] {title} [dim]({time.monotonic() - begun:.1f} s)[/]")
        raise
    out.print(f"[green]✓[/] {title} [dim]({time.monotonic() - begun:.1f} s)[/]")


def in_words(error: OSError) -> str:
    """Say what the machine refused: the file and the reason, where there is one."""
    reason = error.strerror or type(error).__name__
    file = error.filename2 or error.filename
    return f"{file}: {reason}" if file else f"it failed ({reason})"


def complain(message: str) -> None:
    """One clear line on standard error."""
    err.print(message, style="red", markup=False)
