"""The page of a lesson after running, as one file that opens anywhere: prose, formulas, figures, claims, exercises.

    outcome = run_lesson(find_lesson(7))
    html = lesson_page(outcome, language="zh")     both languages are in it; this one is shown first
    outcome                                        in a notebook: the same, in the language of the session

Each figure stands on the page once and belongs to both languages, so their prose is laid beside each other section by
section. Answers wait until they are asked for.

Not for how prose becomes HTML (see `prose_html.py`), nor for the page's frame, which all pages share
(`backlit.views.page`).
"""

from collections.abc import Iterator, Mapping, Sequence
from importlib.resources import files

from backlit.language import LANGUAGES, Language, Words
from backlit.lessons.kind import Lesson, Value
from backlit.lessons.outcome import Outcome
from backlit.lessons.page import fill, sections
from backlit.lessons.prose_html import section_parts
from backlit.lessons.registry import lessons, read_prose
from backlit.lessons.typeset import Formulas
from backlit.sources import SOURCES, cite
from backlit.views.chart import Chart
from backlit.views.moving import Moving
from backlit.views.page import PageTheme, escaped, figure_block, make_page, said, table_html

ANSWER = Words(en="Answer", zh="看答案")
RIGHT_GUESS = Words(en="Which one was it?", zh="是哪一个？")
HOLDS = {True: Words(en="yes", zh="成立"), False: Words(en="NO", zh="不成立")}


def lesson_page(outcome: Outcome, *, language: Language, theme: PageTheme = "auto") -> str:
    """The page of a lesson after running.

    Args:
        outcome: What was measured.
        language: Which language is shown first.
        theme: The ground at first; `auto` follows the reader's system.

    Returns:
        HTML that holds all it needs.
    """
    formulas = Formulas()
    parts = list(lesson_parts(outcome, formulas, languages=LANGUAGES))
    title = title_of(outcome.lesson)
    glyphs = formulas.glyphs("".join(part for part in parts if isinstance(part, str)))
    header = f"<style>\n{lesson_style()}</style>{glyphs}<h1>{said(title)}</h1>"
    body = [part if isinstance(part, str) else figure_block(part) for part in parts]
    return make_page(title=title, header=header, body=body, language=language, theme=theme)


def title_of(lesson: Lesson) -> Words:
    """A lesson's number and name."""
    return Words(en=f"Lesson {lesson.number}: {lesson.title.en}", zh=f"第 {lesson.number} 课：{lesson.title.zh}")


def lesson_style() -> str:
    """CSS that a lesson needs beside that of all pages."""
    return (files("backlit.lessons") / "lesson.css").read_text(encoding="utf-8")


def lesson_parts(
    outcome: Outcome, formulas: Formulas, *, languages: Sequence[Language]
) -> Iterator[str | Chart | Moving]:
    """What a lesson's page shows below its title.

    Args:
        outcome: What was measured.
        formulas: Takes the formulas; what they refer to has to be put on the page as well.
        languages: One, or both for a page that can switch.

    Yields:
        HTML, and figures in their places.
    """
    yield from _prose(outcome, formulas, languages)
    yield _knobs(outcome, languages) + _further(outcome.lesson, languages) + _again(outcome, languages)


def _prose(outcome: Outcome, formulas: Formulas, languages: Sequence[Language]) -> Iterator[str | Chart | Moving]:
    """Every section in its languages."""
    pages = [sections(_filled(outcome, language)) for language in languages]
    for spoken in zip(*pages, strict=True):
        anchor, level = spoken[0].anchor, spoken[0].level
        answers = _answers(outcome, languages) if anchor == "exercises" else []
        if level > 1:
            titles = dict(zip(languages, (section.title for section in spoken), strict=True))
            yield f'<h{level} id="{anchor}">{_by_language(titles)}</h{level}>'
        split = [
            section_parts(section.body, language=language, formulas=formulas, answers=answers)
            for language, section in zip(languages, spoken, strict=True)
        ]
        for i, parts in enumerate(zip(*split, strict=True)):
            if i % 2:
                assert len(set(parts)) == 1, (
                    f"bug in backlit: lesson {outcome.lesson.number} shows {parts} in one place"
                )
                yield outcome.charts[parts[0]]
            else:
                yield _by_language(dict(zip(languages, parts, strict=True)), tag="div", kind="prose")
        if anchor == "guess":
            yield _details(RIGHT_GUESS, outcome.right_guess, languages)
        if anchor == "claims":
            yield _claims(outcome, languages)


def _filled(outcome: Outcome, language: Language) -> str:
    page = read_prose(outcome.lesson.number, language)
    return fill(page, lesson=outcome.lesson, knobs=outcome.knobs, outcome=outcome)


def _by_language(html: Mapping[Language, str], *, tag: str = "span", kind: str = "") -> str:
    """HTML in each language, of which a page shows one; nothing where there is nothing."""
    of_kind = f' class="{kind}"' if kind else ""
    return "".join(
        f'<{tag}{of_kind} data-in="{language}" lang="{"zh-CN" if language == "zh" else language}">{inner}</{tag}>'
        for language, inner in html.items()
        if inner
    )


def _answers(outcome: Outcome, languages: Sequence[Language]) -> list[str]:
    exercises = outcome.lesson.exercises
    right = [format(float(exercise.answer(outcome.result)), exercise.spec) for exercise in exercises]
    return [_details(ANSWER, answer, languages) for answer in right]


def _details(asked: Words, answer: str, languages: Sequence[Language]) -> str:
    """An answer that opens when it is asked for."""
    words = said(asked, languages=languages)
    return f'<details class="answer"><summary>{words}</summary><span>{escaped(answer)}</span></details>'


def _claims(outcome: Outcome, languages: Sequence[Language]) -> str:
    heads = (
        Words(en="Claim", zh="论断"),
        Words(en="Measured", zh="测得"),
        Words(en="Limit", zh="界限"),
        Words(en="Holds", zh="成立"),
        Words(en="Break it", zh="打破它"),
    )
    rows = []
    for one in outcome.judgements:
        words, quantity = (said(part, languages=languages) for part in (one.claim.words, one.claim.quantity))
        holds = (
            f'<span class="holds-{"yes" if one.holds else "no"}">{said(HOLDS[one.holds], languages=languages)}</span>'
        )
        rows.append(
            [
                f'{words}<span class="quiet">{quantity}</span>',
                escaped(f"{one.value:.3g}"),
                escaped(f"{one.claim.sign} {one.claim.limit:g}"),
                holds,
                f"<code>{escaped(_turned(one.claim.null))}</code>",
            ]
        )
    return table_html([said(head, languages=languages) for head in heads], rows, numbers=(1, 2))


def _turned(knobs: Mapping[str, Value]) -> str:
    return " ".join(f"--set {name}={value}" for name, value in knobs.items())


def _knobs(outcome: Outcome, languages: Sequence[Language]) -> str:
    heads = (
        Words(en="Knob", zh="旋钮"),
        Words(en="What it is", zh="含义"),
        Words(en="Here", zh="这次"),
        Words(en="May be", zh="可以取"),
    )
    rows = [
        [
            f"<code>{escaped(knob.name)}</code>",
            said(knob.words, languages=languages),
            escaped(outcome.knobs.get(knob.name, knob.default)),
            escaped(knob.reach()),
        ]
        for knob in outcome.lesson.knobs
    ]
    title = said(Words(en="Knobs", zh="旋钮"), languages=languages)
    return f'<h2 id="knobs">{title}</h2>' + table_html([said(head, languages=languages) for head in heads], rows)


def _further(lesson: Lesson, languages: Sequence[Language]) -> str:
    """Other lessons, findings and sources."""
    known = {one.number: one for one in lessons()}
    heads = (Words(en="Number", zh="编号"), Words(en="Lesson", zh="课程"), Words(en="Open it", zh="打开"))
    rows = [
        [escaped(number), said(known[number].title, languages=languages), f"<code>backlit lesson {number}</code>"]
        for number in lesson.lessons
        if number in known
    ]
    html = f'<h2 id="lessons">{said(Words(en="Other lessons", zh="相关课程"), languages=languages)}</h2>'
    html += table_html([said(head, languages=languages) for head in heads], rows)
    if lesson.findings:
        words = Words(en="The doctor's findings about this: ", zh="与此有关的诊断结果：")
        codes = ", ".join(f"<code>{escaped(code)}</code>" for code in lesson.findings)
        html += f"<p>{said(words, languages=languages)}{codes}</p>"
    cited = "".join(f"<li>{_cited(key)}</li>" for key in lesson.sources)
    return html + f'<h2 id="sources">{said(Words(en="Sources", zh="出处"), languages=languages)}</h2><ul>{cited}</ul>'


def _cited(key: str) -> str:
    url, words = SOURCES[key].url, escaped(cite(key))
    return f'<a href="{escaped(url)}" rel="noopener">{words}</a>' if url else words


def _again(outcome: Outcome, languages: Sequence[Language]) -> str:
    """How this page is made again, and how long its numbers took."""
    lesson = outcome.lesson
    turned = {
        knob.name: outcome.knobs[knob.name]
        for knob in lesson.knobs
        if outcome.knobs.get(knob.name, knob.default) != knob.default
    }
    words = [
        f"backlit lesson {lesson.number} --report lesson-{lesson.number:02}.html",
        _turned(turned),
        f"--seed {outcome.seed}" if outcome.seed else "",
    ]
    took = Words(
        en=f"All numbers on this page come from one run of {outcome.wall_s:.1f} s. The same page again:",
        zh=f"本页的所有数字都来自同一次运行，用时 {outcome.wall_s:.1f} 秒。再做一遍：",
    )
    command = " ".join(word for word in words if word)
    return f"<p>{said(took, languages=languages)}</p><pre><code>{escaped(command)}</code></pre>"
