"""Cards as HTML: a grid whose cards say their tone by the colour of an edge and by a sign, never by colour alone.

Not for terminals: those print `Cards.say`.
"""

from collections.abc import Sequence

from backlit.language import LANGUAGES, Language, Words
from backlit.views.cards import Card, Cards, Tone
from backlit.views.page.markup import escaped, said

SIGNS: dict[Tone, tuple[str, Words]] = {
    "plain": ("", Words(en="", zh="")),
    "good": ("✓", Words(en="good", zh="良好")),
    "warning": ("!", Words(en="warning", zh="注意")),
    "bad": ("✗", Words(en="problem", zh="问题")),
}


def cards_html(cards: Cards, *, languages: Sequence[Language] = LANGUAGES) -> str:
    """Draws cards.

    Args:
        cards: What to draw; their title is left to whoever puts them on a page.
        languages: One, or both for a page that can switch.

    Returns:
        HTML for `page.css`.
    """
    about = f'<p class="about">{said(cards.about, languages=languages)}</p>' if cards.about is not None else ""
    inner = "".join(_card(card, languages) for card in cards.cards)
    return f'{about}<ul class="cards">{inner}</ul>'


def _card(card: Card, languages: Sequence[Language]) -> str:
    sign, meaning = SIGNS[card.tone]
    mark = f'<span class="sign" aria-hidden="true">{sign}</span>' if sign else ""
    spoken = f'<span class="unseen">{said(meaning, languages=languages)}</span>' if sign else ""
    tag = f'<span class="tag">{escaped(card.tag)}</span>' if card.tag else ""
    lines = "".join(f"<p>{said(line, languages=languages)}</p>" for line in card.lines)
    pairs = "".join(
        f"<dt>{said(name, languages=languages)}</dt><dd>{escaped(value)}</dd>" for name, value in card.numbers
    )
    pairs = f"<dl>{pairs}</dl>" if pairs else ""
    heading = f"<h4>{mark}{spoken}{tag}{said(card.heading, languages=languages)}</h4>"
    return f'<li class="card is-{card.tone}">{heading}{lines}{pairs}</li>'
