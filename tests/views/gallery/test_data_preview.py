"""A few training rows."""

import numpy as np

from backlit.measure.pictures import Pictures
from backlit.measure.preview import Preview
from backlit.measure.told_rows import ToldRow
from backlit.views.gallery.data_preview import VIEW


def test_pictures_carry_their_class():
    pictures = Pictures(np.zeros((2, 4, 4, 3)), 0.0, 255.0)
    [grid] = VIEW.draw(Preview(("cat", "dog"), has_amounts=False, pictures=pictures, told=()))
    assert ["cat", "dog"] == [image["label"]["en"] for image in grid.data["images"]]
    assert (3, [0, 255]) == (grid.data["channels"], grid.data["range"])
    assert "2 幅 4 × 4 像素" in grid.alternative.zh


def test_other_rows_are_cards_with_their_class_or_amount():
    told = (ToldRow(0, values=(("size", 1.5),)), ToldRow(1, sentence="not good"))
    [cards] = VIEW.draw(Preview(("2.5", "7"), has_amounts=True, pictures=None, told=told))
    assert ["target 2.5", "target 7"] == [card.heading.en for card in cards.cards]
    assert "1.5" == cards.cards[0].numbers[0][1]
    assert "“not good”" == cards.cards[1].lines[0].zh


def test_real_runs(digits_run, table_run, regression_run, crowd, diverged_run):
    [grid] = VIEW.draw(VIEW.read(digits_run))
    assert [str(i) for i in range(10) for _ in range(3)] == [image["label"]["en"] for image in grid.data["images"]]
    [cards] = VIEW.draw(VIEW.read(table_run))
    assert ["setosa"] * 3 == [card.heading.en for card in cards.cards[:3]]
    [cards] = VIEW.draw(VIEW.read(regression_run))
    assert 6 == len(cards.cards)
    for run in (crowd, diverged_run):
        assert VIEW.draw(VIEW.read(run))
