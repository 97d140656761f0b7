"""What a doctor says of a run and what a trial showed, as plain data: what finding cards and the forest plot read.

    FindingSummary("G301", name=…, evidence=((Words(en="ratio", zh="比值"), "1e-9"),), threshold=…, …)
    TrialResult(metric=…, unit="", arms=(ArmResult(words=…, n_seeds=10, difference=0.02, lo=0.01, hi=0.03, …), …))

Nothing here examines a run or trains: whoever does fills `run.findings` and `run.trial`.
"""

from dataclasses import dataclass
from typing import Literal

from backlit.language import Words

Verdict = Literal["helps", "no effect", "harms"]


@dataclass(frozen=True)
class ArmResult:
    """How one remedy did against the control arm, on equal seeds and budget.

    Attributes:
        words: What was changed.
        n_seeds: Seeds that both trained with.
        difference: Mean over the seeds of the remedy's metric less the control's.
        lo: Lower end of the 95 % interval of the difference; None with fewer than two seeds.
        hi: Upper end.
        verdict: What follows.
    """

    words: Words
    n_seeds: int
    difference: float
    lo: float | None
    hi: float | None
    verdict: Verdict


@dataclass(frozen=True)
class TrialResult:
    """What a trial showed.

    Attributes:
        metric: What was compared.
        unit: Of the metric; empty for plain numbers and shares.
        arms: The remedies, in the order in which they are shown.
    """

    metric: Words
    unit: str
    arms: tuple[ArmResult, ...]


@dataclass(frozen=True)
class FindingSummary:
    """One named problem.

    Attributes:
        code: Of the rule, such as `G301`.
        name: Of the problem.
        where: The layer, the column, the epoch.
        evidence: Names and numbers that speak for it.
        threshold: The number that was crossed, in words.
        source: Of the threshold: a key of `sources.py`, or `ours: why`.
        confidence: From 0 to 1; None where it is not known.
        lesson: Number of the lesson that explains it, or None.
        remedies: What can be tried.
        seeds: In how many seeds it was found, such as `4/5`; "" for one network.
    """

    code: str
    name: Words
    where: Words
    evidence: tuple[tuple[Words, str], ...]
    threshold: Words
    source: str
    confidence: float | None
    lesson: int | None
    remedies: tuple[Words, ...]
    seeds: str = ""
