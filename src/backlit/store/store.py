"""The store of runs: keep, list, open, delete, train again.

    Store().listing()                # light: reads one SQLite table
    run = open_run("last")           # history, scores, predictions, model, as on the day it was trained
    again = Store().rerun(run.id)    # the same bits

Where it is: see `home.py`. Everything that needs Keras is imported when it is used.

Not for training something new (see `fitting.py`).
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from backlit.errors import StoreError, nearest
from backlit.language import listed, text
from backlit.store.database import Database, RunRow
from backlit.store.files import RunFolder, remove_folder
from backlit.store.home import explained, require_writable_folder, store_home

if TYPE_CHECKING:
    import polars as pl

    from backlit.run import Run

LAST = "last"


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
    """

    def __init__(self, home: str | Path | None = None) -> None:
        self.home = store_home() if home is None else Path(home).expanduser().absolute()
        self._database = Database(self.home / "runs.sqlite")

    def require_writable(self) -> None:
        """Makes sure that a run can be kept, before it is trained.

        Raises:
            StoreError: If the folder cannot be written, or the store belongs to a newer backlit.
        """
        require_writable_folder(self.home)
        self._database.require_readable()

    def keep(self, run: "Run", *, rerun_of: str = "") -> str:
        """Keeps a run: all of it or, if something fails, nothing.

        Args:
            run: What `fit` made.
            rerun_of: The run that this one repeats; empty if none.

        Returns:
            Its name: when it was kept (UTC), what it was trained on, and four characters that make it unique.

        Raises:
            StoreError: If the disk is full or does not let us write.
        """
        from backlit.store.keeping import keep

        self.require_writable()
        return keep(run, self.home, self._database, rerun_of=rerun_of)

    def listing(self) -> list[RunRow]:
        """All runs, newest first, without opening any of them.

        Returns:
            One row a run.

        Raises:
            StoreError: If the list cannot be read.
        """
        with explained(self.home, text("Reading the list of runs")):
            return self._database.rows()

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
        return open_kept(id, self._database.description(id), folder, Given(data, model, loss, metrics))

    def rerun(
        self,
        id: str,
        *,
        data: Any = None,
        model: Any = None,
        loss: Any = None,
        metrics: Any = None,
        save: bool = True,
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
            on_progress: As for `fit`.

        Returns:
            The new Run.

        Raises:
            StoreError: If there is no such run, or its files are gone.
            DataError: If the data are gone or have changed.
            ModelError: If something has to be passed that Keras could not write.
        """
        from dataclasses import replace

        from backlit.backend import require_backend
        from backlit.store.networks import Given
        from backlit.store.reopening import train_again

        require_backend()
        id = self.full_id(id)
        if save:
            self.require_writable()
        run = train_again(
            id,
            self._database.description(id),
            self._folder(id),
            Given(data, model, loss, metrics),
            on_progress=on_progress,
        )
        return replace(run, id=self.keep(run, rerun_of=id)) if save else run

    def delete(self, id: str) -> str:
        """Deletes a run for good.

        Args:
            id: Its name, the beginning or the last four characters of it, or `last`.

        Returns:
            The full name of what is gone.

        Raises:
            StoreError: If there is no such run.
        """
        id = self.full_id(id)
        with explained(self.home, text("Deleting the run `{id}`", id=id)):
            remove_folder(self._place(id))  # first: on a full disk the table cannot be written before there is room
            self._database.delete(id)
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
        kept = self._database.description(self.full_id(id))
        return Origin(datetime.fromisoformat(kept["created"]), kept["versions"], kept["machine"])

    def full_id(self, id: str) -> str:
        """The whole name of a run.

        Args:
            id: Its name, the beginning or the last four characters of it, or `last`.

        Returns:
            The name.

        Raises:
            StoreError: If no run, or more than one, is meant.
        """
        ids = self._database.ids()
        if not ids:
            raise StoreError(
                "store-empty",
                what=text("Looking for the run `{id}`", id=id),
                expected=text("at least one run under `{path}`", path=self.home),
                received=text("none"),
                fix=text("Train one first, for example `backlit train digits`."),
            )
        if id == LAST:
            return ids[0]
        if id in ids:
            return id
        meant = [known for known in ids if id and (known.startswith(id) or known.endswith(f"-{id}"))]
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


def _some(ids: list[str]) -> Any:
    return listed([*(f"`{id}`" for id in ids[:3]), *(["…"] if len(ids) > 3 else [])])
