"""A lesson as a page that opens from disk, as an output of a notebook, and on the command line."""

import dataclasses
import math
import re
import sys
from types import SimpleNamespace

import pytest
from rich.console import Console

from backlit.cli.app import main
from backlit.errors import SettingError
from backlit.language import Words
from backlit.lessons import Outcome, find_lesson, run_lesson
from backlit.lessons.page import show_page
from backlit.lessons.prose_html import section_parts
from backlit.lessons.report import lesson_page
from backlit.lessons.typeset import Formulas
from backlit.views.moving import Moving
from tests.lessons.html_shape import shape_of


@pytest.fixture(scope="module")
def outcome():
    return run_lesson(find_lesson(3), knobs={"epochs": 2})


@pytest.fixture(scope="module")
def page(outcome):
    return lesson_page(outcome, language="zh")


def html(source, language="en", answers=()):
    return "".join(section_parts(source, language=language, formulas=Formulas(), answers=answers))


def test_a_formula_is_a_picture_with_words_and_a_baseline():
    drawn = Formulas().inline(r"w_{12}")
    shape = shape_of(drawn)
    assert shape.faults == []
    assert shape.count("svg", role="img", aria_label="w₁₂") == 1
    [depth] = re.findall(r"vertical-align: (-?[\d.]+)em", drawn)
    assert -0.5 < float(depth) < 0  # the indices hang below the line of the text
    assert "black" not in Formulas().displayed(r"\frac{a}{b}")  # it has the colour of the text


def test_glyphs_are_on_a_page_once_and_only_those_that_are_needed():
    formulas = Formulas()
    twice = formulas.inline("x + x") + formulas.inline("x")
    assert 4 == len(re.findall(r"<use ", twice))  # three times x, once +
    assert 2 == formulas.glyphs(twice).count("<symbol ")
    formulas.inline("y")
    assert 2 == formulas.glyphs(twice).count("<symbol ")
    assert "" == formulas.glyphs("no formula")


def test_a_formula_of_several_lines_has_several():
    assert 2 == Formulas().displayed(r"a = 1 \\ b = 2").count('class="formula"')
    assert 2 == Formulas().displayed(r"a = 1 \qquad b = 2").count('class="formula"')


def test_a_sign_stands_close_to_its_number_and_a_difference_wide():
    def width(latex):
        [found] = re.findall(r"width: ([\d.]+)em", Formulas().displayed(latex))
        return float(found)

    assert width("(-1)") < width("1-1") + width("()") - width("1") - 0.2
    assert width(r"a = -1") < width(r"a - 1") + width("=") + 0.6


def test_text_and_figures_take_turns():
    parts = section_parts("One.\n\n![A](chart:first)\n\n![B](chart:second)", language="en", formulas=Formulas())
    assert [part.strip() for part in parts] == ["<p>One.</p>", "first", "", "second", ""]


def test_a_formula_keeps_its_signs_and_code_keeps_its_dollars():
    shown = html(r"*So* $a_1 \times b_1$ and `$x$`.")
    assert '<em>So</em> <svg role="img" aria-label="a₁ × b₁"' in shown
    assert "<code>$x$</code>" in shown


def test_html_in_prose_is_text():
    assert "&lt;b&gt;" in html("a <b>bold</b> word")


def test_chinese_lines_are_joined_without_a_space():
    assert "<p>一句。两句。</p>" in html("一句。\n两句。", "zh")
    assert "<p>One.\nTwo.</p>" in html("One.\nTwo.")
    assert "<p>Keras\nJAX</p>" in html("Keras\nJAX", "zh")


def test_another_lesson_is_named_and_not_linked_to_nowhere():
    assert '<span class="lesson" title="backlit lesson 9">lesson nine</span>' in html("[lesson nine](lesson:9)")


def test_answers_stand_behind_their_exercises():
    shown = html("1. First?\n2. Second?", answers=["<b>one</b>", "<b>two</b>"])
    assert "<li>First?<b>one</b></li>" in shown
    assert "<li>Second?<b>two</b></li>" in shown


def test_the_page_has_both_languages_and_every_figure_once(outcome, page):
    shape = shape_of(page)
    assert shape.faults == []
    assert shape.count("figure", data_figure=None) == len(outcome.charts)
    assert "<html" in page
    assert 'data-language="zh"' in page
    assert "人工神经网络" in page
    assert "Artificial neural networks" in page
    assert shape.count("table") == 2 * 1 + 3  # one of the prose in each language; claims, knobs, other lessons


def test_the_page_says_what_was_measured_and_how_to_make_it_again(outcome, page):
    for one in outcome.judgements:
        assert f'<td class="is-number">{one.value:.3g}</td>' in page
    assert "backlit lesson 3 --report lesson-03.html --set epochs=2" in page
    assert f"{outcome.result.z[0]:.4f}" in page
    assert "Rosenblatt" in page
    for exercise in outcome.lesson.exercises:
        assert f"<span>{format(float(exercise.answer(outcome.result)), exercise.spec)}</span></details>" in page


def test_a_broken_claim_is_seen_on_the_page():
    broken = run_lesson(find_lesson(3), knobs={"epochs": 2, "leave_out": "bias"})
    assert 'class="holds-no"' in lesson_page(broken, language="en")
    assert "--set leave_out=bias" in lesson_page(broken, language="en")


def test_the_page_loads_nothing(page):
    shape = shape_of(page)
    assert [tag for tag, found in shape.opened if "src" in found] == []
    assert all(found.get("href", "").startswith("data:") for tag, found in shape.opened if tag == "link")
    assert 1 == shape.count("meta", http_equiv="Content-Security-Policy")


def test_a_report_is_written_whole_and_needs_a_name(outcome, tmp_path):
    path = outcome.report(tmp_path / "lesson.html", language="en", theme="dark")
    assert 'data-language="en" data-theme="dark"' in path.read_text(encoding="utf-8")
    with pytest.raises(SettingError, match=r"page of lesson 3: expected a path .* `.*lesson\.txt`"):
        outcome.report(tmp_path / "lesson.txt")
    with pytest.raises(SettingError, match="`fr`"):
        outcome.report(tmp_path / "lesson.html", language="fr")


def test_the_command_writes_the_page_and_prints_where(capsys, tmp_path):
    path = tmp_path / "three.html"
    code = main(["--lang", "zh", "lesson", "3", "--set", "epochs=2", "--report", str(path)])
    out = capsys.readouterr().out
    assert code == 0
    assert f"第 3 课的页面已写入 `{path}`" in out
    assert "先猜一猜" not in out
    assert 'data-language="zh"' in path.read_text(encoding="utf-8")


def test_the_command_refuses_a_path_before_it_runs_anything(capsys, monkeypatch, tmp_path):
    monkeypatch.setattr("backlit.lessons.run_lesson", lambda *_, **__: pytest.fail("ran"))
    assert main(["lesson", "3", "--report", str(tmp_path / "nowhere" / "three.html")]) == 2
    assert "that ends in `.html`" in capsys.readouterr().err


@pytest.fixture
def displayed(monkeypatch):
    """What a notebook would be given."""
    given = []
    monkeypatch.setitem(
        sys.modules, "IPython.display", SimpleNamespace(display=lambda bundle, **_: given.append(bundle))
    )
    return given


@pytest.mark.parametrize(("language", "words"), [("en", "Guess first"), ("zh", "先猜一猜")])
def test_a_notebook_shows_prose_and_figures_in_turn(outcome, displayed, language, words):
    outcome.page(language)._ipython_display_()
    has_chart = ["application/vnd.plotly.v1+json" in bundle for bundle in displayed]
    assert sum(has_chart) == len(outcome.charts)
    assert not has_chart[0]
    assert words in displayed[0]["text/html"]
    assert words in displayed[0]["text/plain"]
    for bundle in displayed:
        assert "<svg" not in bundle["text/plain"]
    for bundle, is_chart in zip(displayed, has_chart, strict=True):
        if not is_chart:
            assert shape_of(bundle["text/html"]).faults == []
            used = set(re.findall(r'href="#([^"]+)"', bundle["text/html"]))
            assert used <= set(re.findall(r'<symbol id="([^"]+)"', bundle["text/html"]))


def test_what_a_knob_may_be_is_said_in_signs():
    knobs = {knob.name: knob for knob in (*find_lesson(3).knobs, *find_lesson(20).knobs)}
    assert knobs["brakes"].reach() == "on | off"
    assert knobs["rate"].reach() == "0 … 0.5"
    assert math.isfinite(knobs["steps"].high)


def test_a_moving_figure_is_told_in_a_terminal(capsys):
    told = Words(en="Sixteen kernels.", zh="十六个卷积核。")
    moving = Moving("image_grid", "net", title=told, data={}, alternative=told)
    lesson = dataclasses.replace(find_lesson(3), charts=lambda _: (moving,))
    outcome = Outcome(lesson, {}, 0, SimpleNamespace(), wall_s=0.0)
    source = "# A {#top}\n\n## B {#guess}\n\n![C](chart:net)"
    show_page(Console(width=60), source, lesson=lesson, language="zh", knobs={}, outcome=outcome)
    assert "▦ 十六个卷积核。" in capsys.readouterr().out
