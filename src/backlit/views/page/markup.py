"""Words as HTML in both languages at once; the page shows one of them, and the other is there when it is wanted.

    >>> said(Words(en="loss", zh="损失"))
    '<span data-in="en" lang="en">loss</span><span data-in="zh" lang="zh-CN">损失</span>'

What is the same in both is written once. Not for figures (see `blocks.py`).
"""

from collections.abc import Sequence
from html import escape

from backlit.language import LANGUAGES, Language, Text, Words, both

TAGS: dict[Language, str] = {"en": "en", "zh": "zh-CN"}


def escaped(words: object) -> str:
    """Text that HTML shows as it is.

    Args:
        words: Anything.

    Returns:
        It, with signs that HTML reads replaced.
    """
    return escape(str(words))


def said(words: Words | Text, *, languages: Sequence[Language] = LANGUAGES) -> str:
    """Words in one or both languages.

    Args:
        words: What to say.
        languages: In which.

    Returns:
        HTML that stands inside a line.
    """
    words = both(words) if isinstance(words, Text) else words
    if len(languages) == 1 or words.en == words.zh:
        return escaped(words.say(languages[0]))
    return "".join(
        f'<span data-in="{language}" lang="{TAGS[language]}">{escaped(words.say(language))}</span>'
        for language in languages
    )


def table_html(heads: Sequence[str], rows: Sequence[Sequence[str]], *, numbers: Sequence[int] = ()) -> str:
    """A table that scrolls sideways where it is too wide.

    Args:
        heads: HTML of the column heads; none for pairs, whose first column is then the head of its row.
        rows: HTML of the cells.
        numbers: Columns that hold numbers and are set to the right.

    Returns:
        HTML.
    """
    kinds = [' class="is-number"' if i in numbers else "" for i in range(len(heads) or len(rows[0]))]
    head = ""
    if heads:
        cells = "".join(f'<th scope="col"{kind}>{cell}</th>' for cell, kind in zip(heads, kinds, strict=True))
        head = f"<thead><tr>{cells}</tr></thead>"
    lines = []
    for row in rows:
        cells = [f"<td{kind}>{cell}</td>" for cell, kind in zip(row, kinds, strict=True)]
        if not heads:
            cells[0] = f'<th scope="row">{row[0]}</th>'
        lines.append(f"<tr>{''.join(cells)}</tr>")
    kind = "table" if heads else "table is-pairs"
    return f'<div class="{kind}" tabindex="0"><table>{head}<tbody>{"".join(lines)}</tbody></table></div>'
