"""How far a training is and how long it will still take, from what the engine reports after each chunk.

    done = (groups done + epochs done / epochs) / groups        left = spent · (1 − done) / done

Time before the first report (compiling) counts for nothing, because it does not come again for a single program.

Not for how fast the hardware is: see the run's `samples_per_s`.
"""

from dataclasses import dataclass, field

from backlit.engine.result import Progress


@dataclass
class Pace:
    """The pace of one training, over all its groups.

    Attributes:
        done_frac: How much is done, 0 to 1.
        left_s: Seconds that it will still take; None before that can be told.
    """

    done_frac: float = 0.0
    left_s: float | None = None
    _first: tuple[float, float] | None = field(default=None, repr=False)

    def update(self, progress: Progress, group: int, n_groups: int, *, now_s: float) -> None:
        """Takes in one report.

        Args:
            progress: What the engine says of the group.
            group: Number of the group, from 0.
            n_groups: How many groups there are.
            now_s: A clock's reading.

        Example:
            >>> pace = Pace()
            >>> pace.update(Progress(50, 1.0, 10, 1, 1, 1e3), 0, 1, now_s=5.0)
            >>> pace.update(Progress(300, 6.0, 10, 1, 1, 1e3), 0, 1, now_s=6.0)    # half of it took 1 s
            >>> pace.done_frac, round(pace.left_s, 2)
            (0.6, 0.8)
        """
        self.done_frac = (group + (progress.epoch / progress.n_epochs if progress.n_epochs else 1.0)) / n_groups
        if progress.n_living == 0:
            self.done_frac = (group + 1) / n_groups
        if self._first is None:
            self._first = now_s, self.done_frac
            return
        started_s, started_frac = self._first
        if self.done_frac > started_frac:
            self.left_s = (now_s - started_s) * (1 - self.done_frac) / (self.done_frac - started_frac)
