"""`pseudo-label`, `cluster`, `autoencode` and `fine-tune`: what is printed, in both languages, and mistakes."""

import keras
import polars as pl
import pytest

import backlit as bl


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    """A `.keras` file whose network reads four numbers."""
    path = tmp_path_factory.mktemp("base") / "base.keras"
    layers = keras.layers
    model = keras.Sequential([keras.Input((4,)), layers.Dense(5, "relu", name="one"), layers.Dense(2, name="old")])
    model.save(path)
    return str(path)


@pytest.mark.slow
def test_pseudo_labels_round_by_round(backlit_command):
    words = ("pseudo-label", "iris", "--model", "mlp:4", "--epochs", "2", "--seeds", "2", "--threshold", "0.5,0.4")
    answer = backlit_command(*words)
    assert answer.code == 0, answer.err
    assert "15 labelled rows, 89 without; 2 seeds. Scores are of the test rows." in answer.out
    assert "Round 2: " in answer.out
    assert "Kept as runs " in answer.out


@pytest.mark.slow
def test_pseudo_labels_in_chinese(backlit_command):
    answer = backlit_command(
        "pseudo-label", "iris", "--model", "mlp:4", "--epochs", "1", "--seeds", "2", "--rounds", "1", "--labels", "3",
        "--threshold", "0.3", "--no-save", "--lang", "zh",
    )  # fmt: skip
    assert answer.code == 0, answer.err
    assert "9 行有标签，95 行没有" in answer.out
    assert "第 1 轮" in answer.out
    assert "Round" not in answer.out


@pytest.mark.slow
def test_rows_without_labels_come_from_a_file(backlit_command, tmp_path):
    iris = bl.load("iris", validation_split=0, test_split=0)
    rows = pl.DataFrame(iris.inputs, schema=["a", "b", "c", "d"]).with_columns(
        kind=pl.Series(iris.targets).cast(pl.String)
    )
    rows[::2].write_csv(tmp_path / "some.csv")
    rows[1::2].drop("kind").write_csv(tmp_path / "others.csv")
    answer = backlit_command(
        "pseudo-label", str(tmp_path / "some.csv"), "--target", "kind", "--unlabelled", str(tmp_path / "others.csv"),
        "--epochs", "2", "--seeds", "2", "--rounds", "1", "--threshold", "0.4", "--no-save",
    )  # fmt: skip
    assert answer.code == 0, answer.err
    assert ", 75 without; 2 seeds" in answer.out
    assert " of them right" not in answer.out


def test_clusters_on_inputs_and_into_a_file(backlit_command, tmp_path):
    out = tmp_path / "clusters.csv"
    answer = backlit_command("cluster", "iris", "--k", "2,3", "--split", "all", "--out", str(out))
    assert answer.code == 0, answer.err
    assert "chosen by the silhouette among 2, 3." in answer.out
    assert "setosa" in answer.out
    table = pl.read_csv(out)
    assert table["row"].to_list() == list(range(1, 151))
    assert set(table["cluster"]) <= {0, 1, 2}
    answer = backlit_command("cluster", "iris", "--k", "3", "--lang", "zh")
    assert "轮廓系数" in answer.out


def test_clusters_on_a_code_and_on_a_layer(backlit_command):
    answer = backlit_command("cluster", "iris", "--on", "code", "--code", "2", "--epochs", "1", "--k", "3")
    assert answer.code == 0, answer.err
    assert "on `code`" in answer.out
    assert "setosa" in answer.out  # classes come from the data, which the autoencoder was not told
    answer = backlit_command("cluster", "iris", "--run", "last", "--on", "encode_1", "--k", "3")
    assert answer.code == 0, answer.err
    assert "on `encode_1`" in answer.out


@pytest.mark.slow
def test_an_autoencoder_beside_principal_components(backlit_command):
    answer = backlit_command("autoencode", "iris", "--code", "1,2", "--hidden", "3", "--epochs", "1", "--seeds", "2")
    assert answer.code == 0, answer.err
    assert "Code of 1 numbers for 4: mean squared error " in answer.out
    assert "principal components" in answer.out


def test_an_autoencoder_in_chinese(backlit_command):
    answer = backlit_command("autoencode", "iris", "--code", "1", "--epochs", "1", "--no-save", "--lang", "zh")
    assert answer.code == 0, answer.err
    assert "主成分" in answer.out


def test_fine_tuning_stage_by_stage(backlit_command, base):
    answer = backlit_command(
        "fine-tune", "iris", "--base", base, "--stages", "none:2:0.01,1", "--epochs", "3", "--no-save"
    )
    assert answer.code == 0, answer.err
    # head 5×3 + 3 = 18; the layer before it 4×5 + 5 = 25
    assert (
        "Stage 1: the head and 0 layers of the base learn, 18 numbers; 25 stand still. 2 epochs at 0.01." in answer.out
    )
    assert (
        "Stage 2: the head and 1 layers of the base learn, 43 numbers; 0 stand still. 1 epochs at 0.0001." in answer.out
    )


@pytest.mark.slow
def test_fine_tuning_against_drawn_weights_in_chinese(backlit_command, base):
    answer = backlit_command(
        "fine-tune", "iris", "--base", base, "--epochs", "3", "--against-scratch", "--no-save", "--lang", "zh"
    )
    assert answer.code == 0, answer.err
    assert "第 3 阶段" in answer.out
    assert "比随机初始权重高" in answer.out


def test_a_run_is_a_base(backlit_command):
    backlit_command("train", "iris", "--model", "mlp:4", "--epochs", "1")
    answer = backlit_command("fine-tune", "iris", "--base", "last", "--stages", "frozen", "--epochs", "1", "--no-save")
    assert answer.code == 0, answer.err
    assert "12" in answer.out


def test_quiet_prints_a_line(backlit_command, base):
    answer = backlit_command("fine-tune", "iris", "--base", base, "--epochs", "3", "--no-save", "--quiet")
    assert len(answer.out.splitlines()) == 1
    answer = backlit_command("cluster", "iris", "--k", "3", "--quiet")
    assert len(answer.out.splitlines()) == 1


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("pseudo-label", "diabetes"), "expected a classification task, received `regression`"),
        (("pseudo-label", "iris", "--labels", "5", "--unlabelled", "iris"), "`n_labelled_per_class` and `unlabelled`"),
        (("cluster", "iris", "--k", "1"), "whole numbers from 2"),
        (("cluster", "iris", "--out", "/nowhere/at/all.csv"), "a file in an existing folder"),
        (("autoencode", "sentiment"), "as token ids are"),
        (("fine-tune", "iris", "--base", "shape-base"), "Did you mean `shapes-base`"),
        (("fine-tune", "shapes", "--data-option", "n=60", "--stages", "none:1:2:3"), "LAYERS:EPOCHS:RATE"),
    ],
)
def test_mistakes(backlit_command, words, message):
    answer = backlit_command(*words)
    assert answer.code == 2
    assert message in answer.err
