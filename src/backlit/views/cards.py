"""Cards as plain data: a heading, a few lines, numbers with names, beside each other or below.

    Card(heading=…, tone="warning", lines=(…,), numbers=((Words(en="threshold", zh="阈值"), "1e-6"),))

For what is read and not plotted: findings, single mistakes, rows of a table.
Not for drawing (see `card_html.py` and `card_terminal.py`).
"""

from dataclasses import dataclass
from typing import Literal

from backlit.language import Language, Words

Tone = Literal["plain", "good", "warning", "bad"]


@dataclass(frozen=True)
class Card:
    """One card.

    Attributes:
        heading: What it is about.
        lines: Sentences.
        numbers: Names and values, a value as it is to be read.
        tone: Colour and sign of its edge.
        tag: A code or a number before the heading, or empty.
    """

    heading: Words
    lines: tuple[Words, ...] = ()
    numbers: tuple[tuple[Words, str], ...] = ()
    tone: Tone = "plain"
    tag: str = ""


@dataclass(frozen=True)
class Cards:
    """Several cards under one title.

    Attributes:
        name: A kebab-case name, unique on a page.
        title: What they show.
        cards: In the order of reading.
        about: A sentence below the title, or None.
    """

    name: str
    title: Words
    cards: tuple[Card, ...]
    about: Words | None = None

    def say(self, spoken: Language) -> str:
        """The cards as plain text.

        Args:
            spoken: Language.

        Returns:
            Lines; a card begins at the margin, what it holds is indented.
        """
        lines = [self.title.say(spoken)] + ([self.about.say(spoken)] if self.about else [])
        colon = ": " if spoken == "en" else "："
        for card in self.cards:
            lines.append(f"{_SIGNS[card.tone]} {f'{card.tag} ' if card.tag else ''}{card.heading.say(spoken)}")
            lines += [f"    {line.say(spoken)}" for line in card.lines]
            lines += [f"    {name.say(spoken)}{colon}{value}" for name, value in card.numbers]
        return "\n".join(lines)


_SIGNS: dict[Tone, str] = {"plain": "·", "good": "✓", "warning": "!", "bad": "✗"}
