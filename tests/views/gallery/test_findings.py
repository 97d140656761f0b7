"""Findings as cards."""

from backlit.language import Words
from backlit.measure.verdicts import FindingSummary
from backlit.sources import SOURCES
from backlit.views.gallery.findings import VIEW
from tests.measure.stand_in import StandIn

VANISHING = FindingSummary(
    "G301",
    name=Words(en="vanishing gradients", zh="梯度消失"),
    where=Words(en="layer dense_1", zh="dense_1 层"),
    evidence=((Words(en="first over last layer", zh="第一层与最后一层之比"), "1e-9"),),
    threshold=Words(en="below 1e-6", zh="低于 1e-6"),
    source="glorot-bengio-2010",
    confidence=0.93,
    lesson=28,
    remedies=(Words(en="ReLU", zh="改用 ReLU"), Words(en="batch normalisation", zh="批量归一化")),
    seeds="4/5",
)


def test_a_card_says_all_that_a_finding_holds():
    [cards] = VIEW.draw((VANISHING,))
    [card] = cards.cards
    assert ("G301", "warning", "1 finding", "1 条诊断结果") == (card.tag, card.tone, cards.title.en, cards.title.zh)
    source = SOURCES["glorot-bengio-2010"]
    assert [
        "Where: layer dense_1",
        "Threshold: below 1e-6",
        f"Source: {source.authors} (2010), {source.title}",
        "Can be tried: ReLU; batch normalisation",
        "Lesson 28 explains it.",
    ] == [line.en for line in card.lines]
    assert "可以尝试：改用 ReLU；批量归一化" == card.lines[3].zh
    assert [("first over last layer", "1e-9"), ("found in seeds", "4/5"), ("confidence", "93%")] == [
        (words.en, value) for words, value in card.numbers
    ]


def test_what_is_not_known_is_left_out():
    bare = FindingSummary("D101", VANISHING.name, VANISHING.where, (), VANISHING.threshold, "ours: why", None, None, ())
    [cards] = VIEW.draw((bare, bare))
    assert ["Where: layer dense_1", "Threshold: below 1e-6", "Source: ours: why"] == [
        line.en for line in cards.cards[0].lines
    ]
    assert ((), "2 findings") == (cards.cards[0].numbers, cards.title.en)


def test_a_run_shows_what_was_found(digits_run):
    assert VIEW.read(digits_run) is None
    run = StandIn()
    run.findings = (VANISHING,)
    assert (VANISHING,) == VIEW.read(run)
