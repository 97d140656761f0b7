"""Two processes keep runs at once; one of them dies in the middle."""

import os
import signal
import subprocess
import sys

import pytest

import backlit as bl
from backlit.store import Store

TRAIN = """
import backlit as bl, keras
from backlit.store import Store, arrays
model = keras.Sequential([keras.layers.Dense(3, "softmax")])
run = bl.fit(model, "iris", epochs=1, save=False, verbose=False)
"""
KEEP_20 = TRAIN + "print('ready', flush=True); input()\nfor _ in range(20): print(Store().keep(run))"
DIE = (
    TRAIN
    + """
write = arrays.write_tree
def stop(path, tree):
    write(path, tree)
    if path.stem == "weights":
        print("writing", flush=True); input()
arrays.write_tree = stop
Store().keep(run)
"""
)


def start(code):
    return subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=os.environ
    )


def test_two_processes_keep_twenty_runs_each_into_a_new_store():
    processes = [start(KEEP_20) for _ in range(2)]
    for process in processes:
        assert "ready\n" == process.stdout.readline()
    for process in processes:  # both begin now: neither finds a table
        process.stdin.write("\n")
        process.stdin.flush()
    ids = [process.communicate(timeout=60)[0].split() for process in processes]
    assert [0, 0] == [process.returncode for process in processes]
    kept = [row.id for row in Store().listing()]
    assert 40 == len(kept) == len(set(kept))
    assert set(kept) == {id for own in ids for id in own}
    for id in kept:
        assert 1 == len(bl.open_run(id).members)


@pytest.mark.skipif(os.name != "posix", reason="no SIGKILL elsewhere")
def test_a_process_killed_while_writing_leaves_the_store_whole(population):
    before = Store().keep(population)
    process = start(DIE)
    assert "writing\n" == process.stdout.readline()
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    assert [before] == [row.id for row in Store().listing()]
    left = {path.name for path in (Store().home / "runs").iterdir()} - {before}
    assert 1 == len(left)
    assert next(iter(left)).startswith(".")
    after = Store().keep(population)
    assert [after, before] == [row.id for row in Store().listing()]
    assert population.history.equals(bl.open_run(after).history)
