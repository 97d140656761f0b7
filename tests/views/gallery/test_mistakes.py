"""The most confident mistakes as pictures or cards."""

import numpy as np

from backlit.measure.judged import SPLIT_WORDS
from backlit.measure.mistaken import Mistaken, SureMistake
from backlit.measure.pictures import Pictures
from backlit.measure.told_rows import ToldRow
from backlit.views.gallery.mistakes import VIEW

SURE = SureMistake(17, "3", "5", confidence=0.94, chance_of_true=0.021)
LONG = SureMistake(4, "ankle boot", "sneaker", confidence=0.6, chance_of_true=0.3)


def found(mistakes, *, pictures=None, told=()):
    return Mistaken(mistakes, 7, 100, SPLIT_WORDS["test"], pictures, told)


def test_pictures_carry_what_they_were_taken_for():
    pixels = np.arange(8.0).reshape(2, 2, 2, 1)
    [grid] = VIEW.draw(found((SURE, LONG), pictures=Pictures(pixels, 0.0, 7.0)))
    assert ("image_grid", "mistakes") == (grid.kind, grid.name)
    first, second = grid.data["images"]
    assert ([0, 1, 2, 3], "3 → 5  94%") == (first["pixels"], first["label"]["zh"])
    assert "row 17: 94% sure of 5; 2.1% for 3, which is true" == first["note"]["en"]
    assert "ankle boot → sneaker" == second["label"]["en"]  # no room for the probability, which is in the note
    assert 6 == grid.data["columns"]  # a long name needs more room
    assert ([0, 7], 2, 2, 1) == tuple(grid.data[key] for key in ("range", "height", "width", "channels"))
    assert "The 2 most confident of 7 mistakes (test rows)" == grid.title.en
    assert "100 个样本中有 7 个预测错了" in grid.alternative.zh


def test_all_mistakes_are_said_to_be_all():
    pixels = np.zeros((1, 2, 2, 1))
    found_all = Mistaken((SURE,), 1, 100, SPLIT_WORDS["test"], Pictures(pixels, 0.0, 7.0), ())
    [grid] = VIEW.draw(found_all)
    assert ("All mistakes, the most confident first (test rows)", 8) == (grid.title.en, grid.data["columns"])


def test_other_rows_are_cards():
    told = (ToldRow(17, values=(("size", 1.5),)),)
    [cards] = VIEW.draw(found((SURE,), told=told))
    [card] = cards.cards
    assert ("3 → 5", "bad") == (card.heading.en, card.tone)
    assert "row 17: 94% sure of 5; 2.1% for 3, which is true" == card.lines[0].en
    assert [("size", "1.5")] == [(words.en, value) for words, value in card.numbers]
    assert "7 个错误中最有把握的 1 个（测试集）" == cards.title.zh
    assert cards.about.en.startswith("7 of 100 rows are wrong")


def test_real_runs(digits_run, digits_cnn_run, crowd, regression_run, diverged_run):
    for run in (digits_run, digits_cnn_run):
        [grid] = VIEW.draw(VIEW.read(run))
        assert ("image_grid", 8, 8) == (grid.kind, grid.data["height"], grid.data["width"])
        assert 1 <= len(grid.data["images"]) <= 16
    [cards] = VIEW.draw(VIEW.read(crowd))
    assert {"x", "y"} == {words.en for words, _ in cards.cards[0].numbers}
    assert [None, None] == [VIEW.read(run) for run in (regression_run, diverged_run)]
