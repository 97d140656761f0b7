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
import sys
from collections import Counter
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import jax
import keras

from backlit.engine.experiment import Experiment
from backlit.engine.prepare import member_settings
from backlit.language import text
from backlit.run import Run, placements
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

_PACKAGES = ("backlit", "keras", "jax", "jaxlib", "numpy")


def keep(run: Run, home: Path, database: Database, *, rerun_of: str) -> str:
    """Writes a run.

    Args:
        run: What `fit` made.
        home: The folder of the store.
        database: Its table.
        rerun_of: The run that this one repeats, or empty.

    Returns:
        The run's name.
    """
    created = datetime.now(UTC)
    id = _new_id(created, run.experiment.data.name)
    place = home / "runs" / id
    results = [one.result for one in run.trained.groups]
    trees = {**result_trees(results), DATA: data_arrays(run.data), INITIAL: _initial(run)}
    links = _equal_data(home, database, run) if bool(trees[DATA]["is_whole"]) else {}
    n_bytes = needed_bytes(trees, links)
    description = json.dumps(_description(run, created))
    with explained(home, text("Keeping the run"), n_bytes=n_bytes):
        sweep(home / "runs", set(database.ids()))
        require_space(home, n_bytes)
        with contextlib.ExitStack() as undo:
            undo.callback(remove_folder, place)
            write_folder(place, trees, links=links)
            row = _row(run, id=id, created=created, size_bytes=RunFolder(place).size_bytes(), rerun_of=rerun_of)
            database.insert(row, description=description, data_digest=run.experiment.data.digest)
            undo.pop_all()
    return id


def _new_id(created: datetime, data: str) -> str:
    """Sorts by time; the four last characters keep runs of the same second apart."""
    name = "".join(letter if letter.isalnum() else "-" for letter in data.lower()).strip("-")[:16].strip("-")
    return f"{created:%Y%m%d-%H%M%S}-{name or 'data'}-{secrets.token_hex(2)}"


def _description(run: Run, created: datetime) -> dict[str, Any]:
    lost: list[str] = []
    experiment = to_plain(run.experiment.model_dump(), lost)
    experiment["unwritable"] = to_plain((*run.experiment.unwritable, *(f"axes `{words}`" for words in lost)))
    groups = [one.group for one in run.trained.groups]
    return {
        "created": created.isoformat(),
        "versions": versions(),
        "machine": machine_words(),
        "floatx": keras.config.floatx(),
        "experiment": experiment,
        "chosen": to_plain(run.chosen),
        "notes": to_plain(run.notes),
        "trained_notes": to_plain(run.trained.notes),
        "groups": [to_plain({**vars(group), "structure": dict(group.structure)}, []) for group in groups],
        "placements": [placement.model_dump() for placement in placements(run)],
        "results": result_words([one.result for one in run.trained.groups]),
        "data": to_plain(data_words(run.data)),
        "models": to_plain(compile_words(run.ingredients)),
    }


def versions() -> dict[str, str]:
    """Versions of what decides the last digits.

    Returns:
        Package to version.
    """
    packages = {name: version(name) for name in _PACKAGES}
    return {**packages, "python": sys.version.split()[0]}


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


def _initial(run: Run) -> dict[str, Any]:
    """First weights that no seed draws: those of a given model, those of frozen layers."""
    given = run.ingredients.initial
    return {"given": None if given is None else dict(given), "fixed": fixed_weights(run.ingredients.models)}


def _equal_data(home: Path, database: Database, run: Run) -> dict[str, Path]:
    """The file of another run on the same rows, which this run can share."""
    for id in database.ids_on(run.experiment.data.digest):
        file = RunFolder(home / "runs" / id).file(DATA)
        if file.exists():
            return {DATA: file}
    return {}
