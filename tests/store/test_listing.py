"""A list of runs reads one table: no Keras, no file of any run."""

import sqlite3

import polars as pl

import backlit as bl
from backlit.store import Store
from tests.store.test_names import row


def test_a_row_comes_back(population):
    store = Store()
    id = store.keep(population)
    (kept,) = store.listing()
    members = population.members
    assert (id, "iris", ("learning_rate", "seed"), 4, 2) == (kept.id, kept.data, kept.axes, kept.n_members, kept.epochs)
    assert "Dense 6, Dropout 0.2, Dense 3" == kept.model
    assert (4, 0, 0) == (kept.n_finished, kept.n_stopped_early, kept.n_diverged)
    assert ("val_accuracy", members["val_accuracy"][population.best]) == (kept.metric, kept.best)
    assert population.run_s == kept.run_s
    assert "" == kept.rerun_of
    assert kept.created.utcoffset().total_seconds() == 0


def test_500_runs_are_listed_without_their_files(in_fresh_python):
    """No run has a folder here, so whoever opened one would fail; and nothing heavy is imported."""
    store = Store()
    store.home.mkdir(exist_ok=True)
    store.database.insert(row("run-000"), description="not JSON", data_digest="d")
    with sqlite3.connect(store.home / "runs.sqlite") as connection:
        names = [
            name for (_, name, *_) in connection.execute("PRAGMA table_info(runs)") if name not in ("number", "id")
        ]
        same = ", ".join(names)
        copy = f"INSERT INTO runs (id, {same}) SELECT ?, {same} FROM runs WHERE id = 'run-000'"
        connection.executemany(copy, [(f"run-{number:03}",) for number in range(1, 500)])
    connection.close()
    code = """
import sys
from backlit.store import Store
rows = Store().listing()
heavy = {"keras", "jax", "polars", "numpy", "safetensors", "pydantic"} & set(sys.modules)
print(len(rows), rows[0].id, rows[-1].id, heavy or "light")
"""
    assert "500 run-499 run-000 light" == in_fresh_python(code)


def test_runs_is_a_frame_also_where_there_are_none(population):
    empty = bl.runs()
    assert (0, "id", pl.List(pl.String)) == (len(empty), empty.columns[0], empty.schema["axes"])
    id = Store().keep(population)
    frame = bl.runs()
    assert empty.schema == frame.schema
    assert [id] == frame["id"].to_list()
    assert [["learning_rate", "seed"]] == frame["axes"].to_list()


def test_listing_an_empty_home_makes_nothing(tmp_path):
    assert [] == Store(tmp_path / "none").listing()
    assert not (tmp_path / "none").exists()


def test_the_home_is_where_the_variables_say(in_fresh_python, tmp_path):
    code = "from backlit.store import Store; print(Store().home)"
    assert str(tmp_path / "a") == in_fresh_python(code, BACKLIT_HOME=str(tmp_path / "a"))
    # An empty BACKLIT_HOME counts as none.
    assert str(tmp_path / "b" / "backlit") == in_fresh_python(code, BACKLIT_HOME="", XDG_DATA_HOME=str(tmp_path / "b"))
    home = in_fresh_python(code, BACKLIT_HOME="~/c", HOME=str(tmp_path))
    assert str(tmp_path / "c") == home
