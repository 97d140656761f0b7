"""What is said when the disk does not take a run, and that nothing half-written stays."""

import errno
import os
import shutil
import sqlite3
import time
from dataclasses import replace

import pytest

from backlit.errors import StoreError
from backlit.store import Store, arrays, files


def test_a_file_in_the_way(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(
        StoreError, match=r"Opening the store: expected `.*/file/runs` to be a folder, received a file at"
    ):
        Store(tmp_path / "file" / "runs").require_writable()
    with pytest.raises(StoreError, match=r"received a file at `.*/file`\. Move the file away") as caught:
        Store(tmp_path / "file").require_writable()
    assert "请移走这个文件" in caught.value.say("zh")


@pytest.mark.parametrize("number", [errno.EACCES, errno.EROFS])
def test_a_folder_that_cannot_be_written(tmp_path, monkeypatch, number):
    def refuse(*args, **kwargs):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr("tempfile.TemporaryFile", refuse)
    with pytest.raises(
        StoreError, match=rf"expected a folder that can be written.*received {os.strerror(number)}\. Set"
    ):
        Store(tmp_path).require_writable()


def test_fit_finds_out_before_it_trains(tmp_path, monkeypatch):
    import keras

    import backlit as bl

    (tmp_path / "file").write_text("")
    monkeypatch.setenv("BACKLIT_HOME", str(tmp_path / "file"))
    monkeypatch.setattr("backlit.engine.Trainer", None)
    with pytest.raises(StoreError, match="a file at"):
        bl.fit(keras.Sequential([keras.layers.Dense(3, "softmax")]), "iris", verbose=False)


def test_a_disk_with_too_little_room(population, monkeypatch):
    usage = shutil.disk_usage("/")
    monkeypatch.setattr("shutil.disk_usage", lambda _: usage._replace(free=1_000))
    with pytest.raises(
        StoreError, match=r"Keeping the run: expected 0\.0 MB free under .*received 0\.0 MB, the disk is"
    ):
        Store().keep(population)
    assert_nothing_kept()


@pytest.mark.parametrize("file", ["weights", "data", "initial"])
def test_a_disk_that_fills_while_a_run_is_written(population, monkeypatch, file):
    write = arrays.write_tree

    def fill(path, tree):
        if path.stem == file:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        write(path, tree)

    monkeypatch.setattr(arrays, "write_tree", fill)
    with pytest.raises(StoreError, match=r"MB free under .*the disk is full\. Delete old runs") as caught:
        Store().keep(population)
    assert "磁盘已满" in caught.value.say("zh")
    assert_nothing_kept()


def test_a_row_that_cannot_be_written_leaves_no_files(population, monkeypatch):
    def refuse(*args, **kwargs):
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr("backlit.store.keeping.Database.insert", refuse)
    with pytest.raises(sqlite3.OperationalError):
        Store().keep(population)
    assert_nothing_kept()


@pytest.mark.parametrize(
    ("code", "match"),
    [
        (sqlite3.SQLITE_FULL, r"Writing the list of runs: expected 0\.5 MB free under .*the disk is full"),
        (sqlite3.SQLITE_BUSY, r"received database is \w+\. Another process is writing: try again"),
        (sqlite3.SQLITE_READONLY, r"Set BACKLIT_HOME to a folder of your own"),
    ],
)
def test_what_sqlite_says_comes_out_explained(population, monkeypatch, code, match):
    def refuse(*args, **kwargs):
        error = sqlite3.OperationalError("database is unwilling")
        error.sqlite_errorcode = code
        raise error

    store = Store()
    store.require_writable()
    monkeypatch.setattr("backlit.store.database._transaction", refuse)
    with pytest.raises(StoreError, match=match):
        store.keep(population)
    assert [] == list((store.home / "runs").iterdir())


def test_deleting_makes_room_before_it_writes(population, monkeypatch):
    """On a full disk the table cannot be written: the files have to go first."""
    store = Store()
    id = store.keep(population)

    def refuse(*args, **kwargs):
        assert [] == list((store.home / "runs").iterdir())
        raise StopIteration

    monkeypatch.setattr("backlit.store.database.Database.delete", refuse)
    with pytest.raises(StopIteration):
        store.delete(id)


def test_an_interruption_leaves_no_files(population, monkeypatch):
    def interrupt(*args, **kwargs):
        raise KeyboardInterrupt

    monkeypatch.setattr(files, "_wait_for_disk", interrupt)
    with pytest.raises(KeyboardInterrupt):
        Store().keep(population)
    assert_nothing_kept()


def test_a_database_that_is_none(population):
    store = Store()
    store.home.mkdir(exist_ok=True)
    (store.home / "runs.sqlite").write_text("not a database, and long enough to be read as one" * 50)
    with pytest.raises(
        StoreError, match=r"a SQLite file that can be read and written, .*received file is not a database"
    ):
        store.listing()


def test_a_store_of_a_newer_backlit(population):
    store = Store()
    id = store.keep(population)
    with sqlite3.connect(store.home / "runs.sqlite") as connection:
        connection.execute("PRAGMA user_version = 7")
    connection.close()
    match = r"expected a store of version 1 or older, received version 7, which a newer backlit wrote\. Update backlit"
    for use in (store.listing, store.require_writable, lambda: store.open(id), lambda: store.keep(population)):
        with pytest.raises(StoreError, match=match):
            use()


def test_what_a_dead_process_left_is_swept_after_a_day(population):
    store = Store()
    kept = store.keep(population)
    runs = store.home / "runs"
    for name in (".20261122-100000-iris-dead-17", "20261122-100000-iris-0row"):
        (runs / name).mkdir()
        (runs / name / "weights.safetensors").write_text("half")
    old = time.time() - files.SWEEP_AFTER_S - 60
    for path in runs.iterdir():
        os.utime(path, (old, old))
    (runs / ".20261122-150000-iris-busy-18").mkdir()  # another process may be writing it now
    newer = store.keep(population)
    assert {kept, newer, ".20261122-150000-iris-busy-18"} == {path.name for path in runs.iterdir()}


def test_equal_rows_share_one_file(population):
    """Arrays are kept with each run; on the disk they lie once."""
    run = replace(population, experiment=_in_memory(population), ingredients=_without_recipe(population))
    store = Store()
    first, second = store.keep(run), store.keep(run)
    paths = [store.home / "runs" / id / "data.safetensors" for id in (first, second)]
    assert paths[0].samefile(paths[1])
    store.delete(first)
    assert run.evaluate().equals(store.open(second).evaluate())


def _in_memory(run):
    return run.experiment.model_copy(update={"data": run.experiment.data.model_copy(update={"recipe": None})})


def _without_recipe(run):
    return replace(run.ingredients, data=replace(run.data, recipe=None))


def assert_nothing_kept():
    store = Store()
    assert [] == store.listing()
    assert [] == (list((store.home / "runs").iterdir()) if (store.home / "runs").exists() else [])
