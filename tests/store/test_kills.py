"""Twenty SIGKILLs: wherever a process dies, the store stays whole, and a resumed run has the bits of an unbroken one.

A process that has imported everything, and begun nothing, forks one child a life, so that a life begins in a second. A
child says on a pipe what it does; it is killed after so many checkpoints, or while it holds still in the middle of
writing one, with half of a file on the disk.
"""

import json
import os
import random
import signal
import subprocess
import sys
import time

import pytest

import backlit as bl
from backlit.cli.app import main
from backlit.errors import StoreError
from backlit.store import Store

NURSERY = r'''
import json, os, sys, time
import backlit as bl, keras
import backlit.engine, backlit.store.reopening, backlit.store.training
from backlit.store import Store, arrays, database, files, store, training, unfinished

MODEL = lambda: keras.Sequential([
    keras.layers.Dense(24, "relu"), keras.layers.Dropout(0.2), keras.layers.Dense(3, "softmax")])

def say(*words):
    os.write(1, (" ".join(map(str, words)) + "\n").encode())

def hold_still():
    say("held")
    time.sleep(600)

def hold(where):
    """Stops the life in the middle of something."""
    kind, _, name = where.partition(" ")
    if kind == "half":
        write = arrays.write_tree
        def halve(path, tree):
            write(path, tree)
            if path.stem == name and "unfinished" in str(path) and path.parent.name[:9] != ".00000000":
                os.truncate(path, path.stat().st_size // 2)
                hold_still()
        arrays.write_tree = halve
    elif kind == "renaming":  # all files are written, the folder has not its name yet
        wait = files._wait_for_disk
        def before(folder):
            wait(folder)
            if "unfinished" in str(folder) and folder.name[0] == "." and folder.name[:9] != ".00000000":
                hold_still()
        files._wait_for_disk = before
    elif kind == "renamed":  # the new checkpoint stands, the old one has not gone
        tidy = unfinished.Unfinished.tidy
        def before(self, id):
            if len([1 for path in (self.place / id).iterdir() if path.name.isdigit()]) > 1:
                hold_still()
            tidy(self, id)
        unfinished.Unfinished.tidy = before
    elif kind == "inserting":  # the files of the finished run are in place, the row is not
        def before(self, *args, **kwargs):
            hold_still()
        database.Database.insert = before
    elif kind == "inserted":  # the run has ended, the checkpoint is still there
        def before(self, id):
            hold_still()
        unfinished.Unfinished.remove = before

def live(do, where, request):
    hold(where)
    write = training.Checkpoints.write
    def told(self, trainer):
        write(self, trainer)
        say("checkpoint")
    training.Checkpoints.write = told
    begun = []
    def on_progress(*_):
        if not begun:
            begun.append(say("begun"))
    if do == "train":
        run = bl.fit(MODEL(), "iris", verbose=False, on_progress=on_progress, **request)
    else:
        run = Store().resume("last", checkpoint_s=0, on_progress=on_progress)
    if run.unkept is not None:
        raise run.unkept
    say("ended", run.id)

for line in sys.stdin:
    life = json.loads(line)
    child = os.fork()
    if child == 0:
        code = 1
        try:
            live(**life)
            code = 0
        except BaseException as error:
            say("failed", type(error).__name__, getattr(error, "code", ""), str(error).replace("\n", " "))
        finally:
            os._exit(code)
    say("pid", child)
    os.waitpid(child, 0)
    say("gone")
'''

BLOCKS = {"epochs": 1600, "learning_rate": [0.03, 0.01, 0.003], "seeds": 3}
GROUPS = {"epochs": 900, "batch_size": [16, 32], "learning_rate": [0.03, 0.01], "seeds": 2, "early_stopping": 300}
ALONE = {"epochs": 2400, "learning_rate": 0.01, "probes": ["weight_norm", "dead_units"], "data_seed": 3}
LIVES = [
    (BLOCKS, ["begun", "checkpoints", "half state", "checkpoints", "half weights", "renaming", "inserting"]),
    (GROUPS, ["begun", "checkpoints", "half records", "renamed", "checkpoints", "checkpoints", "inserted"]),
    (ALONE, ["begun", "checkpoints", "checkpoints", "half state", "checkpoints", "checkpoints"]),
]


class Nursery:
    """The process that forks lives."""

    def __init__(self):
        self.process = subprocess.Popen(
            [sys.executable, "-c", NURSERY],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "XLA_FLAGS": ""},
        )

    def tell(self, do, where, request):
        self.process.stdin.write(json.dumps({"do": do, "where": where, "request": request}) + "\n")
        self.process.stdin.flush()
        return int(self.wait_for("pid")[1])

    def wait_for(self, *wanted):
        """The next line that begins with one of these words."""
        while line := self.process.stdout.readline():
            words = line.split()
            if words[0] in wanted:
                return words
            assert words[0] != "failed", line
            assert words[0] != "ended" or "gone" in wanted, "it ended too soon: train longer"
        raise AssertionError("the nursery died")

    def close(self):
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()


@pytest.fixture
def nursery():
    nursery = Nursery()
    yield nursery
    nursery.close()


def kill(nursery, pid):
    os.kill(pid, signal.SIGKILL)
    nursery.wait_for("gone")


def assert_whole(capsys):
    """Whatever is listed can be read; nothing half-written is."""
    store = Store()
    kept = {row.id for row in store.listing()}
    for id in kept:
        assert len(bl.open_run(id).history)
    for row in store.unfinished():
        assert row.id not in kept
        assert not row.is_training
        folder = store._unfinished.newest(row.id)
        for name in ("records", "weights", "data", "initial", "state"):
            folder.tree(name)
        with pytest.raises(StoreError, match=f"backlit resume {row.id}"):
            bl.open_run(row.id)
    capsys.readouterr()
    assert main(["runs"]) == 0
    printed = capsys.readouterr().out
    assert all(id in printed for id in (*kept, *(row.id for row in store.unfinished())))


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.skipif(os.name != "posix", reason="no SIGKILL elsewhere")
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_twenty_kills(nursery, assert_same, seed, capsys):
    chance = random.Random(seed)
    n_kills = n_after_first = n_while_writing = 0
    for request, lives in LIVES:
        nursery.tell("train", "", {**request, "checkpoint_s": None})
        unbroken = bl.open_run(nursery.wait_for("ended")[1])
        nursery.wait_for("gone")
        do, id = "train", ""
        for where in lives:
            pid = nursery.tell(do, where, {**request, "checkpoint_s": 0})
            if where == "checkpoints":
                for _ in range(chance.randint(1, 2)):
                    nursery.wait_for("checkpoint")
                time.sleep(chance.uniform(0, 0.1))  # in the middle of a chunk, or of whatever comes then
            else:
                nursery.wait_for("begun" if where == "begun" else "held")
            kill(nursery, pid)
            n_kills += 1
            n_after_first += bool(id)
            n_while_writing += where.startswith(("half", "renam"))
            assert_whole(capsys)
            unfinished = Store().unfinished()
            if where != "inserted":
                assert len(unfinished) <= 1
                if unfinished:
                    do, id = "resume", unfinished[0].id
        if lives[-1] != "inserted":
            nursery.tell("resume", "", {})
            assert id == nursery.wait_for("ended")[1]
            nursery.wait_for("gone")
        resumed = bl.open_run(id)
        assert_same(unbroken, resumed)
        for mine, theirs in zip(unbroken.trained.groups, resumed.trained.groups, strict=True):
            for probe, labels in mine.result.measured.items():
                for label, values in labels.items():
                    assert values.tobytes() == theirs.result.measured[probe][label].tobytes()
        assert [] == Store().unfinished()
        assert_whole(capsys)
    nursery.tell("train", "", {**ALONE, "epochs": 1, "checkpoint_s": 0})  # sweeps what is left
    nursery.wait_for("ended")
    nursery.wait_for("gone")
    home = Store().home
    assert {row.id for row in Store().listing()} == {path.name for path in (home / "runs").iterdir()}
    assert [] == list((home / "unfinished").iterdir())
    assert 20 == n_kills
    assert n_after_first >= 12
    assert n_while_writing >= 3
