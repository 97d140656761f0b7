"""A report of a run: one page that opens anywhere, in the order of `kind.PARTS`, with every view that applies.

    head     what was trained, how, how well; date and versions
    parts    each view: title, how to read it, its figures
    tables   the population by its axes; the layers of the best member
    code     Python that trains the run again

What cannot be shown, because the rows of a stored run are gone, is named with the reason, and the rest is shown.

Not for single figures (see `notebook.py`) nor for how a page is built (see `page/`).
"""

from collections.abc import Mapping, Sequence

from backlit.errors import BacklitError
from backlit.language import Language, Words, text
from backlit.measure.subject import AbstractSubject
from backlit.views.kind import PARTS, Part, View
from backlit.views.page import Block, PageTheme, figure_block, make_page, said
from backlit.views.registry import all_views
from backlit.views.report_parts import code_html, head_html, layers_html, population_html

CODE = Words(en="The code", zh="代码")
NOT_SHOWN = Words(en="Not shown", zh="未能展示的内容")


class Unshown:
    """What a report could not show, each reason once."""

    def __init__(self) -> None:
        self._names: dict[Words, list[Words]] = {}

    def add(self, name: Words, error: BacklitError) -> None:
        """Takes a view that failed.

        Args:
            name: Of the view.
            error: Why.
        """
        self._names.setdefault(Words(en=error.say("en"), zh=error.say("zh")), []).append(name)

    def html(self) -> str:
        """The list, or nothing.

        Returns:
            HTML.
        """
        if not self._names:
            return ""
        items = []
        for reason, names in self._names.items():
            both = Words(en=", ".join(name.en for name in names), zh="、".join(name.zh for name in names))
            items.append(f"<li><strong>{said(both)}</strong><br>{said(reason)}</li>")
        return f'<h2 id="part-unshown">{said(NOT_SHOWN)}</h2><ul>{"".join(items)}</ul>'


def make_report(
    subject: AbstractSubject,
    *,
    language: Language,
    theme: PageTheme = "auto",
    heavy: bool = True,
    versions: Mapping[str, str] | None = None,
) -> str:
    """Writes the report of a run.

    Args:
        subject: The run.
        language: Shown first; the page has both.
        theme: The ground at first; `auto` follows the reader's system.
        heavy: Whether views that take seconds are in it.
        versions: Packages and versions that trained the run, or None where they are not known.

    Returns:
        HTML, one self-contained page.
    """
    unshown = Unshown()
    found: dict[Part, list[str | Block]] = {part: [] for part in PARTS}
    found["training"].append(population_html(subject))
    for view in all_views().values():
        if heavy or not view.is_heavy:
            found[view.part] += _view(view, subject, unshown)
    if subject.finished:
        try:
            found["model"].insert(0, layers_html(subject))
        except BacklitError as error:
            unshown.add(Words(en="Layers", zh="各层"), error)
    parts: list[Part] = [part for part in PARTS if any(found[part])]
    body: list[str | Block] = []
    for part in parts:
        body += [f'<h2 id="part-{part}">{said(PARTS[part])}</h2>', *found[part]]
    body += [f'<h2 id="part-code">{said(CODE)}</h2>{code_html(subject)}', unshown.html()]
    name = subject.id or subject.experiment.data.name
    title = Words(en=f"Run {name}", zh=f"运行 {name}")
    head = head_html(subject, title, versions=versions or {}, told=unshown.add)
    return make_page(title=title, header=head + _contents(parts), body=body, language=language, theme=theme)


def _view(view: View, subject: AbstractSubject, unshown: Unshown) -> list[str | Block]:
    """A view with its figures; nothing where it does not apply, a word at the end where what it reads is gone."""
    try:
        result = view.read(subject)
    except BacklitError as error:
        unshown.add(view.title, error)
        return []
    if result is None:
        return []
    head = f'<h3 id="view-{view.name}">{said(view.title)}</h3><p class="about">{said(view.about)}</p>'
    return [head, *(figure_block(figure) for figure in view.draw(result))]


def _contents(parts: Sequence[Part]) -> str:
    links = [(f"part-{part}", PARTS[part]) for part in parts] + [("part-code", CODE)]
    items = "".join(f'<li><a href="#{place}">{said(words)}</a></li>' for place, words in links)
    label = said(text("Contents"))
    return f'<nav><span class="unseen">{label}</span><ul>{items}</ul></nav>'
