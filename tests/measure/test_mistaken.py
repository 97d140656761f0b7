"""The most confident mistakes."""

import numpy as np

from backlit.measure.mistaken import MOST_MISTAKES, SureMistake, mistaken
from tests.measure.stand_in import StandIn, rows_of

CHANCES = np.array([[0.9, 0.1, 0.0], [0.2, 0.7, 0.1], [0.5, 0.4, 0.1], [0.1, 0.1, 0.8]])


def network(rows):
    """A row's first number says which line of probabilities it gets."""
    return CHANCES[rows.reshape(len(rows), -1)[:, 0].astype(int)]


def test_the_surest_mistake_comes_first():
    # Rows 0 to 3 are taken for a, b, a, c with 0.9, 0.7, 0.5, 0.8. Row 0 is right; row 3 trains.
    data = rows_of([[0.0], [1.0], [2.0], [3.0]], [0, 0, 1, 0], test=[0, 1, 2], class_names=("a", "b", "c"))
    found = mistaken(StandIn(data=data, predict=network))
    assert (
        SureMistake(1, "a", "b", confidence=0.7, chance_of_true=0.2),
        SureMistake(2, "b", "a", confidence=0.5, chance_of_true=0.4),
    ) == found.mistakes
    assert (2, 3, "test rows") == (found.n_mistakes, found.n_rows, found.split_words.en)
    assert ([1, 2], None) == ([told.row for told in found.told], found.pictures)


def test_pictures_come_along_in_the_same_order():
    inputs = np.zeros((3, 8, 8), np.float32)
    inputs[:, 0, 0] = [2, 1, 3]  # taken for a with 0.5, b with 0.7, c with 0.8
    found = mistaken(StandIn(data=rows_of(inputs, [1, 0, 2]), predict=network))
    assert [1, 0] == [one.row for one in found.mistakes]
    assert [1.0, 2.0] == found.pictures.pixels[:, 0, 0, 0].tolist()
    assert () == found.told


def test_at_most_sixteen_are_shown_and_all_are_counted():
    data = rows_of(np.ones((20, 1), np.float32), np.zeros(20), class_names=("a", "b", "c"))
    found = mistaken(StandIn(data=data, predict=network))
    assert (MOST_MISTAKES, 20) == (len(found.mistakes), found.n_mistakes)
    assert list(range(16)) == [one.row for one in found.mistakes]


def test_without_a_mistake_there_is_nothing_to_show():
    assert mistaken(StandIn(data=rows_of([[0.0], [1.0], [3.0]], [0, 1, 2]), predict=network)) is None
