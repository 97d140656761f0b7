"""What a page of HTML is made of, for tests: figures, links, and everything that a browser would have to mend."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"meta", "link", "br", "hr", "img", "input", "wbr"}
BLOCKS = {"div", "p", "ul", "ol", "table", "figure", "blockquote", "pre", "h1", "h2", "h3", "h4", "details"}


@dataclass
class Shape:
    """What was found.

    Attributes:
        faults: Tags that close nothing, stay open, or stand where HTML has them close something else.
        opened: Every start tag with its attributes.
    """

    faults: list[str] = field(default_factory=list)
    opened: list[tuple[str, dict[str, str | None]]] = field(default_factory=list)

    def count(self, tag, **attributes):
        """How many elements have these attributes, `_` written for `-`; None for any value."""
        return sum(
            name == tag
            and all(
                key.replace("_", "-") in found and value in (None, found[key.replace("_", "-")])
                for key, value in attributes.items()
            )
            for name, found in self.opened
        )


class _Reader(HTMLParser):
    def __init__(self):
        super().__init__()
        self.shape, self.open = Shape(), []

    def handle_starttag(self, tag, attrs):
        self.shape.opened.append((tag, dict(attrs)))
        if tag in BLOCKS and "p" in self.open:
            self.shape.faults.append(f"<{tag}> inside <p>, line {self.getpos()[0]}")
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.shape.opened.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.shape.faults.append(f"</{tag}> closes nothing, line {self.getpos()[0]}")


def shape_of(html):
    """Reads a page."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    reader.shape.faults += [f"<{tag}> stays open" for tag in reader.open]
    return reader.shape
