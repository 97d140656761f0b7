"""The folder of one run: written aside, then moved into place whole.

    runs/20261122-153012-digits-a1b2/
        records.safetensors    history, and when each member stopped
        weights.safetensors    weights that each member hands over, and its optimiser's state
        data.safetensors       the rows, or the first of them (see `rows.py`)
        initial.safetensors    first weights that no seed draws, where there are such

A checkpoint of a run in training (see `unfinished.py`) is such a folder too, with two files more:

        state.safetensors      the group in training
        words.json             what the database says of a run that has ended

A process that dies while writing leaves a folder whose name begins with a dot; the next writer sweeps it away after a
day. Words (the Experiment, groups, notes) of runs that have ended are in the database.

Not for which runs there are (see `database.py`).
"""

import contextlib
import json
import os
import shutil
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from backlit.engine.result import GroupResult

SWEEP_AFTER_S = 86_400.0
_WORDS = "words.json"
_STOPS = ("diverged_step", "stop_epoch", "best_epoch")
_TIMES = ("compile_s", "run_s", "n_samples")
_MEASURED = ("measured", "measured_steps")
RECORDS, WEIGHTS, DATA, INITIAL, STATE = "records", "weights", "data", "initial", "state"


class RunFolder:
    """The files of one run.

    Args:
        path: The folder.

    Attributes:
        path: The folder.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def tree(self, name: str) -> Any:
        """One of the files, mapped into memory.

        Args:
            name: `records`, `weights`, `data`, `initial` or `state`.

        Returns:
            The tree that was written.
        """
        from backlit.store.arrays import read_tree  # NumPy: a list of runs needs none

        return read_tree(self.file(name))

    def file(self, name: str) -> Path:
        """Where one of the files is.

        Args:
            name: `records`, `weights`, `data`, `initial` or `state`.

        Returns:
            The path.
        """
        return self.path / f"{name}.safetensors"

    def words(self) -> dict[str, Any]:
        """The words of a checkpoint.

        Returns:
            What `write_folder` was given.
        """
        return json.loads((self.path / _WORDS).read_text(encoding="utf-8"))

    def size_bytes(self) -> int:
        """Size of all files."""
        return sum(path.stat().st_size for path in self.path.iterdir())


def result_trees(results: "list[GroupResult]") -> dict[str, Any]:
    """The numbers of all groups as trees, by the file that keeps them.

    Args:
        results: One for each group.

    Returns:
        `records` and `weights`.
    """
    return {
        RECORDS: [
            {"records": one.records, **{name: getattr(one, name) for name in (*_STOPS, *_MEASURED)}} for one in results
        ],
        WEIGHTS: [{"kept": one.kept, "optimizer": one.optimizer} for one in results],
    }


def result_words(results: "list[GroupResult]") -> list[dict[str, float]]:
    """What of the groups' results is not an array.

    Args:
        results: One for each group.

    Returns:
        Times and counts of each.
    """
    return [{name: getattr(one, name) for name in _TIMES} for one in results]


def results_again(folder: RunFolder, words: list[dict[str, Any]]) -> "list[GroupResult]":
    """The groups' results; weights stay in the file until they are used.

    Args:
        folder: Where they are.
        words: From `result_words`.

    Returns:
        One for each group.
    """
    from backlit.engine.result import GroupResult

    records, weights = folder.tree(RECORDS), folder.tree(WEIGHTS)
    return [GroupResult(**r, **w, **t) for r, w, t in zip(records, weights, words, strict=True)]


def write_folder(
    place: Path, trees: dict[str, Any], *, links: dict[str, Path], words: dict[str, Any] | None = None
) -> None:
    """Writes a run's folder beside its place and moves it there, so that it is whole or not at all.

    Args:
        place: The folder to make; must not be there.
        trees: Name of the file to its tree.
        links: Name of the file to an equal file of another run, which then shares its space on the disk.
        words: What `RunFolder.words` shall give; None where the database has the words.

    Raises:
        OSError: If the disk refuses; nothing is left.
    """
    from backlit.store.arrays import write_tree

    aside = place.with_name(f".{place.name}-{os.getpid()}")
    with contextlib.ExitStack() as undo:
        undo.callback(shutil.rmtree, aside, ignore_errors=True)
        aside.mkdir(parents=True)
        folder = RunFolder(aside)
        for name, tree in trees.items():
            if name not in links or not _linked(links[name], folder.file(name)):
                write_tree(folder.file(name), tree)
        if words is not None:
            _write_words(aside / _WORDS, words)
        _wait_for_disk(aside)
        aside.rename(place)
        undo.pop_all()
        _wait_for_disk(place.parent)


def needed_bytes(trees: dict[str, Any], links: dict[str, Path]) -> int:
    """What the files of a run will take, about.

    Args:
        trees: Name of the file to its tree.
        links: Files that need not be written.

    Returns:
        Bytes.
    """
    from backlit.store.arrays import tree_bytes

    return sum(tree_bytes(tree) + 4096 for name, tree in trees.items() if name not in links)


def remove_folder(place: Path) -> None:
    """Removes a run's files; a reader that has them open keeps what it reads.

    Args:
        place: The folder.
    """
    gone = place.with_name(f".{place.name}-gone")
    with contextlib.suppress(OSError):
        place.rename(gone)
    shutil.rmtree(gone, ignore_errors=True)


def sweep(runs: Path, known: set[str]) -> None:
    """Removes what processes left that died while writing: folders of no run, older than a day.

    Args:
        runs: The folder of folders.
        known: Names of the runs that exist.
    """
    oldest = time.time() - SWEEP_AFTER_S
    for path in runs.iterdir() if runs.is_dir() else ():
        with contextlib.suppress(OSError):  # another process may sweep at the same time
            if path.name not in known and path.is_dir() and path.stat().st_mtime < oldest:
                shutil.rmtree(path, ignore_errors=True)


def _write_words(path: Path, words: dict[str, Any]) -> None:
    with path.open("w", encoding="utf-8") as file:
        json.dump(words, file)
        file.flush()
        os.fsync(file.fileno())


def _linked(old: Path, new: Path) -> bool:
    """Whether the file system let one file have two names."""
    try:
        os.link(old, new)
    except OSError:
        return False
    return True


def _wait_for_disk(folder: Path) -> None:
    if os.name != "posix":  # elsewhere a folder cannot be opened
        return
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
