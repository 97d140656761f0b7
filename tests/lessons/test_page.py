from types import SimpleNamespace

import pytest
from rich.console import Console

from backlit.formula import readable
from backlit.lessons import Outcome, find_lesson, run_lesson
from backlit.lessons.chinese import reflowed, wrapped
from backlit.lessons.page import BLANK, fill, for_terminal, placeholders, sections, show_page
from backlit.lessons.registry import read_prose


@pytest.mark.parametrize(
    ("latex", "text"),
    [
        (r"w_{\text{new}} = w_{\text{old}} - \eta \frac{\partial L}{\partial w}", "w_new = w_old − η ∂L/∂w"),
        (r"\frac{1}{n} \sum_{i=1}^{n} (y_i - \hat{y}_i)^2", "1/n Σ(i=1…n) (yᵢ − ŷᵢ)²"),
        (r"p_k = \frac{e^{z_k}}{\sum_j e^{z_j}}", "pₖ = e^zₖ/(Σ(j) e^zⱼ)"),
        (r"\left\lceil \frac{n}{B} \right\rceil", "⌈n/B⌉"),
        (r"\lvert 1 - \eta\lambda \rvert < 1 \iff \eta < \frac{2}{\lambda}", "| 1 − ηλ | < 1 ⟺ η < 2/λ"),
        (r"W^{(1)} \times h_{12}", "W⁽¹⁾ × h₁₂"),
        (r"a = 1 \\ b = 2", "a = 1\nb = 2"),
        (r"\sqrt{x + y} \approx \max(0, z)", "√(x + y) ≈ max(0, z)"),
        (r"w^{*}", "w*"),
        (r"z^{(l)}_j = \sum_k w^{(l)}_{kj} a^{(l-1)}_k", "z⁽ˡ⁾ⱼ = Σ(k) w⁽ˡ⁾ₖⱼ a⁽ˡ⁻¹⁾ₖ"),
    ],
)
def test_formulas_become_readable(latex, text):
    assert readable(latex) == text


def test_an_unknown_sign_is_refused():
    with pytest.raises(ValueError, match=r"`\\wobble` is not among the signs"):
        readable(r"\wobble x")


def test_chinese_breaks_between_signs_but_not_before_a_closing_one():
    # twelve columns hold six signs; the comma must not begin a line, so its sign goes with it
    assert wrapped("一二三四五六，七八", columns=12).split("\\\n") == ["一二三四五", "六，七八"]
    assert wrapped("一二三四 `a b c d` 五", columns=12).split("\\\n") == ["一二三四", "`a b c d` 五"]
    assert wrapped("一（二", columns=5).split("\\\n") == ["一", "（二"]


def test_chinese_lines_are_joined_without_a_space_and_lists_and_tables_stay():
    source = "第一句。\n第二句。\n\n- 甲\n- 乙\n\n| 表 | 格 |\n\n> 注\n> 释\n\nKeras\nis here"
    assert reflowed(source, columns=40) == ("第一句。第二句。\n\n- 甲\n- 乙\n\n| 表 | 格 |\n\n> 注释\n\nKeras is here")


def test_sections_end_at_headings_outside_code():
    source = "# Top {#top}\na\n```python\n# a comment {#no}\n```\n## Next {#next}\nb\n"
    assert [(one.level, one.title, one.anchor) for one in sections(source)] == [(1, "Top", "top"), (2, "Next", "next")]
    assert "# a comment" in sections(source)[0].body
    assert sections(source)[1].body == "b"


def test_placeholders_are_filled_from_result_knobs_and_claims():
    lesson = find_lesson(7)
    outcome = Outcome(lesson, {}, 0, SimpleNamespace(loss=0.12345, names=["a", "b"]), wall_s=0.0)
    source = "{{ loss:.2f }} {{names[1]}} {{ knob.rate:g }} {{ claim[one-step].limit:.0e }}"
    assert fill(source, lesson=lesson, knobs={"rate": 0.5}, outcome=outcome) == "0.12 b 0.5 1e-06"
    assert fill(source, lesson=lesson, knobs={"rate": 0.5}) == f"{BLANK} {BLANK} 0.5 1e-06"
    assert placeholders(source)[0] == ("loss", ".2f")


def test_an_unknown_placeholder_is_an_error():
    lesson = find_lesson(7)
    outcome = Outcome(lesson, {}, 0, SimpleNamespace(loss=1.0), wall_s=0.0)
    with pytest.raises(AttributeError, match="lost"):
        fill("{{ lost:.2f }}", lesson=lesson, knobs={}, outcome=outcome)


def test_links_and_formulas_in_a_terminal():
    assert for_terminal("see [lesson nine](lesson:9): $\\eta$", "en") == "see *lesson nine*: `η`"
    assert "```text\nη\n```" in for_terminal("$$\\eta$$", "en")
    assert for_terminal("```\n$x$\n```", "en") == "```\n$x$\n```"


def shown(lesson, language, *, outcome=None, part="all", width=80):
    console = Console(width=width, record=True, file=open("/dev/null", "w"))  # noqa: SIM115  the console writes nowhere
    knobs = outcome.knobs if outcome else lesson.settings()
    page = read_prose(lesson.number, language)
    show_page(console, page, lesson=lesson, language=language, knobs=knobs, outcome=outcome, part=part)
    console.file.close()
    return console.export_text()


def test_before_running_nothing_is_given_away():
    lesson = find_lesson(3)
    before = shown(lesson, "en", part="before")
    assert "Guess first" in before
    assert "The experiment" not in before
    assert BLANK in shown(lesson, "en")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_page_in_a_terminal_has_numbers_charts_and_claims(language):
    lesson = find_lesson(3)
    outcome = run_lesson(lesson, knobs={"epochs": 2})
    page = shown(lesson, language, outcome=outcome, part="after")
    assert BLANK not in page
    assert f"{outcome.result.z[0]:.4f}" in page
    assert "█" in page
    assert outcome.lesson.claims[0].words.say(language)[:12] in page
    assert "--set leave_out=bias" in page
    assert "$" not in page
    assert "{#" not in page
