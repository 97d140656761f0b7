"""What `run.plot` gives: Plotly figures, text, HTML, files; and the errors that say which views there are."""

import json

import plotly.graph_objects as go
import pytest

import backlit as bl

# isort: split
import keras

from backlit.errors import MissingPackageError, SettingError
from backlit.language import Words
from backlit.views.cards import Card, Cards
from backlit.views.kind import View
from backlit.views.moving import Moving
from backlit.views.notebook import PLOTLY, figure_bundle
from backlit.views.shown import Shown
from backlit.views.widget import moving_widget

WORDS = Words(en="A figure", zh="一张图")
VIEW = View("one", WORDS, WORDS, "inside", read=lambda _: None, draw=lambda _: ())
CARDS = Cards("cards", WORDS, (Card(WORDS, tone="good"),))
MOVING = Moving("live_curve", "moving", title=WORDS, data={"x": [1]}, alternative=Words(en="a curve", zh="一条曲线"))


@pytest.fixture(scope="module")
def run():
    model = keras.Sequential([keras.layers.Dense(4, "relu"), keras.layers.Dense(3, "softmax")])
    return bl.fit(model, "iris", epochs=3, seeds=2, save=False, verbose=False)


def test_a_plot_is_a_sequence_of_plotly_figures(run):
    shown = run.plot("curves")
    assert len(shown) == 2
    assert all(isinstance(figure, go.Figure) for figure in shown)
    assert shown[0].layout.title.text.startswith("Loss")
    assert repr(shown) == "<Shown curves: curves-loss, curves-accuracy>"
    assert len(shown[:1]) == 1


def test_a_plot_speaks_the_language_and_stands_on_the_ground_that_is_asked_for(run):
    shown = run.plot("curves", language="zh", theme="dark")
    assert "损失" in shown[0].layout.title.text
    assert shown[0].layout.template.layout.paper_bgcolor == "#16181d"


def test_print_draws_with_characters(run):
    drawn = str(run.plot("curves"))
    assert "↑ loss [nat]" in drawn
    assert max(map(len, drawn.split("\n"))) <= 80
    assert "●" in drawn


def test_one_member_alone(run):
    assert len(run.plot("curves", member=1)[0].data) < len(run.plot("curves")[0].data)


def test_cards_and_moving_figures_stay_what_they_are_and_have_their_text():
    shown = Shown(VIEW, [CARDS, MOVING], language="zh")
    assert list(shown) == [CARDS, MOVING]
    assert str(shown) == "一张图\n✓ 一张图\n\n一张图\n一条曲线"


def test_saving_writes_a_page(run, tmp_path):
    path = run.plot("curves").save(tmp_path / "curves.html")
    assert "Learning curves" in path.read_text(encoding="utf-8")
    with pytest.raises(SettingError, match=r"curves\.png"):
        run.plot("curves").save(tmp_path / "curves.png")


def test_an_unknown_view_lists_them_all(run):
    with pytest.raises(SettingError, match=r"Did you mean `curves`\?"):
        run.plot("curve")


def test_a_view_that_does_not_apply_says_which_do():
    run = bl.fit(keras.Sequential([keras.layers.Dense(3, "softmax")]), "iris", epochs=1, save=False, verbose=False)
    with pytest.raises(SettingError, match=r"`curves`, for which .* nothing to show.*`confusion-matrix`"):
        run.plot("curves")


def test_the_language_and_theme_are_checked(run):
    with pytest.raises(SettingError, match=r"one of `en`, `zh`, received `fr`"):
        run.plot("curves", language="fr")
    with pytest.raises(SettingError, match=r"one of `light`, `dark`, received `auto`"):
        run.plot("curves", theme="auto")


def test_a_chart_comes_in_three_forms(run):
    bundle = figure_bundle(run.plot("curves").figures[0], language="en", theme="light")
    assert set(bundle) == {"text/plain", "text/html", PLOTLY}
    json.dumps(bundle[PLOTLY], allow_nan=False)
    assert 'role="img" aria-label="Loss' in bundle["text/html"]


def test_plotlys_script_comes_once(run, monkeypatch):
    monkeypatch.setattr("backlit.views.notebook._has_plotly", False)
    first, second = (
        figure_bundle(figure, language="en", theme="light")["text/html"] for figure in run.plot("curves").figures
    )
    assert len(first) > 1_000_000 > len(second)


def test_a_moving_figure_is_a_frame_that_holds_all_it_needs():
    html = figure_bundle(MOVING, language="zh", theme="light")["text/html"]
    assert html.startswith('<iframe title="一张图" srcdoc="&lt;!doctype html&gt;')
    assert "Content-Security-Policy" in html
    assert html.count('"') == 6  # those of the frame's own attributes: the page in it cannot end them


def test_a_run_shows_itself_as_a_table(run):
    html = run._repr_html_()
    assert "iris" in html
    assert "95 % interval" in html


def test_html_of_all_figures_for_whoever_asks_for_that_alone(run):
    assert run.plot("curves")._repr_html_().count('role="img"') == 2


def test_a_widget_has_the_figure_and_its_module():
    widget = moving_widget(MOVING, language="zh", theme="dark")
    assert widget.figure["data"] == {"x": [1]}
    assert (widget.language, widget.theme) == ("zh", "dark")
    assert "export default" in str(widget._esm)
    widget.close()


def test_without_anywidget_the_error_says_what_to_install(monkeypatch):
    monkeypatch.setattr("backlit.views.widget.find_spec", lambda _: None)
    with pytest.raises(MissingPackageError, match=r'pip install "backlit\[notebook\]"'):
        moving_widget(MOVING, language="en")


def test_the_views_are_public():
    assert "curves" in bl.views.all_views()
    assert bl.views.find_view("curves").part == "training"
    assert bl.views.View is View
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        _ = bl.views.nothing
