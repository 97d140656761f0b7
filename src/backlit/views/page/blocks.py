"""One figure's place on a page: its title, what it says in words, where it is drawn, and its menu.

Not for drawing: `page.js` does that when the page opens.
"""

from dataclasses import dataclass
from typing import Any

from backlit.language import Words
from backlit.views.cards import Cards
from backlit.views.chart import Chart
from backlit.views.kind import Figure
from backlit.views.page.cards_html import cards_html
from backlit.views.page.drawn import figure_data
from backlit.views.page.markup import said

SAVE = Words(en="Save", zh="保存")
AS_HTML = Words(en="as HTML", zh="存为 HTML")
AS_SVG = Words(en="as SVG", zh="存为 SVG")
AS_PNG = Words(en="as PNG", zh="存为 PNG")


@dataclass(frozen=True)
class Block:
    """A figure on a page.

    Attributes:
        html: Where it is drawn; `{number}` stands for its number on the page.
        data: What the page's script reads.
    """

    html: str
    data: dict[str, Any]

    def numbered(self, number: int) -> str:
        """The HTML of the block that is the page's figure of some number.

        Args:
            number: From 0.

        Returns:
            HTML.
        """
        return self.html.replace("{number}", str(number), 1)


def figure_block(figure: Figure) -> Block:
    """Puts a figure into a block.

    Args:
        figure: A chart, cards or a moving figure.

    Returns:
        The block.
    """
    data = figure_data(figure)
    ways = {"html": AS_HTML}
    caption = f"<figcaption>{said(figure.title)}</figcaption>"
    if isinstance(figure, Cards):
        inner = cards_html(figure)
    elif isinstance(figure, Chart):
        ways |= {"svg": AS_SVG, "png": AS_PNG}
        inner = f'<div class="drawing" role="img" style="height: {data["height"]}px"></div>'
    else:
        ways |= {"png": AS_PNG}
        caption = ""  # the module draws its own
        inner = '<div class="drawing"></div>'
    spoken = f'<p class="unseen">{said(figure.alternative)}</p>' if not isinstance(figure, Chart | Cards) else ""
    html = f'<figure class="block" data-figure="{{number}}">{_menu(ways)}{caption}{inner}{spoken}</figure>'
    return Block(html, data)


def _menu(ways: dict[str, Words]) -> str:
    """A disclosure that keys open and close by themselves, with a button a format."""
    buttons = "".join(f'<button type="button" data-save="{way}">{said(words)}</button>' for way, words in ways.items())
    return f'<details class="menu"><summary>{said(SAVE)}</summary><div>{buttons}</div></details>'
