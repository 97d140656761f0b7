import polars as pl
import pytest

from backlit.measure import panels


def history(rows, axes=()):
    """Rows of (member, *axes, epoch, split, value), all of the loss."""
    columns = ["member", *axes, "epoch", "split", "value"]
    return pl.DataFrame([dict(zip(columns, row, strict=True)) for row in rows]).with_columns(
        pl.lit("loss").alias("metric")
    )


def test_one_network_shows_training_and_validation():
    rows = [
        (0, epoch, split, value)
        for epoch, a, b in ((1, 2.0, 3.0), (2, 1.0, 2.5))
        for split, value in (("train", a), ("validation", b))
    ]
    [panel] = panels(history(rows), axes=(), metrics=["loss"])
    assert [str(curve.label) for curve in panel.curves] == ["train", "validation"]
    assert [curve.values for curve in panel.curves] == [(2.0, 1.0), (3.0, 2.5)]
    assert (panel.lowest, panel.highest, panel.split, panel.by) == (1.0, 3.0, "", ())


def test_a_population_shows_means_over_seeds():
    """Rate 0.1: members 0 and 1, means 2 and 3. Rate 0.2: member 2 alone; member 3 diverged after one epoch."""
    rows = [
        (0, 0.1, 0, 1, "validation", 1.0), (0, 0.1, 0, 2, "validation", 2.0),
        (1, 0.1, 1, 1, "validation", 3.0), (1, 0.1, 1, 2, "validation", 4.0),
        (2, 0.2, 0, 1, "validation", 5.0), (2, 0.2, 0, 2, "validation", 6.0),
        (3, 0.2, 1, 1, "validation", float("nan")),
        (0, 0.1, 0, 1, "train", 9.0),
    ]  # fmt: skip
    [panel] = panels(history(rows, ("learning_rate", "seed")), axes=("learning_rate", "seed"), metrics=["loss"])
    assert [(str(curve.label), curve.values) for curve in panel.curves] == [("0.1", (2.0, 3.0)), ("0.2", (5.0, 6.0))]
    assert (panel.split, panel.by) == ("validation", ("learning_rate",))


def test_seeds_alone_show_a_curve_each():
    rows = [(seed, seed, epoch, "train", float(seed + epoch)) for seed in range(3) for epoch in (1, 2)]
    [panel] = panels(history(rows, ("seed",)), axes=("seed",), metrics=["loss"])
    assert [str(curve.label) for curve in panel.curves] == ["0", "1", "2"]
    assert panel.split == "train"


def test_the_eight_best_are_shown():
    rows = [(i, i, epoch, "train", float(10 - i) / epoch) for i in range(10) for epoch in (1, 2)]
    [panel] = panels(history(rows, ("units",)), axes=("units",), metrics=["loss"])
    assert [str(curve.label) for curve in panel.curves] == [str(i) for i in range(2, 10)]
    assert panel.n_left_out == 2


def test_what_shot_up_does_not_press_the_others_flat():
    values = {0: (1.0, 0.5, 0.4), 1: (1.2, 100.0, 1e9)}
    rows = [(i, i, epoch, "train", value) for i, line in values.items() for epoch, value in enumerate(line, 1)]
    [panel] = panels(history(rows, ("seed",)), axes=("seed",), metrics=["loss"])
    assert panel.lowest == 0.4
    assert panel.highest == pytest.approx(3 * 1.1)


def test_a_level_line_has_room():
    [panel] = panels(history([(0, 1, "train", 2.0), (0, 2, "train", 2.0)]), axes=(), metrics=["loss"])
    assert panel.lowest < panel.highest


@pytest.mark.parametrize(
    "rows", [[(0, 1, "train", 2.0)], [(0, 1, "train", float("nan")), (0, 2, "train", float("inf"))]]
)
def test_nothing_to_draw(rows):
    assert panels(history(rows), axes=(), metrics=["loss", "accuracy"]) == []
    assert panels(pl.DataFrame(), axes=(), metrics=["loss"]) == []
