"""What each remedy changed against the control arm: a forest plot, one line a remedy with its 95 % interval."""

from collections.abc import Sequence

import numpy as np

from backlit.language import Words
from backlit.measure.subject import AbstractSubject
from backlit.measure.verdicts import ArmResult, TrialResult, Verdict
from backlit.views.chart import Axis, Chart, Series
from backlit.views.kind import View

VERDICTS: dict[Verdict, Words] = {
    "helps": Words(en="helps", zh="有效"),
    "harms": Words(en="harms", zh="有害"),
    "no effect": Words(en="no effect", zh="无效果"),
}


def read(subject: AbstractSubject) -> TrialResult | None:
    """The trial of a run.

    Args:
        subject: A run.

    Returns:
        What it showed; None where there was none, or it had no remedies.
    """
    return subject.trial if subject.trial is not None and subject.trial.arms else None


def draw(trial: TrialResult) -> Sequence[Chart]:
    """Draws one point with its interval a remedy, and the line of no difference.

    Args:
        trial: What each remedy did.

    Returns:
        One chart.
    """
    places = {id(arm): place for place, arm in enumerate(trial.arms)}
    series = []
    for verdict, words in VERDICTS.items():
        arms = [arm for arm in trial.arms if arm.verdict == verdict]
        if arms:
            ends = (
                np.array([np.nan if end is None else end for end in _ends(arms, name)], float) for name in ("lo", "hi")
            )
            lo, hi = ends
            at = np.array([places[id(arm)] for arm in arms])
            x = np.array([arm.difference for arm in arms], float)
            series.append(Series(words, x, at, kind="points", lo=lo, hi=hi, spread="x"))
    none = Series(Words(en="control", zh="对照组"), np.zeros(2), np.array([0, len(trial.arms) - 1]))
    unit = f" [{trial.unit}]" if trial.unit else ""
    return (
        Chart(
            "trial",
            title=Words(
                en=f"What each remedy changes: {trial.metric.en}{unit}, 95 % interval",
                zh=f"每种对策带来的变化：{trial.metric.zh}{unit}，95% 区间",
            ),
            x=Axis(
                Words(en=f"{trial.metric.en}: remedy less control", zh=f"{trial.metric.zh}：对策减对照组"),
                unit=trial.unit,
            ),
            y=Axis(Words(en="remedy", zh="对策"), labels=tuple(_label(arm) for arm in trial.arms)),
            series=(*series, none),
        ),
    )


def _ends(arms: Sequence[ArmResult], name: str) -> list[float | None]:
    return [getattr(arm, name) for arm in arms]


def _label(arm: ArmResult) -> Words:
    n = arm.n_seeds
    return Words(en=f"{arm.words.en} ({n} seed{'s' * (n > 1)})", zh=f"{arm.words.zh}（{n} 个随机种子）")


VIEW = View(
    name="trial",
    title=Words(en="Trial of remedies", zh="对照试验"),
    about=Words(
        en="Each remedy against the control on equal seeds and budget. An interval that does not touch the line at 0 "
        "shows an effect; one that does shows none.",
        zh="每种对策与对照组使用同样的随机种子和同样的预算。区间不碰到 0 线，说明有效果；碰到了，就不能说有效果。",
    ),
    part="findings",
    read=read,
    draw=draw,
    place=20,
)
