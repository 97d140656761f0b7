"""Progress while a population trains: a live bar on a terminal, plain lines elsewhere.

    Training ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━╸━━━━━━━━━━  epoch 7/12  0:04 left
      loss 0.123 · validation accuracy 0.944 · 5,366 samples/s

`LiveProgress` redraws two lines in place, three for a population; `PlainProgress` writes a line for about every tenth
part, without a control character, so that a log file stays readable; `LateProgress` serves Python and keeps silent as
long as nobody has to wait. All are told the same things.

Not for measuring: rates come from the engine, the time left from `measure.Pace`.
"""

import time
from types import TracebackType

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text as Styled

from backlit.engine.result import Progress
from backlit.language import say, text
from backlit.measure import Pace
from backlit.views.terminal.words import metric_words, number, seconds


class LiveProgress:
    """Two or three lines that are redrawn in place, until training ends.

    Args:
        console: A terminal.
    """

    def __init__(self, console: Console) -> None:
        self._live = Live(self._waiting(), console=console, refresh_per_second=10, transient=True)

    def __enter__(self) -> "LiveProgress":
        self._live.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._live.__exit__(kind, error, trace)

    def show(self, progress: Progress, group: int, n_groups: int, *, done_frac: float, left_s: float | None) -> None:
        """Draws one report.

        Args:
            progress: What the engine says of the group.
            group: Number of the group, from 0.
            n_groups: How many groups there are.
            done_frac: How much of the whole is done.
            left_s: Seconds that it will still take, or None.
        """
        line = Table.grid(padding=(0, 1), expand=True)
        line.add_column(no_wrap=True)
        line.add_column(ratio=1)
        line.add_column(no_wrap=True)
        line.add_row(
            Styled(say(text("Training")), style="bold"),
            ProgressBar(total=1.0, completed=done_frac, complete_style="blue", finished_style="green"),
            _epoch_words(progress) + ("" if left_s is None else "  " + _left_words(left_s)),
        )
        details = [_score_words(progress), _member_words(progress, group, n_groups)]
        lines = [Styled(f"  {words}", overflow="ellipsis", no_wrap=True) for words in details if words]
        self._live.update(Group(line, *lines))

    def _waiting(self) -> RenderableType:
        return Spinner("dots", say(text("Building and compiling the program …")))


class PlainProgress:
    """A line for about every tenth part.

    Args:
        console: Where to write; not a terminal.
    """

    def __init__(self, console: Console) -> None:
        self._console = console
        self._next_frac = 0.0

    def __enter__(self) -> "PlainProgress":
        self._console.print(say(text("Building and compiling the program …")), soft_wrap=True)
        return self

    def __exit__(self, *reason: object) -> None:
        """Nothing to take away."""

    def show(self, progress: Progress, group: int, n_groups: int, *, done_frac: float, left_s: float | None) -> None:
        """Writes one report, unless one was written for this tenth.

        Args:
            progress: What the engine says of the group.
            group: Number of the group, from 0.
            n_groups: How many groups there are.
            done_frac: How much of the whole is done.
            left_s: Seconds that it will still take, or None.
        """
        is_last = progress.epoch >= progress.n_epochs or progress.n_living == 0
        if not progress.latest or (done_frac < self._next_frac and not is_last):
            return
        self._next_frac = done_frac + 0.1
        done = text("epoch {epoch}/{n}", epoch=int(progress.epoch), n=progress.n_epochs)
        parts = [say(done), _score_words(progress), _member_words(progress, group, n_groups)]
        if left_s is not None and not is_last:
            parts.append(_left_words(left_s))
        self._console.print("  ".join(part for part in parts if part), soft_wrap=True, highlight=False)


class LateProgress:
    """A line about every ten seconds, for whoever trains from Python; nothing for a training shorter than that.

    Args:
        console: Where to write.
        every_s: Seconds to the first line, and between two.
    """

    def __init__(self, console: Console, *, every_s: float = 10.0) -> None:
        self._console, self._every_s = console, every_s
        self._pace = Pace()
        self._next_s = time.perf_counter() + every_s

    def __call__(self, progress: Progress, group: int, n_groups: int) -> None:
        """Takes in one report; it is what `fit` gives to `on_progress`.

        Args:
            progress: What the engine says of the group.
            group: Number of the group, from 0.
            n_groups: How many groups there are.
        """
        now_s = time.perf_counter()
        self._pace.update(progress, group, n_groups, now_s=now_s)
        if now_s < self._next_s or self._pace.done_frac >= 1:
            return
        self._next_s = now_s + self._every_s
        left = "" if self._pace.left_s is None else _left_words(self._pace.left_s)
        parts = [_epoch_words(progress), _score_words(progress), _member_words(progress, group, n_groups), left]
        self._console.print("  ".join(part for part in parts if part), soft_wrap=True, highlight=False)


def _epoch_words(progress: Progress) -> str:
    return say(text("epoch {epoch}/{n}", epoch=min(int(progress.epoch) + 1, progress.n_epochs), n=progress.n_epochs))


def _left_words(left_s: float) -> str:
    return say(text("{time} left", time=seconds(left_s)))


def _score_words(progress: Progress) -> str:
    latest = progress.latest
    parts = []
    if "loss" in latest:
        parts.append(f"{say(metric_words('loss'))} {number(latest['loss'])}")
    scores = [name for name in latest if name.startswith("val_") and name != "val_loss"]
    shown = scores[:1] or (["val_loss"] if "val_loss" in latest else [])
    parts += [f"{say(metric_words(name))} {number(latest[name])}" for name in shown]
    parts.append(say(text("{n:,.0f} samples/s", n=progress.samples_per_s)))
    return " · ".join(parts)


def _member_words(progress: Progress, group: int, n_groups: int) -> str:
    parts = []
    if progress.n_members > 1:
        parts.append(say(text("{n} of {members} members training", n=progress.n_living, members=progress.n_members)))
    if n_groups > 1:
        parts.append(say(text("program {n} of {programs}", n=group + 1, programs=n_groups)))
    return " · ".join(parts)
