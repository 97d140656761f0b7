"""The store of runs: keep, list, open, delete, train again.

    Store().listing()                # light: reads one SQLite table
    run = open_run("last")           # history, scores, predictions, model, as on the day it was trained
    again = Store().rerun(run.id)    # the same bits
    run = Store().resume("last")     # goes on where a training was broken off, to the same bits

Where it is: see `home.py`. Everything that needs Keras is imported when it is used.

Not for training something new (see `fitting.py`).
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from backlit.errors import SettingError, StoreError, nearest
from backlit.language import listed, text
from backlit.store.database import Database, RunRow
from backlit.store.files import RunFolder, remove_folder
from backlit.store.home import explained, require_writable_folder, store_home
from backlit.store.unfinished import Unfinished, UnfinishedRow

if TYPE_CHECKING:
    import polars as pl

    from backlit.run import Run
    from backlit.store.training import Checkpoints

LAST = "last"
CHECKPOINT_S = 20.0  # to the first checkpoint: whoever lost less trains it again sooner than the disk could be read


@dataclass(frozen=True)
class Origin:
    """Where and with what a run was trained.

    Attributes:
        created: When it was kept, UTC.
        versions: Package to version: backlit, keras, jax, numpy, python.
        machine: System, cores and device in words.
    """

    created: datetime
    versions: dict[str, str]
    machine: str


class Store:
    """Runs on disk.

    Args:
        home: The folder; None takes `BACKLIT_HOME`, else the user's data folder.

    Attributes:
        home: The folder; made when the first run is kept.
        database: The table of runs that have ended.
    """

    def __init__(self, home: str | Path | None = None) -> None:
        self.home = store_home() if home is None else Path(home).expanduser().absolute()
        self.database = Database(self.home / "runs.sqlite")
        self._unfinished = Unfinished(self.home)

    def require_writable(self) -> None:
        """Makes sure that a run can be kept, before it is trained.

        Raises:
            StoreError: If the folder cannot be written, or the store belongs to a newer backlit.
        """
        require_writable_folder(self.home)
        self.database.require_readable()

    def keep(self, run: "Run", *, rerun_of: str = "", id: str = "", data_file: Path | None = None) -> str:
        """Keeps a run: all of it or, if something fails, nothing.

        Args:
            run: What `fit` made.
            rerun_of: The run that this one repeats; empty if none.
            id: The name that it has already, because it was unfinished until now; empty makes a new one.
            data_file: Its rows as they lie in the store already, or None.

        Returns:
            Its name: when it was kept (UTC), what it was trained on, and four characters that make it unique.

        Raises:
            StoreError: If the disk is full or does not let us write.
        """
        from backlit.store.keeping import keep

        self.require_writable()
        return keep(run, self.home, self.database, rerun_of=rerun_of, id=id, data_file=data_file)

    def checkpoints(self, every_s: float | Any = CHECKPOINT_S, *, rerun_of: str = "") -> "Checkpoints":
        """What writes the checkpoints of a new training, and keeps the run at its end.

        Args:
            every_s: Seconds to the first one, and at least between two; 0 writes one after each chunk, None only at
                Ctrl-C.
            rerun_of: The run that is repeated; empty if none.

        Returns:
            For `train_and_keep`.

        Raises:
            SettingError: If `every_s` is neither a number of at least 0 nor None.
            StoreError: If the folder cannot be written, or the store belongs to a newer backlit.
        """
        from backlit.store.training import Checkpoints

        _require_seconds(every_s)
        self.require_writable()
        return Checkpoints(self, every_s=every_s, rerun_of=rerun_of)

    def listing(self) -> list[RunRow]:
        """All runs, newest first, without opening any of them.

        Returns:
            One row a run.

        Raises:
            StoreError: If the list cannot be read.
        """
        with explained(self.home, text("Reading the list of runs")):
            return self.database.rows()

    def unfinished(self) -> list[UnfinishedRow]:
        """Runs that are in training, or were left before their end, newest first.

        Returns:
            One row a run.

        Raises:
            StoreError: If the list cannot be read.
        """
        with explained(self.home, text("Reading the list of runs")):
            return self._unfinished.rows(set(self.database.ids()))

    def open(self, id: str, *, data: Any = None, model: Any = None, loss: Any = None, metrics: Any = None) -> "Run":
        """A run as it was when it was kept. Weights are read when they are used, data and models made when asked for.

        Args:
            id: Its name, the beginning or the last four characters of it, or `last`.
            data: The same rows, if they were too large to keep or have moved.
            model: The same model or building function, if Keras could not write it.
            loss: The same loss, if Keras could not write it.
            metrics: The same metrics, if Keras could not write them.

        Returns:
            The Run.

        Raises:
            StoreError: If there is no such run, or its files are gone.
        """
        from backlit.store.networks import Given
        from backlit.store.reopening import open_kept

        id = self.full_id(id)
        folder = self._folder(id)
        return open_kept(id, self.database.description(id), folder, Given(data, model, loss, metrics))

    def rerun(
        self,
        id: str,
        *,
        data: Any = None,
        model: Any = None,
        loss: Any = None,
        metrics: Any = None,
        save: bool = True,
        checkpoint_s: float | Any = CHECKPOINT_S,
        on_progress: Callable[..., None] | None = None,
    ) -> "Run":
        """Trains a stored run again, from its Experiment, on the same data: the same bits on the same machine.

        Args:
            id: Its name, the beginning or the last four characters of it, or `last`.
            data: The same rows, if they were too large to keep or have moved.
            model: The same model or building function, if Keras could not write it.
            loss: The same loss, if Keras could not write it.
            metrics: The same metrics, if Keras could not write them.
            save: Whether the new run is kept too.
            checkpoint_s: As for `fit`.
            on_progress: As for `fit`.

        Returns:
            The new Run.

        Raises:
            StoreError: If there is no such run, or its files are gone.
            DataError: If the data are gone or have changed.
            ModelError: If something has to be passed that Keras could not write.
        """
        from backlit.backend import require_backend
        from backlit.store.networks import Given
        from backlit.store.reopening import trainer_anew
        from backlit.store.training import train_and_keep

        require_backend()
        id = self.full_id(id)
        checkpoints = self.checkpoints(checkpoint_s, rerun_of=id) if save else None
        given = Given(data, model, loss, metrics)
        trainer, notes = trainer_anew(id, self.database.description(id), self._folder(id), given)
        run = train_and_keep(trainer, checkpoints, on_progress=on_progress, notes=notes)
        if run.unkept is not None:
            raise run.unkept
        return run

    def resume(
        self,
        id: str = LAST,
        *,
        data: Any = None,
        model: Any = None,
        loss: Any = None,
        metrics: Any = None,
        checkpoint_s: float | Any = CHECKPOINT_S,
        on_progress: Callable[..., None] | None = None,
    ) -> "Run":
        """Goes on with a training that was broken off, from its newest checkpoint: the bits of the unbroken run.

        Args:
            id: Its name, the beginning or the last four characters of it, or `last`.
            data: The same rows, if they were too large to keep or have moved.
            model: The same model or building function, if Keras could not write it.
            loss: The same loss, if Keras could not write it.
            metrics: The same metrics, if Keras could not write them.
            checkpoint_s: As for `fit`.
            on_progress: As for `fit`.

        Returns:
            The Run, kept under the same name; `unkept` says why, if the store did not take it.

        Raises:
            StoreError: If there is no such unfinished run, or another process trains it.
            DataError: If the data are gone or have changed.
            ModelError: If something has to be passed that Keras could not write.
        """
        from backlit.backend import require_backend
        from backlit.store.networks import Given
        from backlit.store.reopening import trainer_resumed
        from backlit.store.training import Checkpoints, train_and_keep

        require_backend()
        _require_seconds(checkpoint_s)
        id = self.full_id(id, is_unfinished=True)
        self.require_writable()
        lock = self._unfinished.lock(id)
        try:
            self._unfinished.tidy(id)
            folder = self._unfinished.newest(id)
            if folder is None or id in self.database.ids():  # it ended a moment ago
                raise self._has_ended(id)
            words = folder.words()
            trainer, notes = trainer_resumed(id, words, folder, Given(data, model, loss, metrics, method="resume"))
            checkpoints = Checkpoints(
                self,
                every_s=checkpoint_s,
                rerun_of=words["rerun_of"],
                id=id,
                lock=lock,
                created=datetime.fromisoformat(words["created"]),
            )
            return train_and_keep(trainer, checkpoints, on_progress=on_progress, notes=notes)
        finally:
            lock.free()

    def delete(self, id: str) -> str:
        """Deletes a run for good, one that has ended or an unfinished one.

        Args:
            id: Its name, the beginning or the last four characters of it, or `last`.

        Returns:
            The full name of what is gone.

        Raises:
            StoreError: If there is no such run, or it is being trained.
        """
        id = self.any_id(id)
        with explained(self.home, text("Deleting the run `{id}`", id=id)):
            if id not in self.database.ids():
                lock = self._unfinished.lock(id)
                self._unfinished.remove(id)
                lock.free()
                return id
            remove_folder(self._place(id))  # first: on a full disk the table cannot be written before there is room
            self.database.delete(id)
        return id

    def origin(self, id: str) -> Origin:
        """Where and with what a run was trained.

        Args:
            id: Its name, the beginning or the last four characters of it, or `last`.

        Returns:
            Versions and machine.

        Raises:
            StoreError: If there is no such run.
        """
        kept = self.database.description(self.full_id(id))
        return Origin(datetime.fromisoformat(kept["created"]), kept["versions"], kept["machine"])

    def full_id(self, id: str, *, is_unfinished: bool = False) -> str:
        """The whole name of a run that has ended, or of an unfinished one.

        Args:
            id: Its name, the beginning or the last four characters of it, or `last`.
            is_unfinished: Which of the two is wanted.

        Returns:
            The name.

        Raises:
            StoreError: If no run, or more than one, is meant, or one of the other kind.
        """
        ended = self.database.ids()
        unfinished = self._unfinished.ids(set(ended))
        wanted, others = (unfinished, ended) if is_unfinished else (ended, unfinished)
        if id != LAST and not _meant(id, wanted) and len(_meant(id, others)) == 1:
            (id,) = _meant(id, others)
            raise self._has_ended(id) if is_unfinished else self._is_unfinished(id)
        if not wanted:
            raise self._nothing(id, unfinished=is_unfinished, others=others)
        return _one(id, wanted)

    def any_id(self, id: str) -> str:
        """The whole name of a run, whether it has ended or not.

        Args:
            id: Its name, the beginning or the last four characters of it, or `last` for the newest that has ended.

        Returns:
            The name.

        Raises:
            StoreError: If no run, or more than one, is meant.
        """
        ended = self.database.ids()
        ids = [*ended, *self._unfinished.ids(set(ended))]
        return self.full_id(id) if id == LAST or not ids else _one(id, ids)

    def _nothing(self, id: str, *, unfinished: bool, others: list[str]) -> StoreError:
        if unfinished:
            return StoreError(
                "store-nothing-unfinished",
                what=text("Looking for the run `{id}`", id=id),
                expected=text("at least one unfinished run under `{path}`", path=self.home),
                received=text("none"),
                fix=text("All runs: `backlit runs`."),
            )
        if others:
            return self._is_unfinished(others[0])
        return StoreError(
            "store-empty",
            what=text("Looking for the run `{id}`", id=id),
            expected=text("at least one run under `{path}`", path=self.home),
            received=text("none"),
            fix=text("Train one first, for example `backlit train digits`."),
        )

    def _is_unfinished(self, id: str) -> StoreError:
        return StoreError(
            "run-unfinished",
            what=text("Opening the run `{id}`", id=id),
            expected=text("a run that has been trained to its end"),
            received=text("one that was broken off before its end, or is in training"),
            fix=text("Go on with it: `backlit resume {id}`.", id=id),
        )

    def _has_ended(self, id: str) -> StoreError:
        return StoreError(
            "run-has-ended",
            what=text("Going on with the run `{id}`", id=id),
            expected=text("a run that was broken off before its end"),
            received=text("one that has ended"),
            fix=text("Look at it (`backlit show {id}`), or train it again (`backlit rerun {id}`).", id=id),
        )

    def _place(self, id: str) -> Path:
        return self.home / "runs" / id

    def _folder(self, id: str) -> RunFolder:
        place = self._place(id)
        if not place.is_dir():
            raise StoreError(
                "run-files-gone",
                what=text("Opening the run `{id}`", id=id),
                expected=text("its files in `{path}`", path=place),
                received=text("nothing at that place"),
                fix=text("Put the folder back, or forget the run: `backlit delete {id}`.", id=id),
            )
        return RunFolder(place)


def open_run(id: str = LAST, **given: Any) -> "Run":
    """A stored run.

    Args:
        id: Its name, the beginning or the last four characters of it, or `last`.
        **given: `data`, `model`, `loss`, `metrics`: what the store could not keep (see `Store.open`).

    Returns:
        The Run.
    """
    return Store().open(id, **given)


def resume(id: str = LAST, **given: Any) -> "Run":
    """Goes on with a training that was broken off, to the bits of the unbroken run.

    Args:
        id: Its name, the beginning or the last four characters of it, or `last`.
        **given: `data`, `model`, `loss`, `metrics`, `checkpoint_s`, `on_progress` (see `Store.resume`).

    Returns:
        The Run, kept under the same name.
    """
    return Store().resume(id, **given)


def runs() -> "pl.DataFrame":
    """All stored runs, newest first.

    Returns:
        A frame with one row a run and the columns of `RunRow`.
    """
    import polars as pl

    rows = [{**asdict(row), "axes": list(row.axes)} for row in Store().listing()]
    kinds = {str: pl.String, int: pl.Int64, datetime: pl.Datetime("us", "UTC"), float: pl.Float64}
    schema = {name: kinds.get(kind, pl.Float64) for name, kind in RunRow.__annotations__.items()}
    return pl.DataFrame(rows, schema={**schema, "axes": pl.List(pl.String)})


def _require_seconds(every_s: Any) -> None:
    """Refuses what is no time between checkpoints.

    Raises:
        SettingError: If it is neither a number of at least 0 nor None.
    """
    is_number = isinstance(every_s, int | float) and not isinstance(every_s, bool)
    if every_s is not None and not (is_number and every_s >= 0):
        raise SettingError(
            "checkpoint-seconds",
            what=text("Reading `{name}`", name="checkpoint_s"),
            expected=text("seconds, at least 0, or None"),
            received=text("`{value}`", value=repr(every_s)),
            fix=text("Write for example `{name}={example}`.", name="checkpoint_s", example=60),
        )


def _meant(id: str, ids: list[str]) -> list[str]:
    """The runs that a name can mean."""
    return [id] if id in ids else [known for known in ids if id and (known.startswith(id) or known.endswith(f"-{id}"))]


def _one(id: str, ids: list[str]) -> str:
    """The run that a name means.

    Raises:
        StoreError: If it means none or several.
    """
    if id == LAST:
        return ids[0]
    meant = _meant(id, ids)
    if len(meant) == 1:
        return meant[0]
    if meant:
        raise StoreError(
            "run-ambiguous",
            what=text("Looking for the run `{id}`", id=id),
            expected=text("a name that means one run"),
            received=text("{n} runs, newest first: {names}", n=len(meant), names=_some(meant)),
            fix=text("Write more of the name."),
        )
    near = nearest(id, ids)
    raise StoreError(
        "run-unknown",
        what=text("Looking for the run `{id}`", id=id),
        expected=text("the name of a run, its beginning, or `last`"),
        received=text("a name that no run has"),
        fix=text("Did you mean `{meant}`? All runs: `backlit runs`.", meant=near)
        if near
        else text("The newest: {names}. All runs: `backlit runs`.", names=_some(ids)),
    )


def _some(ids: list[str]) -> Any:
    return listed([*(f"`{id}`" for id in ids[:3]), *(["…"] if len(ids) > 3 else [])])
