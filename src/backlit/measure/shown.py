"""Which member of a run the views of the inside show, and how that is said.

    one network          the network
    a population         its best member; of 256 members no one could read 256 pictures
    all have diverged    the first member, because what happened inside is what one wants to know then

Not for comparing members: see `seed_bands.py`.
"""

from dataclasses import dataclass

import polars as pl

from backlit.language import Words
from backlit.measure.subject import AbstractSubject


@dataclass(frozen=True)
class Shown:
    """The member that is shown.

    Attributes:
        member: Its number in the run.
        n_members: Of the run.
        has_diverged: Whether it did; then no member finished.
    """

    member: int
    n_members: int
    has_diverged: bool = False

    def titled(self, title: Words, *notes: Words) -> Words:
        """A title that says what is left out, and which member is shown where there is a choice.

        Args:
            title: Without that.
            *notes: What else stands in the parentheses.

        Returns:
            With it.

        Example:
            >>> Shown(3, 15).titled(Words(en="Dead units", zh="死亡单元")).en
            'Dead units (the best of 15 members)'
        """
        if self.has_diverged:
            notes = (*notes, Words(en="a member that diverged", zh="已发散的成员"))
        elif self.n_members > 1:
            n = self.n_members
            notes = (*notes, Words(en=f"the best of {n} members", zh=f"{n} 个成员中最好的"))
        if not notes:
            return title
        en, zh = "; ".join(note.en for note in notes), "；".join(note.zh for note in notes)
        return Words(en=f"{title.en} ({en})", zh=f"{title.zh}（{zh}）")


def shown_member(subject: AbstractSubject) -> Shown:
    """Chooses the member that is shown.

    Args:
        subject: A run.

    Returns:
        The best member, or the first where all diverged.
    """
    if not subject.finished:
        return Shown(0, len(subject), has_diverged=True)
    return Shown(subject.best, len(subject))


def shown_probes(subject: AbstractSubject) -> tuple[Shown, pl.DataFrame] | None:
    """What the probes measured in the member that is shown.

    Args:
        subject: A run.

    Returns:
        The member and its rows of `run.probes`; None where nothing was measured.
    """
    if not subject.experiment.probes:
        return None
    shown = shown_member(subject)
    # Of one member alone: the frame of a large population takes seconds, and all but a few rows would be dropped.
    frame = subject.probes if len(subject) == 1 else subject[shown.member].probes
    return None if frame.is_empty() else (shown, frame)
