"""`runs`, `show`, `predict`, `rerun`, `delete` on runs that are kept."""

import csv
import json
import os
import shutil

import numpy as np
import pytest

import backlit as bl
from backlit.cli.app import main

CSV = "sepal length (cm),sepal width (cm),petal length (cm),petal width (cm)\n5.1,3.5,1.4,0.2\n6.5,3.0,5.8,2.2\n"


@pytest.fixture(scope="module")
def home_with_a_run(tmp_path_factory):
    """A home in which two members were trained on iris, once."""
    home = tmp_path_factory.mktemp("kept")
    words = ("train", "iris", "--model", "mlp:8", "--epochs", "12", "--learning-rate", "0.05", "--seeds", "2", "-q")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BACKLIT_HOME", str(home))
        assert main(words) == 0
    return home


@pytest.fixture
def kept(home_with_a_run) -> str:
    """The name of that run, in this test's own home."""
    shutil.copytree(home_with_a_run, os.environ["BACKLIT_HOME"], dirs_exist_ok=True)
    return bl.open_run("last").id


def test_runs_lists_them(backlit_command, kept):
    answer = backlit_command("runs")
    assert answer.out.splitlines()[1].startswith(kept)
    assert "成员" in backlit_command("runs", "--lang", "zh").out
    [row] = json.loads(backlit_command("runs", "--json").out)
    assert (row["id"], row["data"], row["n_members"], row["axes"]) == (kept, "iris", 2, ["seed"])


def test_runs_shows_the_newest_and_says_how_many_there_are(backlit_command, monkeypatch, kept):
    monkeypatch.setattr("backlit.cli.runs.MOST_ROWS", 0)
    assert "1 older runs: `backlit runs --all`." in backlit_command("runs").out
    assert kept in backlit_command("runs", "--all").out


def test_show_prints_settings_and_what_was_found(backlit_command, kept):
    answer = backlit_command("show")
    assert answer.code == 0, answer.err
    for part in (f"Run {kept}", "optimiser", "adam", "batch size", "made with", "Test score", "4×8 + 8 = 40", "Next"):
        assert part in answer.out
    assert backlit_command("show", kept[-4:]).out == answer.out
    assert (
        "最佳" in backlit_command("--lang", "zh", "show").out or "成绩" in backlit_command("--lang", "zh", "show").out
    )


def test_show_of_a_run_that_diverged(backlit_command):
    words = ("train", "iris", "--model", "mlp:2", "--epochs", "2", "--optimizer", "sgd", "--learning-rate", "1e30")
    assert backlit_command(*words).code == 1
    answer = backlit_command("show")
    assert answer.code == 1
    assert "all diverged" in answer.err
    assert "diverged" in backlit_command("runs").out or "0/1" in backlit_command("runs").out


def test_show_draws_one_view(backlit_command, kept):
    answer = backlit_command("show", "last", "--view", "curves")
    assert answer.code == 0, answer.err
    assert "↑ loss [nat]" in answer.out
    assert max(map(len, answer.out.split("\n"))) <= 80
    assert "损失" in backlit_command("--lang", "zh", "show", "last", "--view", "curves").out


def test_show_lists_the_views_where_a_name_is_wrong(backlit_command, kept):
    answer = backlit_command("show", "--view", "curve")
    assert answer.code == 2
    assert "Did you mean `curves`?" in answer.err
    assert "`confusion-matrix`" in answer.err


def test_report_writes_a_page_here_and_says_where_and_how_large(backlit_command, kept, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    answer = backlit_command("report", "--quick")
    assert answer.code == 0, answer.err
    path = tmp_path / f"report-{kept}.html"
    assert path.read_text(encoding="utf-8").startswith("<!doctype html>")
    assert f"Report of run {kept}: report-{kept}.html (" in answer.out
    assert " MB)" in answer.out
    assert backlit_command("--lang", "zh", "report", "--quick").out.startswith(f"运行 {kept} 的报告：")
    assert 'data-language="zh"' in path.read_text(encoding="utf-8")[:300]


def test_report_replaces_what_backlit_wrote_and_nothing_else_unless_forced(backlit_command, kept, tmp_path):
    path = tmp_path / "mine.html"
    path.write_text("<p>mine</p>")
    answer = backlit_command("report", "--quick", "--out", str(path))
    assert answer.code == 2
    assert "mine.html" in answer.err
    assert path.read_text() == "<p>mine</p>"
    assert backlit_command("report", "--quick", "--out", str(path), "--force").code == 0
    assert backlit_command("report", "--quick", "--out", str(path)).code == 0


@pytest.mark.parametrize("name", ["report.pdf", "missing/report.html"])
def test_report_refuses_a_place_before_anything_is_read(backlit_command, kept, tmp_path, name):
    answer = backlit_command("report", "--out", str(tmp_path / name))
    assert answer.code == 2
    assert name in answer.err


def test_predict_prepares_a_table_as_it_was_trained_on(backlit_command, kept, tmp_path):
    """Columns by name in any order, others left out: setosa has short petals."""
    (tmp_path / "new.csv").write_text(CSV)
    answer = backlit_command("predict", "last", str(tmp_path / "new.csv"))
    assert answer.code == 0, answer.err
    assert [line.split()[1] for line in answer.out.splitlines()[1:3]] == ["setosa", "virginica"]

    rows = list(csv.reader(CSV.splitlines()))
    shuffled = [[row[2], "note" if i == 0 else "x", row[0], row[3], row[1]] for i, row in enumerate(rows)]
    (tmp_path / "shuffled.csv").write_text("\n".join(",".join(row) for row in shuffled))
    assert backlit_command("predict", "last", str(tmp_path / "shuffled.csv")).out == answer.out


def test_predict_writes_all_rows(backlit_command, kept, tmp_path):
    out = tmp_path / "predictions.csv"
    answer = backlit_command("predict", kept, "iris", "--out", str(out))
    assert "23 rows written to" in answer.out
    rows = list(csv.DictReader(out.read_text().splitlines()))
    assert len(rows) == 23
    assert list(rows[0]) == ["row", "prediction", "setosa", "versicolor", "virginica"]
    assert sum(float(rows[0][name]) for name in ("setosa", "versicolor", "virginica")) == pytest.approx(1)
    assert "23 rows, 5 columns in all" in backlit_command("predict", kept, "iris").out


@pytest.mark.parametrize(
    ("content", "part"),
    [
        (CSV.replace("sepal width", "width"), "received no column `sepal width (cm)`"),
        (
            CSV.replace("3.5", "red").replace("3.0", ""),
            "received 2 that cannot, the first: 'red' in column `sepal width",
        ),
        ("1,2\n3,4\n", "expected 4 columns, in the order of the training data, received 2 columns"),
    ],
)
def test_predict_refuses_other_columns(backlit_command, kept, tmp_path, content, part):
    (tmp_path / "new.csv").write_text(content)
    answer = backlit_command("predict", "last", str(tmp_path / "new.csv"))
    assert (answer.code, part in answer.err) == (2, True)


def table_of(n: int) -> str:
    """Sizes, colours, and a class that both tell together."""
    lines = [f"{i % 17 * 0.5},{('red', 'blue', '')[i % 3]},{'ab'[(i % 17 > 8) ^ (i % 3 == 0)]}" for i in range(n)]
    return "\n".join(["size,colour,kind", *lines]) + "\n"


@pytest.fixture
def tables(backlit_command, tmp_path):
    """A table, the run that was trained on it, and the model that was saved."""
    (tmp_path / "t.csv").write_text(table_of(60))
    words = ("train", str(tmp_path / "t.csv"), "--model", "mlp:4", "--epochs", "2", "--save-model")
    answer = backlit_command(*words, str(tmp_path / "m.keras"), "-q")
    assert answer.code == 0, answer.err
    return tmp_path


def test_predict_on_the_raw_table_is_what_the_run_predicts(backlit_command, tables):
    """From the run and from the saved model alike, class names and lines included."""
    run = bl.open_run("last")
    expected = run.predict(run.data.inputs)
    for name in ("last", str(tables / "m.keras")):
        out = tables / "out.csv"
        answer = backlit_command("predict", name, str(tables / "t.csv"), "--out", str(out))
        assert (answer.code, answer.err) == (0, "")
        rows = list(csv.DictReader(out.read_text().splitlines()))
        assert [str(place) for place in run.data.places] == [row["line"] for row in rows]
        numbers = [[float(row["a"]), float(row["b"])] for row in rows]
        np.testing.assert_allclose(numbers, expected, rtol=1e-5)
        assert ["ab"[one] for one in expected.argmax(1)] == [row["prediction"] for row in rows]
    assert not (tables / "out.rejected.csv").exists()


def test_rows_without_a_prediction_go_to_a_second_file(backlit_command, tables):
    (tables / "new.csv").write_text("colour,size\n" + "red,1.5\n" * 30 + "red,1e308\npink,2\nred,2,3\n")
    answer = backlit_command("predict", "last", str(tables / "new.csv"), "--out", str(tables / "out.csv"))
    assert answer.code == 0
    assert "2 rows cannot be read and have no prediction: line 32: '1e308' in column `size`" in answer.err
    assert "Column `colour`: 1 cells hold what the training rows do not" in answer.out
    lines = (tables / "out.rejected.csv").read_text().splitlines()
    assert lines[0] == "line,reason"
    assert ["32", "34"] == [line.split(",")[0] for line in lines[1:]]
    assert 32 == len((tables / "out.csv").read_text().splitlines())
    answer = backlit_command(
        "predict", "last", str(tables / "new.csv"), "--rejected", str(tables / "bad.csv"), "--lang", "zh"
    )
    assert "2 行无法读取" in answer.err
    assert "不是可用的数" in (tables / "bad.csv").read_text()


def test_a_model_that_keras_alone_has_saved_tells_nothing_about_rows(backlit_command, tables):
    bl.open_run("last").model.save(tables / "bare.keras")
    answer = backlit_command("predict", str(tables / "bare.keras"), str(tables / "t.csv"))
    assert answer.code == 2
    assert "received a file of Keras alone, which does not tell how rows were prepared" in answer.err


def test_a_saved_model_goes_on_training_behind_the_preparation(backlit_command, tables):
    """Its network reads prepared rows, which the data bring themselves: no second preparation."""
    words = ("train", str(tables / "t.csv"), "--model", str(tables / "m.keras"), "--epochs", "0", "-q")
    first = bl.open_run("last")
    assert backlit_command(*words).code == 0
    again = bl.open_run("last")
    assert first.id != again.id
    np.testing.assert_array_equal(first.predict(first.data.inputs), again.predict(first.data.inputs))


def test_predict_refuses_other_shapes(backlit_command, kept):
    answer = backlit_command("predict", "last", "digits")
    assert answer.code == 2
    assert "expected rows of shape (4,), received (8, 8, 1)" in answer.err


def test_rerun_gives_the_same_bits(backlit_command, kept):
    answer = backlit_command("rerun", kept)
    assert answer.code == 0, answer.err
    assert f"All weights are those of run {kept}, bit for bit." in answer.out
    assert len(bl.runs()) == 2
    assert "逐位相同" in backlit_command("rerun", kept, "--no-save", "--lang", "zh").out
    assert len(bl.runs()) == 2


def test_rerun_says_when_the_bits_differ(backlit_command, kept, monkeypatch):
    monkeypatch.setattr("backlit.measure.is_same", lambda *_: False)
    assert "The weights differ from those of run" in backlit_command("rerun", kept, "--no-save").out


def test_stopping_a_rerun(backlit_command, kept, monkeypatch):
    def stop(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("backlit.store.Store.rerun", stop)
    answer = backlit_command("rerun")
    assert (answer.code, "nothing was kept" in answer.err) == (130, True)


def test_delete_asks_first(backlit_command, kept, monkeypatch):
    answer = backlit_command("delete", kept)
    assert answer.code == 2
    assert "expected an answer on the terminal, received no terminal. Add `--yes`." in answer.err
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("builtins.input", lambda _: "n")
    assert backlit_command("delete", kept).out == "Nothing was deleted.\n"
    monkeypatch.setattr("builtins.input", lambda _: "是")
    assert backlit_command("delete", kept).out == f"Deleted run {kept}.\n"
    assert len(bl.runs()) == 0


def test_delete_without_asking(backlit_command, kept):
    assert backlit_command("delete", kept, "last", "--yes").out == f"Deleted run {kept}.\n"
