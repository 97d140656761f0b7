"""Rows on cards."""

from backlit.language import Words
from backlit.measure.told_rows import ToldRow
from backlit.views.row_cards import card_lines, card_numbers


def test_a_sentence_is_quoted():
    assert [Words(en="“not good”", zh="“not good”")] == list(card_lines(ToldRow(0, sentence="not good")))


def test_a_row_of_numbers_is_summed_up():
    [line] = card_lines(ToldRow(0, shape=(50, 2), lowest=-1.25, highest=3.0))
    assert ("50 × 2 numbers from -1.25 to 3", "50 × 2 个数，从 -1.25 到 3") == (line.en, line.zh)


def test_columns_are_numbers_words_marks_or_missing():
    values = (("size", 1.23456), ("colour", "red"), ("smokes", True), ("drinks", False), ("age", None))
    told = ToldRow(0, values=values, n_left_out=3)
    shown = [(words.zh, value) for words, value in card_numbers(told)]
    assert [("size", "1.235"), ("colour", "red"), ("smokes", "✓"), ("drinks", "✗"), ("age", "–")] == shown
    assert ["and 3 more columns"] == [line.en for line in card_lines(told)]


def test_a_whole_row_needs_no_line():
    assert () == card_lines(ToldRow(0, values=(("size", 1.0),)))
