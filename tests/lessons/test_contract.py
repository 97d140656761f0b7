"""Every duty of a lesson, run on every lesson that the registry finds."""

import dataclasses
import functools
import json
import os
import re

import numpy as np
import pytest
from rich.cells import cell_len

from backlit.formula import readable
from backlit.language import glossary
from backlit.lessons import lessons, run_lesson
from backlit.lessons.page import (
    BLOCK_FORMULA,
    CHART,
    CODE_BLOCK,
    INLINE_FORMULA,
    LESSON_LINK,
    PLACEHOLDER,
    REQUIRED_ANCHORS,
    fill,
    placeholders,
    sections,
)
from backlit.lessons.registry import read_prose
from backlit.lessons.report import lesson_page
from backlit.sources import SOURCES
from backlit.views.chart_terminal import draw_chart
from backlit.views.moving import Moving
from tests.lessons.html_shape import shape_of

ALL = lessons()
SEEDS = (0, 1, 2)
every_lesson = pytest.mark.parametrize("lesson", ALL, ids=lambda lesson: f"{lesson.number:02}")
RUN_BY_DEFAULT = (3, 9)  # the others' runs take minutes together
pytestmark = pytest.mark.timeout(400)  # a lesson may train a dozen networks, and CI's machines are slow at times
IN_FULL = os.environ.get("BACKLIT_LESSONS") == "all"  # `make lessons`: null variants on every seed


def _marked(lesson):
    marks = () if lesson.number in RUN_BY_DEFAULT else pytest.mark.slow
    return pytest.param(lesson, id=f"{lesson.number:02}", marks=marks)


every_run = pytest.mark.parametrize("lesson", [_marked(lesson) for lesson in ALL])
every_null = pytest.mark.parametrize(
    ("lesson", "claim", "seed"),
    [
        pytest.param(lesson, claim, seed, id=f"{lesson.number:02}-{claim.name}-{seed}")
        for lesson in ALL
        for place, claim in enumerate(lesson.claims)
        for seed in (SEEDS if IN_FULL else SEEDS[place % len(SEEDS) :][:1])
    ],
)
# Words of the glossary that plain English uses in other senses, too.
AMBIGUOUS = {
    "class",
    "feature",
    "input",
    "layer",
    "run",
    "step",
    "target",
    "training",
    "test set",
    "filter",
    "kernel",
    "lesson",
}


@functools.cache
def quick_outcome(number: int, seed: int = 0, null: str = ""):
    [lesson] = [one for one in ALL if one.number == number]
    knobs = {**(lesson.quick or {}), **(lesson.claim(null).null if null else {})}
    return run_lesson(lesson, knobs=knobs, seed=seed)


@functools.cache
def null_outcome(number: int, seed: int, knobs: tuple):
    """Several claims may have the same null variant."""
    [lesson] = [one for one in ALL if one.number == number]
    return run_lesson(lesson, knobs=dict(knobs), seed=seed)


def pages(lesson):
    return read_prose(lesson.number, "en"), read_prose(lesson.number, "zh")


def prose(source):
    """A page without code, formulas, placeholders, links and list numbers: what a writer typed as words."""
    source = CODE_BLOCK.sub("", source)
    for pattern in (BLOCK_FORMULA, INLINE_FORMULA, PLACEHOLDER, CHART):
        source = pattern.sub("", source)
    source = LESSON_LINK.sub(r"\1", source)
    return re.sub(r"`[^`\n]*`|\{#[a-z0-9-]+\}|^\d+\. ", "", source, flags=re.MULTILINE)


def body(source, anchor):
    [section] = [one for one in sections(source) if one.anchor == anchor]
    return section.body


def test_there_are_lessons_and_each_number_once():
    numbers = [lesson.number for lesson in ALL]
    assert {3, 6, 7, 9} <= set(numbers)
    assert sorted(set(numbers)) == numbers
    assert set(numbers) <= set(range(1, 37))


@every_lesson
def test_a_lesson_has_its_parts(lesson):
    assert len(lesson.claims) >= 2
    assert len(lesson.exercises) >= 3
    assert len(lesson.guess.options) >= 2
    assert lesson.lessons
    assert set(lesson.lessons) <= set(range(1, 37)) - {lesson.number}
    assert all(re.fullmatch(r"[DGOME]\d{3}", code) for code in lesson.findings)
    assert lesson.sources
    assert set(lesson.sources) <= set(SOURCES)
    names = [claim.name for claim in lesson.claims]
    assert len(set(names)) == len(names)


@every_lesson
def test_every_null_variant_is_a_setting_that_a_learner_can_make(lesson):
    for claim in lesson.claims:
        assert claim.null, f"{claim.name} has no null variant"
        turned = lesson.settings({name: str(value) for name, value in claim.null.items()})
        assert turned != lesson.settings()


@every_run
def test_the_result_is_a_frozen_dataclass_with_words_for_each_field(lesson):
    result = quick_outcome(lesson.number).result
    assert dataclasses.is_dataclass(result)
    assert type(result).__dataclass_params__.frozen
    undocumented = [
        field.name
        for field in dataclasses.fields(result)
        if f" {field.name}: " not in (type(result).__doc__ or "") and field.default is dataclasses.MISSING
    ]
    assert undocumented == []


@every_lesson
def test_both_languages_have_the_same_sections(lesson):
    english, chinese = pages(lesson)
    outline = [(one.level, one.anchor) for one in sections(english)]
    assert outline == [(one.level, one.anchor) for one in sections(chinese)]
    anchors = [anchor for _, anchor in outline]
    assert all(anchors), "a heading has no {#anchor}"
    assert len(set(anchors)) == len(anchors)
    assert [anchor for anchor in anchors if anchor in REQUIRED_ANCHORS] == list(REQUIRED_ANCHORS)
    assert outline[0] == (1, "top")
    assert outline[1] == (2, "guess")


@every_lesson
def test_the_page_is_named_as_the_lesson(lesson):
    english, chinese = pages(lesson)
    assert lesson.title.en.lower().removeprefix("the ") == sections(english)[0].title.lower().removeprefix("the ")
    assert lesson.title.zh == sections(chinese)[0].title


@every_lesson
@pytest.mark.parametrize(
    "pattern",
    [CODE_BLOCK, BLOCK_FORMULA, PLACEHOLDER, re.compile(r"\]\(chart:[a-z-]+\)"), re.compile(r"\]\(lesson:\d+\)")],
    ids=["code", "formulas", "placeholders", "charts", "links"],
)
def test_both_languages_say_the_same(lesson, pattern):
    english, chinese = ([found[0] for found in pattern.finditer(page)] for page in pages(lesson))
    if pattern is BLOCK_FORMULA or pattern is CODE_BLOCK:
        assert english == chinese
    else:  # a sentence may name things in another order
        assert sorted(english) == sorted(chinese)


@every_lesson
def test_inline_formulas_are_the_same(lesson):
    english, chinese = (sorted(set(INLINE_FORMULA.findall(CODE_BLOCK.sub("", page)))) for page in pages(lesson))
    assert english == chinese


@every_lesson
def test_each_section_has_as_many_items_boxes_and_tables(lesson):
    for english, chinese in zip(*(sections(page) for page in pages(lesson)), strict=True):
        for mark in (r"^- ", r"^\d+\. ", r"^> \*\*", r"^\|", r"^!\["):
            count = [len(re.findall(mark, one.body, re.MULTILINE)) for one in (english, chinese)]
            assert count[0] == count[1], f"{mark!r} under {english.title!r}"


@every_lesson
def test_a_box_is_headed_as_a_correction(lesson):
    english, chinese = pages(lesson)
    assert english.count("> **Correction**:\n") == len(re.findall(r"^> \*\*", english, re.MULTILINE))
    assert chinese.count("> **勘误**：\n") == len(re.findall(r"^> \*\*", chinese, re.MULTILINE))


@every_lesson
def test_the_page_has_the_exercises_and_options_of_the_lesson(lesson):
    for page in pages(lesson):
        assert len(re.findall(r"^\d+\. ", body(page, "exercises"), re.MULTILINE)) == len(lesson.exercises)
        assert "".join(re.findall(r"^- \*\*([A-Z])\.\*\*", body(page, "guess"), re.MULTILINE)) == lesson.guess.options


@every_lesson
def test_no_number_is_typed_into_the_prose(lesson):
    for page in pages(lesson):
        typed = [line for line in prose(page).splitlines() if re.search(r"\d", line)]
        assert typed == []


@every_run
def test_every_placeholder_is_filled_with_a_format(lesson):
    outcome = quick_outcome(lesson.number)
    for page in pages(lesson):
        whole = fill(page, lesson=lesson, knobs=outcome.knobs, outcome=outcome)
        assert "{{" not in whole
        assert not re.search(r"\bnan\b", whole.lower())
        for expression, spec in placeholders(page):
            shown = fill(f"{{{{ {expression} }}}}", lesson=lesson, knobs=outcome.knobs, outcome=outcome)
            is_bare = re.fullmatch(r"-?\d+\.\d+(e-?\d+)?", shown) is not None and not spec
            assert not is_bare, f"{{{{ {expression} }}}} shows the raw float {shown}"


@every_lesson
def test_the_question_can_be_asked_before_running(lesson):
    for page in pages(lesson):
        names = {expression.split(".")[0].split("[")[0] for expression, _ in placeholders(body(page, "guess"))}
        assert names <= {"knob", "claim"}


@every_run
def test_formulas_can_be_read_in_a_terminal(lesson):
    outcome = quick_outcome(lesson.number)
    for page in pages(lesson):
        whole = CODE_BLOCK.sub("", fill(page, lesson=lesson, knobs=outcome.knobs, outcome=outcome))
        for found in [*BLOCK_FORMULA.findall(whole), *INLINE_FORMULA.findall(BLOCK_FORMULA.sub("", whole))]:
            assert "\\" not in readable(found)


@every_run
def test_charts_are_plain_data_shown_once_and_fit_a_terminal(lesson):
    charts = quick_outcome(lesson.number).charts
    assert len(charts) >= 2
    for page in pages(lesson):
        assert sorted(charts) == sorted(name for _, name in CHART.findall(page))
    for chart in charts.values():
        json.dumps(chart.as_data(), allow_nan=False)
        if isinstance(chart, Moving):
            assert all(words.en and words.zh for words in (chart.title, chart.alternative))
            continue
        assert all(words.en and words.zh for words in (chart.title, chart.x.words, chart.y.words))
        for language in ("en", "zh"):
            lines = draw_chart(chart, language=language, width=80).split("\n")
            assert max(cell_len(line) for line in lines) <= 80


@every_lesson
def test_both_languages_show_their_figures_in_the_same_order(lesson):
    english, chinese = ([name for _, name in CHART.findall(page)] for page in pages(lesson))
    assert english == chinese
    assert len(english) >= 2


@every_run
def test_the_page_as_a_file_is_whole_and_has_every_figure(lesson):
    outcome = quick_outcome(lesson.number)
    html = lesson_page(outcome, language="zh")
    shape = shape_of(html)
    assert shape.faults == []
    assert shape.count("figure", data_figure=None) == len(outcome.charts) >= 2
    n_answers = 2 * len(lesson.exercises) + 1  # in each language, and the guess
    assert shape.count("details", **{"class": "answer"}) == n_answers
    assert shape.count("div", data_in="en") == shape.count("div", data_in="zh")
    assert [tag for tag, found in shape.opened if "src" in found] == []
    assert not re.search("[\ue000\ue001]", html[: html.index("<script")])  # all that was held aside is back
    assert len(html.encode()) <= 6_000_000


@every_lesson
def test_terms_are_those_of_the_glossary(lesson):
    english, chinese = (prose(page) for page in pages(lesson))
    missing = [
        (term, translation)
        for term, translation in glossary().items()
        if term not in AMBIGUOUS
        and re.search(rf"\b{term}(s|es)?\b", english, re.IGNORECASE)
        and translation not in chinese
    ]
    assert missing == []


@every_lesson
def test_one_sentence_stands_on_a_line(lesson):
    for page in pages(lesson):
        lines = [line for line in prose(page).splitlines() if not line.startswith(("-", "|", ">"))]
        long = [line for line in lines if len(re.findall(r"[。？！]|[.?!] (?=[A-Z])", line.rstrip("。？！"))) > 1]
        assert long == []


@every_run
@pytest.mark.parametrize("seed", SEEDS)
def test_claims_hold_quickly(lesson, seed):
    outcome = quick_outcome(lesson.number, seed)
    assert {one.claim.name: round(one.value, 6) for one in outcome.judgements if not one.holds} == {}


@every_run
def test_the_first_claim_fails_in_its_null_variant(lesson):
    claim = lesson.claims[0]
    assert not claim.holds(quick_outcome(lesson.number, 0, claim.name).result)


@every_run
def test_answers_are_finite_and_the_right_guess_is_an_option(lesson):
    outcome = quick_outcome(lesson.number)
    answers = [float(exercise.answer(outcome.result)) for exercise in lesson.exercises]
    assert np.isfinite(answers).all()
    assert outcome.right_guess in lesson.guess.options
    for number, (exercise, answer) in enumerate(zip(lesson.exercises, answers, strict=True), 1):
        assert outcome.check_answer(number, answer)
        assert outcome.check_answer(number, float(format(answer, exercise.spec)))
        assert not outcome.check_answer(number, answer + 1.0 + abs(answer))


@pytest.mark.slow
@every_lesson
@pytest.mark.parametrize("seed", SEEDS)
def test_claims_hold(lesson, seed):
    outcome = run_lesson(lesson, seed=seed)
    assert {one.claim.name: round(one.value, 6) for one in outcome.judgements if not one.holds} == {}
    assert outcome.right_guess in lesson.guess.options


@pytest.mark.slow
@every_null
def test_claims_fail_in_their_null_variants(lesson, claim, seed):
    assert not claim.holds(null_outcome(lesson.number, seed, tuple(sorted(claim.null.items()))).result)


@pytest.mark.slow
@every_lesson
def test_the_code_of_the_prose_runs(lesson):
    for block in CODE_BLOCK.findall(read_prose(lesson.number, "en")):
        if block.startswith("```python"):
            exec(compile(block.removeprefix("```python\n").removesuffix("```"), f"lesson {lesson.number}", "exec"), {})
