"""What many facts change, written together: each statement once, with the rows of all of them.

Projections only say what is to be written. The statements then run in one order that never changes, their rows in the
order of the facts: two copies that fold facts of the same people wait for each other and never lock crosswise.
"""

from chassis.store import Connection


class Writes:
    """Gathers statements; none may need another's outcome, except that insertions come before updates."""

    def __init__(self) -> None:
        self._rows: dict[str, list[tuple[object, ...]]] = {}
        self._of_sets: set[str] = set()

    def add(self, statement: str, *row: object) -> None:
        """Have a statement run with these arguments."""
        self._rows.setdefault(statement.strip(), []).append(row)

    def add_to_set(self, statement: str, *row: object) -> None:
        """Have a statement run once for all such rows: each of its arguments is the array of a column.

        It brings together the rows of one key itself, and takes keys in their order: no two wait crosswise.
        """
        self.add(statement, *row)
        self._of_sets.add(statement.strip())

    async def run(self, connection: Connection) -> None:
        """Write everything, inside the caller's transaction."""
        for statement in sorted(self._rows):
            rows = self._rows[statement]
            if statement in self._of_sets:
                await connection.execute(statement, *map(list, zip(*rows, strict=True)))
            else:
                await connection.executemany(statement, rows)
