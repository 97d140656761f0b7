"""Every duty of a view, run on every view that the registry finds and on every run that `conftest.py` trains.

A view reads None where it does not apply. What it draws has words in both languages, no number that is none among them,
a Plotly figure on either ground, and data that JSON takes. Its words are kept as a snapshot, digits left out, because
numbers of a training differ between machines.
"""

import ast
import json
import re
import sys
from functools import cache
from pathlib import Path

import numpy as np
import pytest

import backlit.views
from backlit.language import LANGUAGES
from backlit.views.cards import Cards
from backlit.views.chart import Chart
from backlit.views.chart_figure import describe, draw_figure
from backlit.views.chart_terminal import draw_chart
from backlit.views.kind import PARTS
from backlit.views.moving import Moving
from backlit.views.registry import all_views

RUNS = (
    *("digits_run", "digits_cnn_run", "sweep", "grid", "crowd"),
    *("table_run", "two_feature_run", "regression_run", "diverged_run", "told_run"),
)
SOURCE = Path(backlit.views.__file__).parent
BELOW = {"views", "measure", "explain", "data", "language", "errors", "formula", "sources"}
CHINESE = re.compile("[\u4e00-\u9fff]")
PLACEHOLDER = re.compile(r"\{[a-zA-Z_]\w*(:[^}]*)?\}")
NO_NUMBER = re.compile(r"\b(nan|NaN|inf|None)\b")


@cache
def figures(view, run):
    """What a view draws of a run; nothing where it does not apply."""
    found = view.read(run)
    return () if found is None else tuple(view.draw(found))


def said(figure, language):
    if isinstance(figure, Chart):
        return describe(figure, language)
    if isinstance(figure, Cards):
        return figure.say(language)
    return f"{figure.title.say(language)}\n{figure.alternative.say(language)}"


@pytest.fixture(params=RUNS)
def run(request):
    return request.getfixturevalue(request.param)


@pytest.fixture(params=all_views().values(), ids=lambda view: view.name)
def view(request):
    return request.param


def test_a_view_says_in_both_languages_what_it_is(view):
    assert re.fullmatch("[a-z]+(-[a-z]+)*", view.name)
    assert view.part in PARTS
    for words in (view.title, view.about):
        assert words.en
        assert CHINESE.search(words.zh), words
        assert not CHINESE.search(words.en), words
    assert view.about.en.endswith((".", "?"))
    assert view.about.zh.endswith(("。", "？"))


def test_views_have_names_and_places_of_their_own():
    names = [view.name for view in all_views().values()]
    modules = [path for path in (SOURCE / "gallery").glob("*.py") if path.stem != "__init__"]
    assert len(modules) == len(names)  # each has a view, and no two the same name
    assert {"curves", "confusion-matrix", "axis-response", "embedding"} <= set(names)


def test_a_view_is_drawn_in_words_and_on_either_ground(view, run):
    for figure in figures(view, run):
        assert re.fullmatch("[a-z0-9]+(-[a-z0-9]+)*", figure.name), figure.name
        for language in LANGUAGES:
            text = said(figure, language)
            assert text.strip()
            assert not NO_NUMBER.search(text), text
            assert not PLACEHOLDER.search(text), text
        assert CHINESE.search(said(figure, "zh"))
        assert CHINESE.search(figure.title.zh)
        if isinstance(figure, Chart):
            json.dumps(figure.as_data(), allow_nan=False)
            for language in LANGUAGES:
                assert draw_chart(figure, language=language)
                for theme in ("light", "dark"):
                    json.loads(draw_figure(figure, language=language, theme=theme).to_json())
        elif isinstance(figure, Moving):
            json.dumps(figure.as_data(), allow_nan=False)
        else:
            assert figure.cards


def test_figures_of_a_run_have_names_of_their_own(run):
    names = [figure.name for view in all_views().values() for figure in figures(view, run)]
    assert len(names) == len(set(names)), names


def test_no_chart_is_empty(view, run):
    for figure in figures(view, run):
        if isinstance(figure, Chart):
            has_surface = figure.surface is not None and np.isfinite(figure.surface.height).any()
            assert has_surface or any(np.isfinite(np.asarray(one.y, float)).any() for one in figure.series)
            for axis in (figure.x, figure.y):
                assert axis.words.en
                assert CHINESE.search(axis.words.zh) or axis.words.zh == axis.words.en  # a name of the data's own


def test_what_diverged_has_no_scores(diverged_run):
    assert [] == diverged_run.finished
    for view in all_views().values():
        if view.part == "scores":
            assert view.read(diverged_run) is None, view.name


def test_the_words_of_a_view(view, request, snapshot):
    lines = []
    for name in RUNS:
        drawn = figures(view, request.getfixturevalue(name))
        lines += [f"## {name}", *([line for figure in drawn for line in structure(figure)] or ["does not apply"]), ""]
    snapshot("\n".join(lines), name=view.name)


def structure(figure):
    """Kind, names and words of a figure; digits are left out, and what repeats is said once."""
    yield f"{type(figure).__name__.lower()} {without_digits(figure.name)}"
    yield from (f"  {without_digits(figure.title.say(language))}" for language in LANGUAGES)
    if isinstance(figure, Chart):
        for side in ("x", "y"):
            axis = getattr(figure, side)
            kinds = [kind for kind in ("is_log", "is_whole") if getattr(axis, kind)]
            words = [without_digits(axis.words.say(language)) for language in LANGUAGES]
            labels = f"{len(axis.labels)} labels" if axis.labels else ""
            yield "  " + "; ".join([f"{side}: {' | '.join(words)}", *filter(None, [axis.unit, *kinds, labels])])
        series = [
            f"  {one.kind}: {' | '.join(without_digits(one.words.say(language)) for language in LANGUAGES)}"
            for one in figure.series
        ]
        yield from dict.fromkeys(series)
        if figure.surface is not None:
            words = [without_digits(figure.surface.words.say(language)) for language in LANGUAGES]
            yield f"  {figure.surface.form}, {figure.surface.scale}: {' | '.join(words)}"
    elif isinstance(figure, Cards):
        for card in figure.cards[:1]:
            words = [card.heading, *card.lines, *(name for name, _ in card.numbers)]
            yield from (f"  {card.tone}: {without_digits(one.en)} | {without_digits(one.zh)}" for one in words)
    else:
        yield f"  {figure.kind}: {', '.join(sorted(figure.data))}"
        yield from (f"  {without_digits(figure.alternative.say(language))}" for language in LANGUAGES)


def without_digits(text):
    return re.sub(r"[-−]?\d+([.,]\d+)*(e[-+−]?\d+)?", "#", text)


@pytest.mark.parametrize("path", sorted((SOURCE / "gallery").glob("*.py")), ids=lambda path: path.stem)
def test_a_view_computes_nothing_itself(path):
    """It imports what measures, and NumPy to lay out what was measured; never Keras, JAX or a run."""
    for module in imported(path):
        top, *below = module.split(".")
        if top == "backlit":
            assert not below or below[0] in BELOW, module
        else:
            assert top in ("numpy", "jaxtyping") or top in sys.stdlib_module_names, module


@pytest.mark.parametrize("path", sorted(SOURCE.rglob("*.py")), ids=lambda path: str(path.relative_to(SOURCE)))
def test_nothing_that_shows_imports_what_trains(path):
    for module in imported(path):
        top, *below = module.split(".")
        assert top not in ("keras", "jax", "sklearn", "scipy", "torch", "tensorflow"), module
        assert top != "backlit" or not below or below[0] not in ("run", "store", "fitting", "modes"), module


def imported(path):
    """Names of the modules that a file imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (one.name for one in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (
                (f"{node.module}.{one.name}" for one in node.names) if node.module == "backlit" else [node.module]
            )
