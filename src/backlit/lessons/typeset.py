r"""Formulas as pictures that need no font and no network: LaTeX in, SVG out, each glyph drawn once on a page.

    formulas = Formulas()
    line = formulas.inline(r"\eta")      an SVG as high as the text beside it, in the text's own colour
    shown = formulas.displayed(r"…")     one of its own line
    sheet = formulas.glyphs(page)        what they refer to; it stands once on the page

Whoever cannot see the picture hears the formula as `backlit.formula.readable` writes it.

Not for terminals: those print `readable` itself.
"""

import re
import warnings
from html import escape

from backlit.formula import readable

SIZE = 20  # units of the drawing to one em; only the ratio matters
_SYMBOL = re.compile(r'<symbol id="([^"]+)".*?</symbol>', re.DOTALL)
_SIGN = re.compile(r"(^\s*|[(=+,]\s*|\\times\s*)-")  # a minus that has nothing to its left to be subtracted from
_NEW_LINE = re.compile(r"\\\\(?![A-Za-z])")


class Formulas:
    """The formulas of one page."""

    def __init__(self) -> None:
        self._glyphs: dict[str, str] = {}
        self._known: dict[tuple[str, bool], str] = {}

    def inline(self, latex: str) -> str:
        """A formula inside a line of text.

        Args:
            latex: What stands between single dollar signs.

        Returns:
            HTML.
        """
        return self._drawn(latex, is_inline=True)

    def displayed(self, latex: str) -> str:
        r"""A formula with a line of its own.

        Args:
            latex: What stands between double dollar signs; `\\` and `\qquad` begin another line.

        Returns:
            HTML.
        """
        lines = [line.strip() for line in re.split(r"\\qquad", _NEW_LINE.sub(r"\\qquad", latex)) if line.strip()]
        return "".join(f'<span class="formula">{self._drawn(line, is_inline=False)}</span>' for line in lines)

    def glyphs(self, html: str) -> str:
        """The glyphs that a piece of HTML refers to.

        Args:
            html: With formulas of this object.

        Returns:
            HTML that takes no room, to stand on the same page.
        """
        inner = "".join(self._glyphs[name] for name in sorted(self._glyphs) if f'#{name}"' in html)
        return f'<svg width="0" height="0" class="unseen" aria-hidden="true">{inner}</svg>' if inner else ""

    def _drawn(self, latex: str, *, is_inline: bool) -> str:
        key = (latex, is_inline)
        if key not in self._known:
            self._known[key] = self._draw(latex, is_inline=is_inline)
        return self._known[key]

    def _draw(self, latex: str, *, is_inline: bool) -> str:
        with warnings.catch_warnings():
            # ziamath 0.13 opens its font by `importlib.resources.path`, which Python 3.11 and 3.12 call deprecated.
            warnings.simplefilter("ignore", DeprecationWarning)
            from ziamath.zmath import Latex

        formula = Latex(_SIGN.sub(r"\1{-}", latex), size=SIZE, inline=is_inline)
        drawing = formula.svgxml()
        left, top, width, height = (float(part) for part in drawing.attrib["viewBox"].split())
        source = formula.svg()
        for found in _SYMBOL.finditer(source):
            self._glyphs[found[1]] = found[0]
        inner = _SYMBOL.sub("", source[source.index(">") + 1 : source.rindex("</svg>")])
        inner = inner.replace('"black"', '"currentColor"')  # as the text beside it, on any ground
        em = [f"{part / SIZE:.3f}em" for part in (width, height, -(top + height))]
        return (
            f'<svg role="img" aria-label="{escape(readable(latex))}" viewBox="{left:g} {top:g} {width:g} {height:g}" '
            f'style="width: {em[0]}; height: {em[1]}; vertical-align: {em[2]}">{inner}</svg>'
        )
