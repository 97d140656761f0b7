"""Keeps a Run: files first, the row last.

The words of a run (Experiment, groups, placements, notes, versions) go into the database, its numbers into a folder.
If anything fails in between, there is no row, so there is no run, and the folder is removed.

Not for reading it back (see `reopening.py`).
"""

import contextlib
import json
import os
import platform
import secrets
import shutil
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jax
import keras

from backlit.engine.checkpoint import Checkpoint
from backlit.engine.experiment import Experiment
from backlit.engine.plan import Group
from backlit.engine.prepare import Ingredients, member_settings
from backlit.language import text
from backlit.run import Run, placements
from backlit.run import versions_here as versions
from backlit.store.database import Database, RunRow
from backlit.store.files import (
    DATA,
    INITIAL,
    RunFolder,
    needed_bytes,
    remove_folder,
    result_trees,
    result_words,
    sweep,
    write_folder,
)
from backlit.store.home import explained, require_space
from backlit.store.networks import compile_words, fixed_weights, model_words
from backlit.store.plain import to_plain
from backlit.store.rows import data_arrays, data_words


def keep(
    run: Run, home: Path, database: Database, *, rerun_of: str, id: str = "", data_file: Path | None = None
) -> str:
    """Writes a run.

    Args:
        run: What `fit` made.
        home: The folder of the store.
        database: Its table.
        rerun_of: The run that this one repeats, or empty.
        id: The name that the run has already, because it was unfinished until now; empty makes a new one.
        data_file: The rows as the unfinished run kept them, or None.

    Returns:
        The run's name.
    """
    created = datetime.now(UTC)
    is_new, id = not id, id or new_id(created, run.experiment.data.name)
    place = home / "runs" / id
    results = [one.result for one in run.trained.groups]
    trees = {**result_trees(results), **lasting_trees(run.ingredients)}
    links = data_links(home, database, run.experiment, trees, data_file)
    n_bytes = needed_bytes(trees, links)
    words = {
        **described(run.experiment, run.ingredients, created),
        "chosen": to_plain(run.chosen),
        "notes": to_plain(run.notes),
        "trained_notes": to_plain(run.trained.notes),
        "groups": group_words([one.group for one in run.trained.groups]),
        "placements": [placement.model_dump() for placement in placements(run)],
        "results": result_words(results),
    }
    description = json.dumps(words)
    with explained(home, text("Keeping the run"), n_bytes=n_bytes):
        sweep(home / "runs", set(database.ids()))
        if not is_new:
            _sweep_own(place)
        require_space(home, n_bytes)
        with contextlib.ExitStack() as undo:
            undo.callback(remove_folder, place)
            write_folder(place, trees, links=links)
            row = _row(run, id=id, created=created, size_bytes=RunFolder(place).size_bytes(), rerun_of=rerun_of)
            database.insert(row, description=description, data_digest=run.experiment.data.digest)
            undo.pop_all()
    return id


def checkpoint_words(checkpoint: Checkpoint, ingredients: Ingredients, begun: datetime) -> dict[str, Any]:
    """The words of an unfinished run, as far as it is trained: those of a kept run, and what a list shows of it.

    Args:
        checkpoint: What is known of its training.
        ingredients: The live objects.
        begun: When it was begun, UTC.

    Returns:
        Plain words for JSON.
    """
    return {
        **described(checkpoint.experiment, ingredients, begun),
        "chosen": None,
        "notes": to_plain(checkpoint.notes),
        "trained_notes": to_plain(checkpoint.notes),
        "groups": group_words(checkpoint.groups),
        "placements": [placement.model_dump() for placement in checkpoint.placements],
        "results": result_words(list(checkpoint.results)),
        "shown": {
            "data": checkpoint.experiment.data.name,
            "model": model_words(ingredients.models),
            "axes": [name for axis in checkpoint.experiment.axes for name in axis.names],
            "n_members": checkpoint.experiment.n_members,
            "group": checkpoint.number,
            "n_groups": checkpoint.n_groups,
            "step": checkpoint.step,
            "epoch": checkpoint.epoch,
            "n_epochs": checkpoint.n_epochs,
        },
    }


def lasting_trees(ingredients: Ingredients) -> dict[str, Any]:
    """The numbers of a run that training does not change: its rows, and first weights that no seed draws.

    Args:
        ingredients: What it is trained with.

    Returns:
        Name of the file to its tree.
    """
    given = ingredients.initial
    initial = {"given": None if given is None else dict(given), "fixed": fixed_weights(ingredients.models)}
    return {DATA: data_arrays(ingredients.data), INITIAL: initial}


def data_links(
    home: Path, database: Database, experiment: Experiment, trees: dict[str, Any], own: Path | None = None
) -> dict[str, Path]:
    """The file of a run on the same rows, which this one can share.

    Args:
        home: The folder of the store.
        database: Its table.
        experiment: Which data.
        trees: With `lasting_trees`.
        own: A file of the same run, or None.

    Returns:
        Name of the file to the file; empty where there is none.
    """
    if own is not None and own.exists():
        return {DATA: own}
    if bool(trees[DATA]["is_whole"]):
        for id in database.ids_on(experiment.data.digest):
            file = RunFolder(home / "runs" / id).file(DATA)
            if file.exists():
                return {DATA: file}
    return {}


def new_id(created: datetime, data: str) -> str:
    """A name that sorts by time; the four last characters keep runs of the same second apart.

    Args:
        created: When, UTC.
        data: Name of the data.

    Returns:
        The name of a run.
    """
    name = "".join(letter if letter.isalnum() else "-" for letter in data.lower()).strip("-")[:16].strip("-")
    return f"{created:%Y%m%d-%H%M%S}-{name or 'data'}-{secrets.token_hex(2)}"


def described(experiment: Experiment, ingredients: Ingredients, created: datetime) -> dict[str, Any]:
    """What a run is, in words, whether it has ended or not.

    Args:
        experiment: What is done.
        ingredients: The live objects.
        created: When it was kept or begun, UTC.

    Returns:
        Plain words for JSON.
    """
    lost: list[str] = []
    plain = to_plain(experiment.model_dump(), lost)
    plain["unwritable"] = to_plain((*experiment.unwritable, *(f"axes `{words}`" for words in lost)))
    return {
        "created": created.isoformat(),
        "versions": versions(),
        "machine": machine_words(),
        "floatx": keras.config.floatx(),
        "experiment": plain,
        "data": to_plain(data_words(ingredients.data)),
        "models": to_plain(compile_words(ingredients)),
    }


def group_words(groups: Sequence[Group]) -> list[Any]:
    """Groups in words.

    Args:
        groups: Which members train together.

    Returns:
        Plain words for JSON.
    """
    return [to_plain({**vars(group), "structure": dict(group.structure)}, []) for group in groups]


def machine_words() -> str:
    """The machine in words: system, cores, device; no name and no address.

    Returns:
        Such as `Linux x86_64, 2 cores, cpu × 2`.
    """
    devices = jax.devices()
    return (
        f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, {devices[0].device_kind} × {len(devices)}"
    )


def _row(run: Run, *, id: str, created: datetime, size_bytes: int, rerun_of: str) -> RunRow:
    members = run.members
    statuses = Counter(members["status"])
    names = [name for name in run.metric_names if name != "loss"] or ["loss"]
    columns = [f"val_{names[0]}", names[0]]
    metric = next((name for name in columns if name in members.columns), "")
    best = members[metric][run.best] if metric and run.finished else None
    return RunRow(
        id=id,
        created=created,
        data=run.experiment.data.name,
        model=model_words(run.ingredients.models),
        axes=run.axes,
        n_members=len(run),
        epochs=max(_epochs(run.experiment, idx) for idx in range(run.experiment.n_members)),
        n_finished=statuses["finished"],
        n_stopped_early=statuses["stopped early"],
        n_diverged=statuses["diverged"],
        metric=metric,
        best=None if best is None else float(best),
        run_s=run.run_s,
        size_bytes=size_bytes,
        rerun_of=rerun_of,
    )


def _epochs(experiment: Experiment, idx: int) -> int:
    return int(member_settings(experiment, idx).get("epochs", experiment.epochs))


def _sweep_own(place: Path) -> None:
    """Removes what a process left that died while it kept this run; whoever keeps it now holds the run's lock."""
    for left in [place, *place.parent.glob(f".{place.name}-*")]:
        shutil.rmtree(left, ignore_errors=True)
