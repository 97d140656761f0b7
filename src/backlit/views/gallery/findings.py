"""What is wrong with a run, one card a finding: where, on which evidence, by which threshold, and what can be tried."""

from collections.abc import Sequence

from backlit.language import Words
from backlit.measure.subject import AbstractSubject
from backlit.measure.verdicts import FindingSummary
from backlit.sources import SOURCES
from backlit.views.cards import Card, Cards
from backlit.views.kind import View


def read(subject: AbstractSubject) -> tuple[FindingSummary, ...] | None:
    """The findings of a run.

    Args:
        subject: A run.

    Returns:
        The findings; None where nothing was found, or nobody looked.
    """
    return subject.findings or None


def draw(findings: Sequence[FindingSummary]) -> Sequence[Cards]:
    """Draws one card a finding.

    Args:
        findings: In the order of their weight.

    Returns:
        The cards.
    """
    n = len(findings)
    title = Words(en=f"{n} finding{'s' * (n > 1)}", zh=f"{n} 条诊断结果")
    return (Cards("findings", title, tuple(_card(one) for one in findings)),)


def _card(one: FindingSummary) -> Card:
    lines = [Words(en=f"Where: {one.where.en}", zh=f"位置：{one.where.zh}")]
    lines.append(Words(en=f"Threshold: {one.threshold.en}", zh=f"阈值：{one.threshold.zh}"))
    source = _source(one.source)
    lines.append(Words(en=f"Source: {source}", zh=f"来源：{source}"))
    if one.remedies:
        en, zh = "; ".join(each.en for each in one.remedies), "；".join(each.zh for each in one.remedies)
        lines.append(Words(en=f"Can be tried: {en}", zh=f"可以尝试：{zh}"))
    if one.lesson is not None:
        lines.append(Words(en=f"Lesson {one.lesson} explains it.", zh=f"第 {one.lesson} 课讲解这个问题。"))
    numbers = list(one.evidence)
    if one.seeds:
        numbers.append((Words(en="found in seeds", zh="出现于随机种子"), one.seeds))
    if one.confidence is not None:
        numbers.append((Words(en="confidence", zh="置信度"), f"{one.confidence:.0%}"))
    return Card(heading=one.name, lines=tuple(lines), numbers=tuple(numbers), tone="warning", tag=one.code)


def _source(key: str) -> str:
    """Authors, year and title of a key of `sources.py`; what is ours stays as it is written."""
    known = SOURCES.get(key)
    return key if known is None else f"{known.authors} ({known.year}), {known.title}"


VIEW = View(
    name="findings",
    title=Words(en="Findings", zh="诊断结果"),
    about=Words(
        en="What seems to be wrong, with the numbers that speak for it and what can be tried.",
        zh="看起来有问题的地方、支持这一判断的数字，以及可以尝试的办法。",
    ),
    part="findings",
    read=read,
    draw=draw,
    place=10,
)
