"""Trains and keeps: checkpoints on the way, a clean stop at Ctrl-C, at the end a run.

    run = train_and_keep(trainer, store.checkpoints(20.0))

The first checkpoint comes after `every_s` seconds, so a short training writes none; later ones so rarely that they take
at most a fiftieth of the time. Ctrl-C lets the present chunk end, because within one the state of the members is in
nobody's hands; then a checkpoint is written, and `Interrupted` says how to go on. A second Ctrl-C ends at once.

Not for where checkpoints lie (see `unfinished.py`) nor for training itself (see `engine/train.py`).
"""

import contextlib
import signal
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from types import FrameType
from typing import TYPE_CHECKING, Any

from backlit.engine.train import Trainer
from backlit.errors import StoreError
from backlit.language import Text, language, text
from backlit.run import Run
from backlit.store.files import DATA, INITIAL, STATE, needed_bytes, result_trees, write_folder
from backlit.store.home import explained, require_space
from backlit.store.keeping import checkpoint_words, data_links, lasting_trees, new_id
from backlit.store.unfinished import Lock, Unfinished

if TYPE_CHECKING:
    from backlit.store.store import Store

SHARE = 50  # a checkpoint is not written before so many times the seconds that the last one took


class Interrupted(KeyboardInterrupt):
    """Ctrl-C, after everything was brought into order.

    Args:
        words: What became of the run.

    Attributes:
        words: What became of the run.
    """

    def __init__(self, words: Text) -> None:
        super().__init__(str(words))
        self.words = words


class CtrlC:
    """While it is entered, the first Ctrl-C is only noted; the second acts as it did before.

    Attributes:
        pressed: Whether Ctrl-C was pressed.
    """

    def __init__(self) -> None:
        self.pressed = False
        self._before: Any = None
        self._is_installed = False

    def __enter__(self) -> "CtrlC":
        before = signal.getsignal(signal.SIGINT)
        # Python allows this in the main thread only, where alone Ctrl-C arrives. A job in the background ignores it.
        if threading.current_thread() is threading.main_thread() and callable(before):
            self._before, self._is_installed = before, True
            signal.signal(signal.SIGINT, self._note)
        return self

    def __exit__(self, *reason: object) -> None:
        self._restore()

    def _note(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002  what signal handlers are given
        self.pressed = True
        self._restore()

    def _restore(self) -> None:
        if self._is_installed:
            signal.signal(signal.SIGINT, self._before)
            self._is_installed = False


class Checkpoints:
    """The checkpoints of one training, and the run that becomes of them.

    Args:
        store: Where to.
        every_s: Seconds to the first one, and at least between two; 0 writes one after each chunk, None only at Ctrl-C.
        rerun_of: The run that this one repeats; empty if none.
        id: Name of the unfinished run that is gone on with; empty for a new one.
        lock: Its lock, taken.
        created: When it was begun, UTC.

    Attributes:
        id: Name of the run; empty before there is a checkpoint.
    """

    def __init__(
        self,
        store: "Store",
        *,
        every_s: float | Any,
        rerun_of: str = "",
        id: str = "",
        lock: Lock | None = None,
        created: datetime | None = None,
    ) -> None:
        self.id = id
        self._store, self._every_s, self._rerun_of = store, every_s, rerun_of
        self._unfinished = Unfinished(store.home)
        self._lock = lock
        self._created = created or datetime.now(UTC)
        self._next_s = time.monotonic() + (every_s or 0.0)

    def write_if_due(self, trainer: Trainer) -> None:
        """Writes a checkpoint if it is time for one. A disk that does not take it is told once, and not asked again.

        Args:
            trainer: Between two chunks.
        """
        if self._every_s is None or time.monotonic() < self._next_s or trainer.is_done:
            return
        started = time.monotonic()
        try:
            self.write(trainer)
        except StoreError as error:
            print(error.say(language()), file=sys.stderr)
            self._every_s = None
            return
        ended = time.monotonic()
        self._next_s = ended + (max(self._every_s, SHARE * (ended - started)) if self._every_s else 0.0)

    def write(self, trainer: Trainer) -> None:
        """Writes a checkpoint: all of it or, if something fails, nothing.

        Args:
            trainer: Between two chunks.

        Raises:
            StoreError: If the disk is full or does not let us write.
        """
        home, unfinished = self._store.home, self._unfinished
        checkpoint = trainer.checkpoint()
        words = checkpoint_words(checkpoint, trainer.ingredients, self._created)
        words |= {"written": datetime.now(UTC).isoformat(), "rerun_of": self._rerun_of}
        lasting = lasting_trees(trainer.ingredients)
        trees = {**result_trees(list(checkpoint.results)), **lasting, STATE: {"training": checkpoint.training}}
        before = unfinished.newest(self.id) if self.id else None
        if before is None:
            links = data_links(home, self._store.database, trainer.experiment, trees)
        else:
            links = {name: before.file(name) for name in (DATA, INITIAL)}
        n_bytes = needed_bytes(trees, links)
        with explained(home, text("Writing a checkpoint"), n_bytes=n_bytes):
            if self._lock is None:
                self._take(trainer)
            require_space(home, n_bytes)
            write_folder(unfinished.next_place(self.id), trees, links=links, words=words)
            unfinished.tidy(self.id)

    def keep(self, run: Run) -> str:
        """Makes a run of what was trained, under the name that it has.

        Args:
            run: Trained to its end.

        Returns:
            Its name.

        Raises:
            StoreError: If the disk is full or does not let us write; the checkpoint then stays.
        """
        if self._lock is None and self.id:  # given back after Ctrl-C; whoever has it now ends the run under its name
            with contextlib.suppress(StoreError):
                self._lock = self._unfinished.lock(self.id)
        if self._lock is None:
            return self._store.keep(run, rerun_of=self._rerun_of)
        newest = self._unfinished.newest(self.id)
        data_file = None if newest is None else newest.file(DATA)
        self._store.keep(run, rerun_of=self._rerun_of, id=self.id, data_file=data_file)
        self._unfinished.remove(self.id)
        self.close()
        return self.id

    def interrupted(self, trainer: Trainer) -> Interrupted:
        """Brings everything into order after Ctrl-C; whoever resumes the run may do so at once.

        Args:
            trainer: Between two chunks.

        Returns:
            What to raise.
        """
        try:
            self.write(trainer)
        except StoreError as error:
            return Interrupted(text("Stopped before the end. {error}", error=error.say(language())))
        finally:
            self.close()
        return Interrupted(
            text('Stopped before the end. To go on: `backlit resume {id}`, in Python `bl.resume("{id}")`.', id=self.id)
        )

    def close(self) -> None:
        """Lets others train the run."""
        if self._lock is not None:
            self._lock.free()
            self._lock = None

    def _take(self, trainer: Trainer) -> None:
        """Takes the lock: of a new run, or of ours, which was given back after Ctrl-C."""
        if self.id:
            self._lock = self._unfinished.lock(self.id)
            return
        self._unfinished.sweep(set(self._store.database.ids()))
        id = new_id(self._created, trainer.experiment.data.name)
        self._lock = self._unfinished.lock(id, may_make=True)
        self.id = id


def train_and_keep(
    trainer: Trainer,
    checkpoints: Checkpoints | None,
    *,
    on_progress: Callable[..., None] | None = None,
    chunk_s: float | None = None,
    notes: tuple[Text, ...] = (),
) -> Run:
    """Trains to the end and keeps the run.

    Args:
        trainer: Where training begins or goes on.
        checkpoints: Where to; None keeps nothing.
        on_progress: Called after each chunk with (progress, group, number of groups).
        chunk_s: As for `Trainer.train`.
        notes: What to say beside what training says.

    Returns:
        The Run; `unkept` says why, if the store did not take it.

    Raises:
        Interrupted: After Ctrl-C, where something is kept.
        KeyboardInterrupt: After Ctrl-C, where nothing shall be kept.
    """
    ctrl_c = CtrlC()

    def after_chunk(trainer: Trainer) -> None:
        if ctrl_c.pressed and not trainer.is_done:
            raise KeyboardInterrupt if checkpoints is None else checkpoints.interrupted(trainer)
        if checkpoints is not None:
            checkpoints.write_if_due(trainer)

    try:
        with ctrl_c:
            trained = trainer.train(on_progress=on_progress, after_chunk=after_chunk, chunk_s=chunk_s)
            run = Run(trainer.experiment, trainer.ingredients, trained, notes=(*trained.notes, *notes))
            if checkpoints is not None:
                run = kept(run, checkpoints)
    finally:
        if checkpoints is not None:
            checkpoints.close()
    if ctrl_c.pressed:
        raise Interrupted(text("The run is kept as {id}.", id=run.id)) if run.id else KeyboardInterrupt
    return run


def kept(run: Run, checkpoints: Checkpoints) -> Run:
    """Keeps a run that has ended; a full disk must not cost what was trained.

    Args:
        run: Trained to its end.
        checkpoints: Where to.

    Returns:
        The Run with its name, or with the reason why it has none.
    """
    try:
        return replace(run, id=checkpoints.keep(run))
    except StoreError as error:
        return replace(run, unkept=error)
