"""The commands of the modes: what they print in both languages, what they keep, which mistakes they explain."""

import keras
import pytest

import backlit as bl

QUICK = ("--epochs", "2", "--model", "mlp:4", "--learning-rate", "0.03")


def test_cross_validate(backlit_command):
    answer = backlit_command("cross-validate", "iris", *QUICK, "--folds", "3", "--seeds", "2")
    assert answer.code == 0, answer.err
    run = bl.open_run("last")
    assert len(run) == 6
    for part in (
        "Model: `mlp:4`",
        "spread over seeds",
        "versicolor",
        "Cross-validation: 3 folds × 2 seeds.",
        "95 % interval 0.",
        "Nadeau and Bengio 2003",
        f"Kept as run {run.id}.",
    ):
        assert part in answer.out


@pytest.mark.slow
def test_cross_validate_speaks_chinese_and_keeps_nothing_if_asked(backlit_command):
    answer = backlit_command(
        "--lang", "zh", "cross-validate", "iris", *QUICK, "--folds", "2", "--seeds", "1", "--no-save"
    )
    assert answer.code == 0, answer.err
    assert "交叉验证：2 折" in answer.out
    assert "No run" in backlit_command("runs").out


@pytest.mark.slow
def test_several_settings_are_crossed_with_the_folds(backlit_command):
    answer = backlit_command(
        "cross-validate", "iris", *QUICK[:4], "--folds", "2", "--seeds", "1", "--learning-rate", "0.1,0.000001",
        "--no-save",
    )  # fmt: skip
    assert answer.code == 0, answer.err
    [best] = [line for line in answer.out.splitlines() if line.rstrip().endswith("◀")]
    assert best.startswith("0.1")


@pytest.mark.slow
def test_learning_curve(backlit_command):
    answer = backlit_command("learning-curve", "iris", *QUICK, "--sizes", "20,60,104", "--seeds", "2", "--no-save")
    assert answer.code == 0, answer.err
    for part in ("n_rows", "validation accuracy", "104", "3 numbers of rows are too few"):
        assert part in answer.out


def test_search(backlit_command, tmp_path):
    path = tmp_path / "best.keras"
    answer = backlit_command(
        "search", "iris", "--epochs", "2", "--model", "mlp:4", "--n", "3",
        "--space", "learning_rate=log:0.001..1", "--space", "units=4,8", "--save-model", str(path),
    )  # fmt: skip
    assert answer.code == 0, answer.err
    for part in ("3 settings searched, 6 epochs", "Best: learning_rate=", "Test score of the best settings", "bl.fit("):
        assert part in answer.out
    assert isinstance(keras.saving.load_model(path), keras.Model)


@pytest.mark.slow
def test_halving_on_the_command_line(backlit_command):
    answer = backlit_command(
        "search", "iris", "--epochs", "4", "--model", "mlp:4", "--how", "halving", "--n", "4", "--no-save", "--quiet"
    )
    assert answer.code == 0, answer.err
    assert answer.out.startswith("Best: learning_rate=")
    assert answer.out.count("\n") == 1


@pytest.mark.slow
@pytest.mark.parametrize("command", ["bag", "boost"])
def test_ensembles(backlit_command, command, tmp_path):
    path = tmp_path / "crowd.keras"
    answer = backlit_command(command, "iris", *QUICK, "--n", "2", "--seeds", "2", "--save-model", str(path))
    assert answer.code == 0, answer.err
    for part in ("one alone, mean", "2 networks together: accuracy", "over 2 seeds", "Model written to"):
        assert part in answer.out
    predicted = backlit_command("predict", str(path), "iris")
    assert predicted.code == 0, predicted.err
    assert "setosa" in predicted.out


@pytest.mark.slow
def test_a_quiet_ensemble_prints_a_line_and_the_run(backlit_command):
    answer = backlit_command("bag", "iris", *QUICK, "--n", "2", "--seeds", "1", "--quiet")
    line, name = answer.out.splitlines()
    assert line.startswith("2 networks together: accuracy")
    assert name == bl.open_run("last").id


MISTAKES = [
    ("cross-validate iris --folds 1", "expected `folds`, a whole number of at least 2, received 1", "`folds`"),
    ("cross-validate iris --folds x", "Reading `--folds`: expected a whole number", "读取 `--folds`"),
    ("search iris --space learning_rate=1..x", "`LOW..HIGH`, or `log:LOW..HIGH`, received `1..x`", "LOW"),
    ("search iris --space units", "expected a name, `=`, and values", "units"),
    ("search iris --how halfing", "received `halfing`. Did you mean `halving`?", "是不是想写 `halving`？"),
    ("search iris --space learning_rat=0.1,0.2", "received `learning_rat`", "`learning_rat`"),
    ("learning-curve iris --sizes 5", "at least 2 different `sizes`, none above the 104", "104"),
    ("bag iris --how mode", "received `mode`", "`mode`"),
    ("bag iris --learning-rate 0.1,0.2", "expected one value for each setting", "每项设置"),
    ("boost diabetes --epochs 1", "received `regression`", "`regression`"),
    ("boost iris --n 1", "expected `n`, a whole number of at least 2, received 1", "`n`"),
    ("bag iris --save-model m.h5", "ends in `.keras`, received `m.h5`", "m.h5"),
]


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize(("words", "english", "chinese"), MISTAKES, ids=[row[0] for row in MISTAKES])
def test_a_mistake_is_explained(backlit_command, words, english, chinese, language):
    answer = backlit_command("--lang", language, *words.split())
    assert answer.code == 2
    assert (english if language == "en" else chinese) in answer.err
    assert "Traceback" not in answer.err


def test_all_members_diverged(backlit_command):
    answer = backlit_command(
        "bag", "iris", "--epochs", "2", "--model", "mlp:4", "--optimizer", "sgd", "--learning-rate", "1e30",
        "--n", "2", "--seeds", "1", "--no-save",
    )  # fmt: skip
    assert answer.code == 1
    assert "all diverged" in answer.err
