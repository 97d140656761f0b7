r"""A lesson's Markdown as HTML: formulas drawn, links to lessons marked, Chinese lines joined without a space.

    parts = section_parts("See $\eta$.\n\n![A map](chart:map)\n\nMore.", language="en", formulas=Formulas())
    ["<p>See <svg …>.</p>", "map", "<p>More.</p>"]

Text and names of figures take turns, and text is first and last, so that the parts of two languages can be laid beside
each other. Formulas and what else is HTML already are held aside while Markdown is read, because a backslash or an
underscore means something in both.

Not for placeholders, which are filled before (see `page.py`), nor for the page around it (see `report.py`).
"""

import re
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from rich.cells import cell_len

from backlit.language import Language
from backlit.lessons.page import BLOCK_FORMULA, CHART, CODE_BLOCK, INLINE_FORMULA, LESSON_LINK
from backlit.lessons.typeset import Formulas
from backlit.views.page import escaped

if TYPE_CHECKING:
    from markdown_it import MarkdownIt

_HELD = "\ue000{}\ue001"  # of the private use area, which no text of ours has
_IS_HELD = re.compile("\ue000(\\d+)\ue001")
_ITEM = re.compile(r"^\d+\. .*$", re.MULTILINE)
_CODE = re.compile(f"({CODE_BLOCK.pattern}|`[^`\n]+`)", re.MULTILINE | re.DOTALL)


def section_parts(body: str, *, language: Language, formulas: Formulas, answers: Sequence[str] = ()) -> list[str]:
    """Text and names of figures in turn.

    Args:
        body: Markdown of a section, placeholders filled.
        language: Of the text.
        formulas: Those of the page; new ones are added.
        answers: HTML behind the items of its numbered list, or none.

    Returns:
        HTML, name of a figure, HTML, …, HTML; HTML may be empty.
    """
    parts, place = [], 0
    left = iter(answers)
    for found in CHART.finditer(body):
        parts += [_html(body[place : found.start()], language, formulas, left), found[2]]
        place = found.end()
    return [*parts, _html(body[place:], language, formulas, left)]


def _html(source: str, language: Language, formulas: Formulas, answers: Any) -> str:
    held: list[str] = []

    def hold(html: str) -> str:
        held.append(html)
        return _HELD.format(len(held) - 1)

    def prose(text: str) -> str:
        text = BLOCK_FORMULA.sub(lambda found: hold(formulas.displayed(found[1])), text)
        text = INLINE_FORMULA.sub(lambda found: hold(formulas.inline(found[1])), text)
        return LESSON_LINK.sub(lambda found: hold(_link(found[1], int(found[2]))), text)

    pieces = [piece if piece.startswith("`") else prose(piece) for piece in _split(source)]
    whole = _ITEM.sub(lambda found: found[0] + hold(next(answers, "")), "".join(pieces))
    html = _markdown().render(whole, {"language": language})
    return _IS_HELD.sub(lambda found: held[int(found[1])], html)


def _split(source: str) -> list[str]:
    """Code and what is not code."""
    pieces, place = [], 0
    for found in _CODE.finditer(source):
        pieces += [source[place : found.start()], found[0]]
        place = found.end()
    return [*pieces, source[place:]]


def _link(words: str, number: int) -> str:
    """Another lesson: the words, and how to open it, because nobody knows where its page lies."""
    return f'<span class="lesson" title="backlit lesson {number}">{escaped(words)}</span>'


@cache
def _markdown() -> "MarkdownIt":
    """Markdown as CommonMark has it, with tables; HTML in it is text."""
    from markdown_it import MarkdownIt

    reader = MarkdownIt("commonmark", {"html": False}).enable("table")
    reader.add_render_rule("softbreak", _line_end)
    reader.add_render_rule("table_open", lambda *_: '<div class="table" tabindex="0"><table>\n')
    reader.add_render_rule("table_close", lambda *_: "</table></div>\n")
    return reader


def _line_end(_: Any, tokens: Any, place: int, _options: Any, env: Any) -> str:
    """Between two sentences: a space, but in Chinese only where neither side is Chinese."""
    if env.get("language") != "zh":
        return "\n"
    before = tokens[place - 1].content[-1:] if place else ""
    behind = tokens[place + 1].content[:1] if place + 1 < len(tokens) else ""
    is_narrow = bool(before and behind) and cell_len(before) == cell_len(behind) == 1
    return "\n" if is_narrow else ""
