"""Reports: what is in them for one network, for populations, for stored runs without data; and that the code runs."""

import os
import re
from typing import Any

import numpy as np
import pytest

import backlit as bl

# isort: split
import keras

from backlit.errors import SettingError
from backlit.language import Words
from backlit.measure import is_same
from backlit.views.kind import View
from backlit.views.report import make_report
from backlit.views.rerun_code import rerun_code
from backlit.views.saving import is_page

QUIET = {"save": False, "verbose": False}


def dense(units=8):
    return keras.Sequential([keras.layers.Dense(units, "relu"), keras.layers.Dense(3, "softmax")])


@pytest.fixture(scope="module")
def one():
    return bl.fit(dense(), "iris", epochs=3, **QUIET)


@pytest.fixture(scope="module")
def population():
    return bl.fit(dense(), "iris", epochs=2, learning_rate=[0.1, 0.01], seeds=2, **QUIET)


def words_of(html, language="en"):
    """What a reader of one language sees, without scripts and tags."""
    html = re.sub(r"<(script|style).*?</\1>", "", html, flags=re.DOTALL)
    other = {"en": "zh", "zh": "en"}[language]
    html = re.sub(rf'<span data-in="{other}".*?</span>', "", html, flags=re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def test_a_report_says_how_it_was_trained_how_well_and_with_what(one, tmp_path):
    html = one.report(tmp_path / "r.html", language="en").read_text(encoding="utf-8")
    words = words_of(html)
    for part in ("Run iris", "Test score", "optimiser adam", "epochs 3", "members 1", "keras", "report written"):
        assert part in words
    assert html.index('id="part-training"') < html.index('id="part-scores"') < html.index('id="part-model"')
    assert 'id="view-curves"' in html
    assert "4×8 + 8 = 40" in words
    assert 'href="#part-code"' in html
    chinese = words_of(html, "zh")
    for part in ("运行 iris", "测试成绩", "训练过程", "网络结构", "代码"):
        assert part in chinese


def test_a_population_has_a_table_by_its_axes(population):
    html = make_report(population, language="en", heavy=False)
    assert html.count('class="is-best"') == 4  # the cells of one row: rate, accuracy, interval, members
    words = words_of(html)
    assert "learning_rate" in words
    assert "95 % interval" in words
    assert "Bold: the setting of the best member by validation." in words


def test_a_view_that_needs_rows_which_are_gone_is_named_and_the_rest_is_shown(tmp_path):
    rng = np.random.default_rng(0)
    source = tmp_path / "rows.csv"
    rows = "\n".join(f"{a:.3f},{b:.3f},{int(a > b)}" for a, b in rng.random((60, 2)))
    source.write_text(f"a,b,kind\n{rows}\n")
    run = bl.fit(keras.Sequential([keras.layers.Dense(2, "softmax")]), str(source), epochs=2, verbose=False)
    source.unlink()
    html = bl.open_run(run.id).report(tmp_path / "r.html", language="en").read_text(encoding="utf-8")
    words = words_of(html)
    assert "Not shown" in words
    assert "Confusion matrix" in words[words.index("Not shown") :]
    assert "The scores cannot be computed again: the rows are gone." in words
    assert 'id="view-curves"' in html
    assert f"backlit rerun {run.id}" in words


def test_a_report_of_a_run_that_diverged_has_its_curves_and_says_so():
    run = bl.fit(dense(), "iris", epochs=2, learning_rate=1e30, optimizer="sgd", **QUIET)
    words = words_of(make_report(run, language="en"))
    assert "1 of 1 members diverged" in words
    assert "Test score" not in words


def test_heavy_views_are_left_out_when_that_is_asked(one, monkeypatch):
    asked = []
    plain = Words(en="Slow", zh="慢")
    view = View("slow", plain, plain, "data", read=asked.append, draw=lambda _: (), is_heavy=True)
    monkeypatch.setattr("backlit.views.report.all_views", lambda: {"slow": view})
    make_report(one, language="en", heavy=False)
    assert asked == []
    make_report(one, language="en")
    assert asked == [one]


def test_a_fault_in_a_view_is_not_hidden(one, monkeypatch):
    def broken(subject):
        raise ZeroDivisionError("a fault of ours")

    plain = Words(en="Broken", zh="坏")
    view = View("broken", plain, plain, "data", read=broken, draw=lambda _: ())
    monkeypatch.setattr("backlit.views.report.all_views", lambda: {"broken": view})
    with pytest.raises(ZeroDivisionError, match="a fault of ours"):
        make_report(one, language="en")


def run_code(run):
    """Runs a run's code, quietly and unkept."""
    code = rerun_code(run)
    assert not code.missing, [str(one) for one in code.missing]
    place: dict[str, Any] = {"fit": lambda *given, **options: bl.fit(*given, **options, **QUIET)}
    exec(code.python.replace("\nrun = bl.fit(", "\nrun = fit("), place)
    return place["run"]


SAME = {
    "one network": lambda: bl.fit(dense(), "iris", epochs=2, **QUIET),
    "settings": lambda: bl.fit(
        dense(),
        "iris",
        epochs=2,
        batch_size=16,
        l2=0.01,
        seed=3,
        optimizer=keras.optimizers.SGD(0.1, momentum=0.9),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        early_stopping=2,
        shuffle=False,
        class_weight={0: 1.0, 1: 2.0, 2: 1.0},
        **QUIET,
    ),
    "population": lambda: bl.fit(dense(), "iris", epochs=2, learning_rate=[0.1, 0.01], seeds=[4, 7], **QUIET),
    "pairs": lambda: bl.fit(
        dense(), "iris", epochs=1, vary=bl.zipped(learning_rate=[0.1, 0.01], batch_size=[8, 16]), **QUIET
    ),
    "schedule": lambda: bl.fit(
        dense(), "iris", epochs=1, learning_rate=keras.optimizers.schedules.CosineDecay(0.1, 20), **QUIET
    ),
    "images": lambda: bl.fit(
        keras.Sequential(
            [
                keras.Input((8, 8, 1)),
                keras.layers.Conv2D(4, 3, activation="relu"),
                keras.layers.Flatten(),
                keras.layers.Dropout(0.1),
                keras.layers.Dense(10, "softmax"),
            ]
        ),
        bl.load("digits", validation_split=0.2, test_split=0.1),
        epochs=1,
        augment={"shift": 0.1},
        reinitialise=True,
        **QUIET,
    ),
    "functional": lambda: bl.fit(functional(), "iris", epochs=1, reinitialise=True, **QUIET),
}


def functional():
    inputs = keras.Input((4,))
    one = keras.layers.Dense(4, "tanh")(inputs)
    return keras.Model(inputs, keras.layers.Dense(3, "softmax")(keras.layers.Add()([inputs, one])))


@pytest.mark.parametrize("name", sorted(SAME))
def test_the_code_of_a_report_trains_the_same_network_again(name):
    run = SAME[name]()
    again = run_code(run)
    assert len(again) == len(run)
    assert all(is_same(run.weights(member), again.weights(member)) for member in range(len(run)))


def test_code_says_what_it_does_not_bring_along():
    rng = np.random.default_rng(0)
    inputs, targets = rng.random((40, 3), np.float32), rng.integers(0, 3, 40)

    def build(units):
        return dense(units)

    run = bl.fit(build, (inputs, targets), epochs=1, vary={"units": [2, 4]}, rows=bl.folds(2), **QUIET)
    missing = " / ".join(str(one) for one in rerun_code(run).missing)
    assert "given as arrays" in missing
    assert "the function that builds the model" in missing
    assert "how rows were dealt out" in missing
    kept = bl.fit(run.model, (inputs, targets), epochs=1, **QUIET)
    assert "the weights that the model had" in " / ".join(str(one) for one in rerun_code(kept).missing)
    odd = bl.fit(
        dense(), (inputs, np.eye(3)[targets]), loss=lambda t, p: keras.ops.mean((t - p) ** 2, -1), epochs=1, **QUIET
    )
    assert "what Keras cannot write: loss" in " / ".join(str(one) for one in rerun_code(odd).missing)


def test_a_stored_run_is_told_the_versions_that_trained_it(tmp_path):
    run = bl.fit(dense(), "iris", epochs=1, verbose=False)
    opened = bl.open_run(run.id)
    assert opened.versions["keras"] == keras.__version__
    assert opened[0].versions == opened.versions
    assert f"keras {keras.__version__}" in opened.report(tmp_path / "r.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["report.txt", "report", "missing/report.html"])
def test_a_report_needs_a_folder_that_is_there_and_the_suffix_html(one, name, tmp_path):
    with pytest.raises(SettingError, match=re.escape(name)):
        one.report(tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_a_report_replaces_its_file_whole(one, tmp_path):
    path = tmp_path / "r.html"
    path.write_text("old")
    assert one.report(path, heavy=False) == path
    assert is_page(path)
    assert [path] == list(tmp_path.iterdir())
    assert os.stat(path).st_mode & 0o400


def test_nothing_is_left_where_writing_fails(one, tmp_path, monkeypatch):
    path = tmp_path / "r.html"
    path.write_text("old")

    def fail(self, target):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.replace", fail)
    with pytest.raises(OSError, match="No space left"):
        one.report(path, heavy=False)
    assert path.read_text() == "old"
    assert [path] == list(tmp_path.iterdir())


@pytest.mark.parametrize(("given", "said"), [({"language": "de"}, "`de`"), ({"theme": "blue"}, "`blue`")])
def test_a_language_or_theme_that_there_is_not_is_refused(one, given, said, tmp_path):
    with pytest.raises(SettingError, match=said):
        one.report(tmp_path / "r.html", **given)


def test_a_page_of_ours_is_known_from_others(one, tmp_path):
    assert is_page(one.report(tmp_path / "r.html", heavy=False))
    (tmp_path / "t.html").write_text("<html></html>")
    assert not is_page(tmp_path / "t.html")
