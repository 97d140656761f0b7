"""`backlit resume`, and what the other commands make of a run that was broken off."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time

import pytest

import backlit as bl
from backlit.cli.app import main
from backlit.engine import Trainer
from backlit.store import Store

TRAIN = ("train", "iris", "--model", "mlp:6", "--epochs", "40", "--learning-rate", "0.05,0.01", "--batch-size", "16,32")


@pytest.fixture(scope="module")
def home_with_a_broken_run(tmp_path_factory):
    """A home in which Ctrl-C was pressed in the first group's first chunk."""
    home = tmp_path_factory.mktemp("broken")
    advance = Trainer.advance

    def press(self, *args, **kwargs):
        progress = advance(self, 20)
        signal.raise_signal(signal.SIGINT)
        return progress

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BACKLIT_HOME", str(home))
        patch.setattr(Trainer, "advance", press)
        assert main((*TRAIN, "-q")) == 130
    return home


@pytest.fixture
def broken(home_with_a_broken_run) -> str:
    """The name of that run, in this test's own home."""
    shutil.copytree(home_with_a_broken_run, os.environ["BACKLIT_HOME"], dirs_exist_ok=True)
    return Store().unfinished()[0].id


def test_ctrl_c_says_how_to_go_on(backlit_command, ctrl_c_at):
    ctrl_c_at(1)
    answer = backlit_command(*TRAIN)
    [row] = Store().unfinished()
    assert answer.code == 130
    assert (
        answer.err == f"Stopped before the end. To go on: `backlit resume {row.id}`, "
        f'in Python `bl.resume("{row.id}")`.\n'
    )
    ctrl_c_at(1)
    answer = backlit_command("resume", "--lang", "zh")
    assert answer.code == 130
    assert f"继续训练：`backlit resume {row.id}`" in answer.err


def test_ctrl_c_where_nothing_is_to_be_kept(backlit_command, ctrl_c_at):
    ctrl_c_at(1)
    answer = backlit_command(*TRAIN, "--no-save")
    assert (answer.code, answer.err) == (
        130,
        "Stopped before the end: nothing was kept. A run is kept when it has ended.\n",
    )


def test_resume_ends_as_train_does(backlit_command, broken):
    answer = backlit_command("resume")
    assert answer.code == 0, answer.err
    for part in (f"Going on with run {broken}", "Trained:", "epoch 40/40", f"Kept as run {broken}.", "Next"):
        assert part in answer.out
    run = bl.open_run("last")
    assert run.id == broken
    assert backlit_command(*TRAIN, "-q").code == 0
    unbroken = bl.open_run("last")
    assert unbroken.id != broken
    assert unbroken.history.equals(run.history)


def test_resume_quietly(backlit_command, broken):
    answer = backlit_command("resume", broken[-4:], "--quiet", "--checkpoint", "off")
    assert answer.code == 0, answer.err
    score, name = answer.out.splitlines()
    assert score.startswith("validation accuracy")
    assert name == broken


def test_runs_lists_it(backlit_command, broken):
    # 105 rows in batches of 16 are 7 steps; the chunk of 20 steps ended with the second epoch, or within the third.
    answer = backlit_command("runs")
    lines = answer.out.splitlines()
    assert lines[0].split() == ["unfinished", "group", "epoch", "begun", "state"]
    name, group, epoch, _, _, state = lines[1].split()
    assert (name, group, state) == (broken, "1/2", "stopped")
    assert epoch.startswith("2.")
    assert epoch.endswith("/40")
    assert f"Go on with one: backlit resume {broken}" in answer.out
    assert "已停止" in backlit_command("runs", "--lang", "zh").out
    lock = Store()._unfinished.lock(broken)
    assert "in training" in backlit_command("runs").out
    lock.free()


def test_runs_in_json(backlit_command, broken):
    [row] = json.loads(backlit_command("runs", "--json").out)
    assert (row["id"], row["is_unfinished"], row["n_groups"], row["best"]) == (broken, True, 2, None)
    assert backlit_command("resume", "-q").code == 0
    [ended] = json.loads(backlit_command("runs", "--json").out)
    assert (ended["id"], ended["is_unfinished"]) == (broken, False)
    assert set(ended) <= set(row)


def test_a_broken_run_is_not_shown_and_an_ended_one_not_gone_on_with(backlit_command, broken):
    for command in ("show", "rerun"):
        answer = backlit_command(command, broken)
        assert answer.code == 2
        assert f"Go on with it: `backlit resume {broken}`." in answer.err
    assert backlit_command("resume", "-q").code == 0
    answer = backlit_command("resume", broken)
    assert answer.code == 2
    assert f"`backlit show {broken}`" in answer.err
    assert "at least one unfinished run" in backlit_command("resume").err


def test_delete(backlit_command, broken):
    assert backlit_command("delete", broken, "--yes").out == f"Deleted run {broken}.\n"
    assert Store().unfinished() == []


@pytest.mark.parametrize("words", ["-1", "often", "nan", "inf"])
def test_no_seconds(backlit_command, words):
    answer = backlit_command("train", "iris", "--checkpoint", words)
    assert answer.code == 2
    assert "expected seconds, at least 0, or `off`" in answer.err


def test_checkpoints_at_every_chunk(backlit_command, monkeypatch):
    written = []
    monkeypatch.setattr("backlit.store.training.Checkpoints.write", lambda *_: written.append(1))
    assert backlit_command(*TRAIN, "-q", "--checkpoint", "0").code == 0
    assert written


def test_a_run_that_cannot_be_kept_stays_to_be_gone_on_with(backlit_command, broken, monkeypatch):
    from backlit.errors import StoreError
    from backlit.language import text

    def fail(*_, **__):
        raise StoreError("disk-full", what=text("Keeping the run"), fix=text("Stopped."))

    monkeypatch.setattr("backlit.store.Store.keep", fail)
    answer = backlit_command("resume")
    assert answer.code == 2
    assert "Keeping the run" in answer.err
    assert [row.id for row in Store().unfinished()] == [broken]


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="Ctrl-C is another signal elsewhere")
def test_ctrl_c_in_a_process_of_its_own_and_resume_in_another():
    plain = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR", "BACKLIT_HOME") if name in os.environ}
    backlit = [sys.executable, "-u", "-m", "backlit"]
    process = subprocess.Popen(
        [*backlit, *TRAIN, "--epochs", "3000"],
        env={**plain, "BACKLIT_LANG": "en"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith("epoch"):
            break
    time.sleep(0.3)
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=60)
    [row] = Store().unfinished()
    assert (process.returncode, told) == (
        130,
        f'Stopped before the end. To go on: `backlit resume {row.id}`, in Python `bl.resume("{row.id}")`.\n',
    )
    done = subprocess.run([*backlit, "resume"], env=plain, capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == 0, done.stderr
    assert [row.id] == [one.id for one in Store().listing()]
