"""What a report has beside figures: its head, the tables, the code.

Each part takes a subject and gives HTML in both languages. Not for the order of a report (see `report.py`).
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from backlit.errors import BacklitError
from backlit.language import Text, Words, listed, text
from backlit.measure import measure_layers
from backlit.measure.subject import AbstractSubject
from backlit.views.page import escaped, said, table_html
from backlit.views.rerun_code import rerun_code
from backlit.views.settings import settings_of, short_setting
from backlit.views.terminal.words import metric_words, number

MOST_ROWS = 24  # of a population's table


def head_html(
    subject: AbstractSubject,
    title: Words,
    *,
    versions: Mapping[str, str],
    told: Callable[[Words, BacklitError], None],
) -> str:
    """The head: what was trained, how well, and with what.

    Args:
        subject: The run.
        title: Of the report.
        versions: Packages and versions that trained it; may be empty.
        told: Takes the name of what could not be had, and why.

    Returns:
        HTML.
    """
    pairs = [(said(name), said(value)) for name, value in settings_of(subject)]
    when = kept_at(subject.id)
    if when is not None:
        pairs.append((said(text("kept")), escaped(f"{when:%Y-%m-%d %H:%M} UTC")))
    if versions:
        shown = ", ".join(f"{name} {version}" for name, version in versions.items())
        pairs.append((said(text("made with")), escaped(shown)))
    pairs.append((said(text("report written")), escaped(f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC")))
    lines = [f"<p><strong>{said(_score(subject, told))}</strong></p>" if subject.finished else ""]
    lost = len(subject) - len(subject.finished)
    if lost:
        words = text("{lost} of {n} members diverged: loss or weights not finite.", lost=lost, n=len(subject))
        lines.append(f"<p>{said(words)}</p>")
    return f"<h1>{said(title)}</h1>{''.join(lines)}{table_html((), pairs)}"


def kept_at(id: str) -> datetime | None:
    """When a run was kept, as its name in the store says.

    Args:
        id: Its name; empty for a run that was not kept.

    Returns:
        The time in UTC, or None.

    Example:
        >>> kept_at("20261123-000948-digits-d561").isoformat()
        '2026-11-23T00:09:48+00:00'
    """
    try:
        return datetime.strptime(id[:15], "%Y%m%d-%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return None


def _score(subject: AbstractSubject, told: Callable[[Words, BacklitError], None]) -> Text:
    """The best member's scores on the rows that it never saw."""
    sizes = dict(zip(("train", "validation", "test"), subject.experiment.data.sizes, strict=True))
    split = next((name for name in ("test", "validation", "train") if sizes[name]), "train")
    title = {
        "test": text("Test score ({n} rows that the network never saw)", n=sizes["test"]),
        "validation": text("Validation score ({n} rows; there are no test rows)", n=sizes["validation"]),
        "train": text("Training score ({n} rows that the network has seen)", n=sizes["train"]),
    }[split]
    try:
        [scores] = subject[subject.best].evaluate(split).to_dicts()
    except BacklitError as error:
        told(Words(en="Score of the best member", zh="最佳成员的成绩"), error)
        return text("The scores cannot be computed again: the rows are gone.")
    names = [name for name in reversed(subject.metric_names) if name in scores]
    shown = [text("{name} {value}", name=metric_words(name), value=number(scores[name])) for name in names]
    return text("{title}: {scores}", title=title, scores=listed(shown))


def population_html(subject: AbstractSubject) -> str:
    """A population by its axes: the mean over the seeds with its interval, the best row marked.

    Args:
        subject: The run.

    Returns:
        HTML; empty for one network.
    """
    if len(subject) < 2:
        return ""
    axes = [name for name in subject.axes if name != "seed"]
    rows = subject.summary().to_dicts()
    best = _best_row(subject, rows, axes)
    kept = [i for i in range(len(rows)) if i < MOST_ROWS or i == best]
    has_lost = any(row["n_diverged"] for row in rows)
    heads = [escaped(name) for name in axes]
    heads += [said(metric_words(rows[0]["metric"])), said(text("95 % interval")), said(text("members"))]
    heads += [said(text("diverged"))] if has_lost else []
    cells = []
    for i in kept:
        row = rows[i]
        values = [escaped(short_setting(row[name])) for name in axes]
        values.append("–" if row["mean"] is None else f"{row['mean']:.3g}")
        values.append("–" if row["lo"] is None else f"{row['lo']:.3g} … {row['hi']:.3g}")
        values.append(str(row["n"] + row["n_diverged"]))
        values += [str(row["n_diverged"] or "–")] if has_lost else []
        is_best = i == best and len(rows) > 1
        cells.append([f'<span class="is-best">{value}</span>' if is_best else value for value in values])
    notes = [text("Mean over the seeds, 95 % interval by Student's t.")]
    if best is not None and len(rows) > 1:
        notes.append(text("Bold: the setting of the best member by validation."))
    if len(rows) > len(kept):
        notes.append(text("{n} more rows: `run.summary()` in Python.", n=len(rows) - len(kept)))
    lines = "".join(f'<p class="quiet">{said(note)}</p>' for note in notes)
    return table_html(heads, cells, numbers=range(len(axes), len(heads))) + lines


def _best_row(subject: AbstractSubject, rows: list[dict[str, object]], axes: list[str]) -> int | None:
    if not subject.finished:
        return None
    member = subject.members.row(subject.best, named=True)
    return next((i for i, row in enumerate(rows) if all(row[name] == member[name] for name in axes)), None)


def layers_html(subject: AbstractSubject) -> str:
    """The best member's layers: what each gives and holds, how strong its outputs and its gradient are.

    Args:
        subject: A run with a member that finished.

    Returns:
        HTML.
    """
    inputs, targets = subject.best_data.train
    rows = measure_layers(subject.model, inputs, targets)
    heads = [
        said(words)
        for words in (
            text("layer"),
            text("kind"),
            text("output"),
            text("parameters"),
            text("activation (mean ± spread)"),
            text("gradient (length)"),
        )
    ]
    cells = [
        [
            escaped(row.name),
            escaped(row.kind),
            "–" if row.output_shape is None else "×".join(str(size) for size in row.output_shape) or "1",
            escaped(row.formula),
            "–" if row.activation_mean is None else f"{row.activation_mean:.3g} ± {row.activation_std:.3g}",
            "–" if row.gradient_norm is None else f"{row.gradient_norm:.3g}",
        ]
        for row in rows
    ]
    total = text("Parameters in all: {n:,}", n=sum(row.n_params for row in rows))
    return table_html(heads, cells, numbers=(3, 4, 5)) + f'<p class="quiet">{said(total)}</p>'


def code_html(subject: AbstractSubject) -> str:
    """The code that trains the run again, and what it lacks.

    Args:
        subject: The run.

    Returns:
        HTML.
    """
    code = rerun_code(subject)
    parts = []
    if code.command:
        words = text("Where the run is kept, this trains it again to the same bits:")
        parts.append(f"<p>{said(words)}</p><pre><code>{escaped(code.command)}</code></pre>")
    words = text("The same in Python; on the same machine and versions it gives the same numbers.")
    if code.missing:
        words = text("In Python; this code does not bring along:")
    parts.append(f"<p>{said(words)}</p>")
    if code.missing:
        parts.append(f"<ul>{''.join(f'<li>{said(one)}</li>' for one in code.missing)}</ul>")
    parts.append(f"<pre><code>{escaped(code.python)}</code></pre>")
    return "".join(parts)
