import numpy as np

from backlit.measure import boundary_grid

ROWS = np.array([[0.0, 10.0], [2.0, 30.0]])


def test_the_grid_covers_the_rows_with_room_and_is_asked_place_by_place():
    """x from 0 to 2 with a tenth of 2 on both sides; y from 10 to 30 with 2 on both sides."""
    grid = boundary_grid(lambda rows: rows, ROWS, resolution=3)
    np.testing.assert_allclose(grid.x, [-0.2, 1.0, 2.2])
    np.testing.assert_allclose(grid.y, [8.0, 20.0, 32.0])
    np.testing.assert_allclose(grid.values[2, 0], [-0.2, 32.0])  # third line, first column: the rows give themselves
    assert grid.values.shape == (3, 3, 2)


def test_other_features_stay_at_their_means_and_any_two_may_be_the_plane():
    rows = np.array([[1.0, 0.0, 0.0], [5.0, 1.0, 1.0]])
    asked = boundary_grid(lambda rows: rows, rows, features=(2, 1), resolution=4).values.reshape(-1, 3)
    assert set(asked[:, 0]) == {3.0}  # the mean of 1 and 5
    assert len(set(asked[:, 1])) == len(set(asked[:, 2])) == 4


def test_a_network_is_asked_in_the_type_of_its_inputs_and_may_give_one_number():
    seen = []
    grid = boundary_grid(lambda rows: seen.append(rows.dtype) or rows[:, 0], ROWS.astype(np.float32), resolution=2)
    assert seen == [np.float32]
    assert grid.values.shape == (2, 2, 1)


def test_a_feature_that_never_changes_still_has_a_width():
    grid = boundary_grid(lambda rows: rows, np.ones((3, 2)), resolution=3)
    assert [0.0, 1.0, 2.0] == grid.x.tolist()
