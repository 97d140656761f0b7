"""`backlit train`: what is printed, what is kept, how it ends."""

import os
import signal
import subprocess
import sys
import time
import unicodedata

import keras
import pytest

import backlit as bl

QUICK = ("--epochs", "3", "--model", "mlp:4")
CONTROL = {"\x1b", "\r", "\x08"}


def width_of(line: str) -> int:
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in line)


def test_one_network_is_trained_shown_and_kept(backlit_command):
    answer = backlit_command("train", "iris", *QUICK)
    assert answer.code == 0, answer.err
    run = bl.open_run("last")
    for part in (
        "Data `iris`: 150 rows",
        "Model: `mlp:4`",
        "epoch 3/3  loss ",
        "samples/s",
        "● " if len(run) > 1 else "○ validation",
        "Test score (23 rows that the network never saw): accuracy ",
        "4×4 + 4 = 20",
        "4×3 + 3 = 15",
        f"Kept as run {run.id}.",
        f"backlit show {run.id}",
        "backlit train iris --model mlp:4 --learning-rate 0.01,0.003,0.001 --seeds 3",
    ):
        assert part in answer.out
    assert not CONTROL & set(answer.out)
    assert answer.err == ""


def test_the_report_speaks_chinese(backlit_command):
    answer = backlit_command("--lang", "zh", "train", "iris", *QUICK, "--no-save")
    assert answer.code == 0
    for part in (
        "数据 `iris`：150 行",
        "轮次 3/3  损失 ",
        "样本/秒",
        "○ 验证",
        "测试成绩（23 行，网络从未见过）： 准确率 ",
        "激活值",
        "合计",
    ):
        assert part in answer.out


def test_tables_and_curves_fit_eighty_columns(backlit_command):
    for language in ("en", "zh"):
        answer = backlit_command(
            "--lang", language, "train", "iris", *QUICK, "--no-save", "--seeds", "2", "--learning-rate", "0.1,0.01"
        )
        lines = answer.out.splitlines()
        start = next(i for i, line in enumerate(lines) if "learning_rate:" in line)
        framed = [line for line in lines[start:] if "  " in line.strip() or set(line) & set("⠁⠂⠄⡀")]
        assert framed
        assert max(width_of(line.rstrip()) for line in framed if not line.startswith("  backlit")) <= 80


def test_a_population_is_shown_by_its_axes(backlit_command):
    answer = backlit_command(
        "train",
        "iris",
        *QUICK,
        "--optimizer",
        "sgd",
        "--learning-rate",
        "0.1,1e30",
        "--seeds",
        "2",
        "--vary",
        "units=2,3",
    )
    assert answer.code == 0, answer.err
    run = bl.open_run("last")
    assert (len(run), run.axes) == (8, ("learning_rate", "units", "seed"))
    assert "4 of 8 members diverged" in answer.out
    assert "95 % interval" in answer.out
    assert "Best member by validation: learning_rate=0.1, units=" in answer.out
    assert "Makes groups (a program each): `units`" in answer.out
    marked = [line for line in answer.out.splitlines() if line.rstrip().endswith("◀")]
    assert len(marked) == 1
    assert marked[0].startswith("0.1")


def test_lists_that_vary_side_by_side(backlit_command):
    answer = backlit_command(
        "train", "iris", *QUICK, "--no-save", "--optimizer", "sgd", "--zip", "learning_rate=0.1,0.01;momentum=0.5,0.9"
    )
    assert answer.code == 0, answer.err
    assert "0.1 / 0.5" in answer.out
    assert "2 members" in answer.out


def test_all_members_diverged(backlit_command):
    answer = backlit_command("train", "iris", *QUICK, "--optimizer", "sgd", "--learning-rate", "1e30", "--no-save")
    assert answer.code == 1
    assert "all diverged" in answer.err
    answer = backlit_command(
        "--lang", "zh", "train", "iris", *QUICK, "--optimizer", "sgd", "--learning-rate", "1e30", "--no-save", "-q"
    )
    assert answer.code == 1
    assert "全部发散" in answer.err or "发散" in answer.err


def test_what_to_type_next_repeats_how_the_data_were_loaded(backlit_command, tmp_path):
    (tmp_path / "t.csv").write_text("a,b,y z\n" + "\n".join(f"{i},{i % 3},{i % 2}" for i in range(40)))
    words = ("train", str(tmp_path / "t.csv"), "--target", "y z", "--drop", "b", "--test-split", "0.2")
    answer = backlit_command(*words, *QUICK, "--no-save")
    assert answer.code == 0, answer.err
    assert "t.csv --target 'y z' --test-split 0.2 --drop b --model mlp:4 --learning-rate" in answer.out


def test_quiet_prints_the_score_and_the_name(backlit_command):
    answer = backlit_command("train", "iris", *QUICK, "--quiet")
    score, name = answer.out.splitlines()
    assert score.startswith("validation accuracy 0.")
    assert name == bl.open_run("last").id


def test_probes_measure_inside(backlit_command):
    assert backlit_command("train", "iris", *QUICK, "--probes", "--quiet").code == 0
    assert {"dead_units", "gradient_norm"} <= set(bl.open_run("last").probes["probe"].unique())
    shown = backlit_command("show", "last", "--view", "gradient-flow")
    assert (shown.code, shown.err) == (0, "")


def test_no_save_keeps_nothing(backlit_command):
    assert backlit_command("train", "iris", *QUICK, "--no-save").code == 0
    assert "No run is kept yet" in backlit_command("runs").out


def test_a_model_is_written_and_trained_on(backlit_command, tmp_path):
    path = tmp_path / "model.keras"
    assert backlit_command("train", "iris", *QUICK, "--no-save", "--save-model", str(path)).code == 0
    model = keras.saving.load_model(path)
    assert isinstance(model, keras.Model)
    assert model.count_params() == 20 + 15
    assert backlit_command("train", "iris", "--model", str(path), "--epochs", "1", "--no-save", "-q").code == 0
    refused = backlit_command("train", "iris", "--model", str(path), "--epochs", "1", "--no-save", "--seeds", "2")
    assert refused.code == 2
    assert "Pass `--reinitialise` to lose them" in refused.err
    again = backlit_command(
        "train", "iris", "--model", str(path), "--epochs", "1", "--no-save", "--seeds", "2", "--reinitialise"
    )
    assert again.code == 0


def test_a_function_of_a_file_varies(backlit_command, tmp_path):
    (tmp_path / "sizes.py").write_text("HIDDEN = 3\n")
    (tmp_path / "net.py").write_text(
        "import keras\nfrom sizes import HIDDEN\n\n"
        "def build(units=HIDDEN):\n"
        "    layers = [keras.layers.Dense(units, 'relu', name='mine'), keras.layers.Dense(3, 'softmax')]\n"
        "    return keras.Sequential(layers)\n"
    )
    words = ("train", "iris", "--model", f"{tmp_path}/net.py:build", "--epochs", "1", "--no-save")
    assert "4×3 + 3 = 15" in backlit_command(*words).out
    assert "4×5 + 5 = 25" in backlit_command(*words, "--vary", "units=5").out


def test_dropout_layers_are_there_when_a_rate_is_given(backlit_command):
    answer = backlit_command("train", "iris", *QUICK, "--no-save", "--dropout", "0.1,0.5")
    assert answer.code == 0, answer.err
    assert "dropout" in answer.out


def test_stopping_while_reporting_says_where_the_run_is(backlit_command, monkeypatch):
    def stop(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("backlit.cli._training.print_run", stop)
    answer = backlit_command("train", "iris", *QUICK)
    assert answer.code == 130
    assert f"The run is kept as {bl.open_run('last').id}." in answer.err


@pytest.mark.slow
def test_the_main_job_in_a_process_of_its_own(tmp_path):
    """`backlit train digits --model cnn` with an empty home, no choice of a backend, no terminal."""
    plain = {name: os.environ[name] for name in ("PATH", "TMPDIR") if name in os.environ}
    done = subprocess.run(
        [sys.executable, "-m", "backlit", "train", "digits", "--model", "cnn"],
        env={**plain, "HOME": str(tmp_path), "LANG": "zh_CN.UTF-8", "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=110,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "3×3×1×16 + 16 = 160" in done.stdout
    accuracy = float(done.stdout.split("准确率 ")[-1].split()[0])
    assert accuracy > 0.95
    assert not CONTROL & set(done.stdout)
    assert list(tmp_path.rglob("runs.sqlite"))


@pytest.mark.slow
def test_ctrl_c_in_a_process_of_its_own_ends_it_cleanly(tmp_path):
    """The program was never compiled here before: JAX is busiest then."""
    plain = {name: os.environ[name] for name in ("PATH", "TMPDIR") if name in os.environ}
    process = subprocess.Popen(
        [sys.executable, "-u", "-m", "backlit", "train", "digits", "--epochs", "100000"],
        env={**plain, "HOME": str(tmp_path), "BACKLIT_LANG": "en"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith("Building and compiling"):
            break
    time.sleep(2)
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=60)
    assert process.returncode == 130
    assert told.startswith(("Stopped before the end: nothing was kept.", "Stopped before the end. To go on: `backlit "))
    assert told.count("\n") == 1
    assert not list(tmp_path.rglob("runs/*"))
