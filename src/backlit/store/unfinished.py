"""Runs that are in training, or were left before their end: where their checkpoints lie, and who trains them.

    HOME/unfinished/RUN/
        lock            whoever trains the run holds it; the system frees it when the process dies, however it dies
        00000007/       the newest checkpoint: the files of a run, and two more (see `files.py`)

A checkpoint is written aside and renamed, so it is whole or not there; the one before it goes when the new one stands.
When the run ends it becomes a row of the database under the same name, and its folder here goes. A folder whose run is
in the database, or that holds no whole checkpoint, is of a process that died; the next writer sweeps it away.

Not for writing checkpoints (see `training.py`): a list of runs reads this module, and needs neither Keras nor NumPy.
"""

import contextlib
import os
import shutil
import sys
import time
import weakref
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from backlit.errors import StoreError
from backlit.language import text
from backlit.store.files import RunFolder, remove_folder

LOCK = "lock"
SWEEP_AFTER_S = 60.0  # a folder without a checkpoint: its process may just have begun
_TRIES, _WAIT_S = 10, 0.02  # for the lock; a list of runs holds it for an instant to see whether it is free


@dataclass(frozen=True)
class UnfinishedRow:
    """A run in a list that has not ended.

    Attributes:
        id: Its name in the store, which it keeps when it ends.
        created: When it was begun, UTC.
        written: When its newest checkpoint was written, UTC.
        data: Name of the data.
        model: The network in a few words.
        axes: In what the members differ.
        n_members: How many networks.
        group: Number of the group in training, from 0.
        n_groups: How many groups there are.
        step: Steps of that group done.
        epoch: Epochs of that group done, with the fraction of the present one.
        n_epochs: Epochs of that group.
        size_bytes: On disk.
        is_training: Whether a process trains it now.
    """

    id: str
    created: datetime
    written: datetime
    data: str
    model: str
    axes: tuple[str, ...]
    n_members: int
    group: int
    n_groups: int
    step: int
    epoch: float
    n_epochs: int
    size_bytes: int
    is_training: bool


class Lock:
    """The right to train a run; one process has it at a time.

    Args:
        path: The file; made if it is not there.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._number = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        self._close = weakref.finalize(self, os.close, self._number)

    def take(self) -> bool:
        """Takes the lock if nobody has it.

        Returns:
            Whether it is ours now.
        """
        for _ in range(_TRIES):
            if _lock_file(self._number):
                break
            time.sleep(_WAIT_S)
        else:
            return False
        try:
            is_there = os.path.samestat(os.fstat(self._number), os.stat(self._path))
        except OSError:  # whoever had it has ended the run meanwhile, and its folder is gone
            return False
        if is_there:
            os.ftruncate(self._number, 0)
            os.lseek(self._number, 0, os.SEEK_SET)
            os.write(self._number, str(os.getpid()).encode())
        return is_there

    def holder(self) -> str:
        """Number of the process that has it, as that process wrote it."""
        with contextlib.suppress(OSError):
            return self._path.read_text(encoding="utf-8").strip() or "?"
        return "?"

    def free(self) -> None:
        """Gives it back."""
        self._close()


class Unfinished:
    """All unfinished runs of a store.

    Args:
        home: The folder of the store.

    Attributes:
        place: The folder of their folders.
    """

    def __init__(self, home: Path) -> None:
        self.place = home / "unfinished"

    def ids(self, ended: set[str]) -> list[str]:
        """Names of the unfinished runs, newest first.

        Args:
            ended: Names of the runs that have ended.

        Returns:
            The names.
        """
        names = (path.name for path in (self.place.iterdir() if self.place.is_dir() else ()))
        return sorted(
            (name for name in names if name[0] != "." and name not in ended and self.newest(name) is not None),
            reverse=True,
        )

    def rows(self, ended: set[str]) -> list[UnfinishedRow]:
        """What a list shows of them, newest first.

        Args:
            ended: Names of the runs that have ended.

        Returns:
            One row a run.
        """
        rows = []
        for id in self.ids(ended):
            with contextlib.suppress(OSError):  # it may end, or write its next checkpoint, while we read
                rows.append(self._row(id))
        return rows

    def newest(self, id: str) -> RunFolder | None:
        """The newest checkpoint of a run.

        Args:
            id: Its full name.

        Returns:
            Its files, or None if there is no whole one.
        """
        places: list[Path] = []
        with contextlib.suppress(OSError):
            places = [path for path in (self.place / id).iterdir() if path.name.isdigit()]
        return RunFolder(max(places)) if places else None

    def next_place(self, id: str) -> Path:
        """Where the next checkpoint of a run goes.

        Args:
            id: Its full name.

        Returns:
            A folder that is not there yet.
        """
        newest = self.newest(id)
        return self.place / id / f"{0 if newest is None else int(newest.path.name) + 1:08d}"

    def lock(self, id: str, *, may_make: bool = False) -> Lock:
        """Takes a run's lock.

        Args:
            id: Its full name.
            may_make: Whether the run is new.

        Returns:
            The lock, which is ours.

        Raises:
            StoreError: If another process trains the run, or it has just ended.
        """
        folder = self.place / id
        if may_make:
            folder.mkdir(parents=True, exist_ok=True)
        elif not folder.is_dir():
            raise _in_training(id, "?")
        lock = Lock(folder / LOCK)
        if not lock.take():
            holder = lock.holder()
            lock.free()
            raise _in_training(id, holder)
        return lock

    def tidy(self, id: str) -> None:
        """Removes all checkpoints but the newest, and what was left half-written; whoever calls holds the lock.

        Args:
            id: The run's full name.
        """
        newest = self.newest(id)
        for path in (self.place / id).iterdir():
            if path.name != LOCK and (newest is None or path != newest.path):
                remove_folder(path) if path.name.isdigit() else shutil.rmtree(path, ignore_errors=True)

    def remove(self, id: str) -> None:
        """Removes a run's folder; whoever calls holds the lock.

        Args:
            id: The run's full name.
        """
        remove_folder(self.place / id)

    def sweep(self, ended: set[str]) -> None:
        """Removes what processes left that died: folders of runs that have ended, and those without a checkpoint.

        Args:
            ended: Names of the runs that have ended.
        """
        oldest = time.time() - SWEEP_AFTER_S
        for path in self.place.iterdir() if self.place.is_dir() else ():
            with contextlib.suppress(OSError, StoreError):  # another process may sweep, or train it
                if path.name[0] == ".":
                    shutil.rmtree(path, ignore_errors=True)
                elif path.name in ended or (self.newest(path.name) is None and path.stat().st_mtime < oldest):
                    lock = self.lock(path.name)
                    self.remove(path.name)
                    lock.free()

    def _row(self, id: str) -> UnfinishedRow:
        newest = self.newest(id)
        if newest is None:
            raise FileNotFoundError(id)
        words = newest.words()
        return UnfinishedRow(
            id=id,
            created=datetime.fromisoformat(words["created"]),
            written=datetime.fromisoformat(words["written"]),
            size_bytes=newest.size_bytes(),
            is_training=self._is_locked(id),
            **{**words["shown"], "axes": tuple(words["shown"]["axes"])},
        )

    def _is_locked(self, id: str) -> bool:
        number = os.open(self.place / id / LOCK, os.O_RDWR)
        try:
            return not _lock_file(number)
        finally:
            os.close(number)


def _in_training(id: str, holder: str) -> StoreError:
    return StoreError(
        "run-in-training",
        what=text("Taking the run `{id}` in hand", id=id),
        expected=text("a run that no process is training"),
        received=text("a run that process {number} is training", number=holder),
        fix=text("Wait until it has ended, or stop it with Ctrl-C."),
    )


if sys.platform == "win32":

    def _lock_file(number: int) -> bool:
        """Locks a byte far behind the text, which others may then still read."""
        import msvcrt

        os.lseek(number, 1_000_000, os.SEEK_SET)
        try:
            msvcrt.locking(number, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:

    def _lock_file(number: int) -> bool:
        """Locks the file, unless somebody has."""
        import fcntl

        try:
            fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True
