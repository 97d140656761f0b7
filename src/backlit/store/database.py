"""One SQLite file with a row for each run: what a list shows, and, in a second table, its whole description.

A list reads the first table alone, so it needs no Keras and opens no other file. A run exists from the moment its row
is committed: files come first, the row comes last. Several processes may write at once: SQLite locks, and each
waits for its turn.

Not for arrays (see `arrays.py`).
"""

import contextlib
import json
import sqlite3
import time
from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import datetime
from pathlib import Path
from typing import Any

from backlit.errors import StoreError
from backlit.language import text, verbatim
from backlit.store.home import full_disk

VERSION = 1
WAIT_S = 30.0  # for another process's turn; a row takes milliseconds
ROW_BYTES = 500_000  # a description and the files that SQLite puts beside its own, generously

_SCHEMA = (
    """CREATE TABLE runs (
        number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, created TEXT NOT NULL, data TEXT NOT NULL,
        model TEXT NOT NULL, axes TEXT NOT NULL, n_members INTEGER NOT NULL, epochs INTEGER NOT NULL,
        n_finished INTEGER NOT NULL, n_stopped_early INTEGER NOT NULL, n_diverged INTEGER NOT NULL,
        metric TEXT NOT NULL, best REAL, run_s REAL NOT NULL, size_bytes INTEGER NOT NULL, rerun_of TEXT NOT NULL,
        data_digest TEXT NOT NULL)""",
    "CREATE INDEX runs_by_data ON runs (data_digest)",
    "CREATE TABLE descriptions (id TEXT PRIMARY KEY, description TEXT NOT NULL)",
)


@dataclass(frozen=True)
class RunRow:
    """A run in a list.

    Attributes:
        id: Its name in the store.
        created: When it was kept, UTC.
        data: Name of the data.
        model: The network in a few words.
        axes: In what the members differ.
        n_members: How many networks.
        epochs: Passes over the training rows; the most, where members differ.
        n_finished: Members that trained to the last epoch.
        n_stopped_early: Members that stopped early.
        n_diverged: Members whose loss or weights were not finite.
        metric: Column of the history that `best` is of.
        best: Value of the best member; None if all diverged or nothing was recorded.
        run_s: Seconds of training.
        size_bytes: On disk.
        rerun_of: The run that this one repeats; empty if none.
    """

    id: str
    created: datetime
    data: str
    model: str
    axes: tuple[str, ...]
    n_members: int
    epochs: int
    n_finished: int
    n_stopped_early: int
    n_diverged: int
    metric: str
    best: float | None
    run_s: float
    size_bytes: int
    rerun_of: str = ""


_COLUMNS = tuple(field.name for field in fields(RunRow))


class Database:
    """The table of runs.

    Args:
        path: The SQLite file.

    Attributes:
        path: The SQLite file; made with the first run.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def require_readable(self) -> None:
        """Opens the file, if it is there, and looks at its version.

        Raises:
            StoreError: If it is not ours, or of a newer backlit.
        """
        if self.path.exists():
            with self._connected():
                pass

    def insert(self, row: RunRow, *, description: str, data_digest: str) -> None:
        """Makes a run exist: row and description in one transaction.

        Args:
            row: What a list shows.
            description: The whole, as JSON.
            data_digest: Of the data, to find runs on the same.

        Raises:
            StoreError: If the file cannot be written.
        """
        values = {name: getattr(row, name) for name in _COLUMNS}
        values |= {"created": row.created.isoformat(), "axes": json.dumps(row.axes), "data_digest": data_digest}
        names = ", ".join(values)
        marks = ", ".join("?" * len(values))
        with self._connected(may_make=True) as connection, _transaction(connection):
            connection.execute(f"INSERT INTO runs ({names}) VALUES ({marks})", tuple(values.values()))
            connection.execute("INSERT INTO descriptions VALUES (?, ?)", (row.id, description))

    def rows(self) -> list[RunRow]:
        """All runs, newest first.

        Returns:
            One row a run.

        Raises:
            StoreError: If the file cannot be read.
        """
        return [_row(values) for values in self._all(f"SELECT {', '.join(_COLUMNS)} FROM runs ORDER BY number DESC")]

    def ids(self) -> list[str]:
        """Names of all runs, newest first.

        Returns:
            The names.
        """
        return [id for (id,) in self._all("SELECT id FROM runs ORDER BY number DESC")]

    def ids_on(self, data_digest: str) -> list[str]:
        """Names of the runs on the same data.

        Args:
            data_digest: `Dataset.digest()`.

        Returns:
            The names, newest first.
        """
        return [
            id for (id,) in self._all("SELECT id FROM runs WHERE data_digest = ? ORDER BY number DESC", data_digest)
        ]

    def description(self, id: str) -> dict[str, Any]:
        """The whole description of a run.

        Args:
            id: Its full name, which must be there.

        Returns:
            What `insert` was given.
        """
        ((description,),) = self._all("SELECT description FROM descriptions WHERE id = ?", id)
        return json.loads(description)

    def delete(self, id: str) -> None:
        """Makes a run not exist.

        Args:
            id: Its full name.

        Raises:
            StoreError: If the file cannot be written.
        """
        with self._connected() as connection, _transaction(connection):
            connection.execute("DELETE FROM runs WHERE id = ?", (id,))
            connection.execute("DELETE FROM descriptions WHERE id = ?", (id,))

    def _all(self, query: str, *values: str) -> list[Any]:
        if not self.path.exists():
            return []
        with self._connected() as connection:
            return connection.execute(query, values).fetchall()

    @contextlib.contextmanager
    def _connected(self, *, may_make: bool = False) -> Iterator[sqlite3.Connection]:
        try:
            uri = f"{self.path.as_uri()}?mode={'rwc' if may_make else 'rw'}"
            connection = sqlite3.connect(uri, timeout=WAIT_S, isolation_level=None, uri=True)
            with contextlib.closing(connection):
                self._prepare(connection)
                yield connection
        except sqlite3.Error as error:
            raise self._explained(error) from error

    def _explained(self, error: sqlite3.Error) -> StoreError:
        code = (
            getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT) & 0xFF
        )  # the higher bits say more than we need
        if code == sqlite3.SQLITE_FULL:
            return full_disk(self.path.parent, text("Writing the list of runs"), ROW_BYTES)
        if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            fix = text("Another process is writing: try again when it has finished.")
        elif code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM):
            fix = text("Set BACKLIT_HOME to a folder of your own, or pass `save=False` to keep nothing.")
        else:
            fix = text("Move the file away to begin a new store, or set BACKLIT_HOME to another folder.")
        return StoreError(
            "store-database",
            what=text("Opening the list of runs"),
            expected=text("a SQLite file that can be read and written, `{path}`", path=self.path),
            received=verbatim(error),
            fix=fix,
        )

    def _prepare(self, connection: sqlite3.Connection) -> None:
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        if version == 0:
            _write_ahead(connection)
            with _transaction(connection):
                # Asked again inside the lock: another process may have been first.
                (version,) = connection.execute("PRAGMA user_version").fetchone()
                if version == 0:
                    for statement in _SCHEMA:
                        connection.execute(statement)
                    connection.execute(f"PRAGMA user_version = {VERSION}")
                    version = VERSION
        if version > VERSION:
            raise StoreError(
                "store-newer",
                what=text("Opening the store"),
                expected=text("a store of version {known} or older", known=VERSION),
                received=text("version {version}, which a newer backlit wrote", version=version),
                fix=text("Update backlit, or set BACKLIT_HOME to another folder."),
            )


@contextlib.contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """All or nothing; the lock for writing is taken first, so that two processes never wait for each other."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Readers and a writer then do not block each other. SQLite does not wait for this lock by itself."""
    deadline = time.monotonic() + WAIT_S
    while not _is_write_ahead(connection, must=time.monotonic() > deadline):
        time.sleep(0.01)


def _is_write_ahead(connection: sqlite3.Connection, *, must: bool) -> bool:
    try:
        connection.execute("PRAGMA journal_mode = WAL")
    except sqlite3.OperationalError as error:
        if must or "locked" not in str(error):
            raise
        return False
    return True


def _row(values: tuple[Any, ...]) -> RunRow:
    named = dict(zip(_COLUMNS, values, strict=True))
    named |= {"created": datetime.fromisoformat(named["created"]), "axes": tuple(json.loads(named["axes"]))}
    return RunRow(**named)
