"""Pictures and what decisions hang on."""

import numpy as np

from backlit.measure.examples import Examples
from backlit.measure.shown import Shown
from backlit.views.gallery.saliency import VIEW, Salient


def test_each_picture_is_followed_by_its_gradient():
    pictures = np.array([[[[0.5], [1.0]]], [[[0.0], [0.0]]]])
    maps = np.array([[[0.25, 2.0]], [[0.0, 0.0]]])
    examples = Examples("test", np.array([4, 5]), pictures, np.zeros(2, np.int32), ("cat", "dog"))
    [figure] = VIEW.draw(Salient(examples, pictures, maps, ("cat", "cat"), Shown(0, 1)))
    images = figure.data["images"]
    assert [[0.5, 1], [0.25, 2], [0, 0], [0, 0]] == [image["pixels"] for image in images]
    assert [[0.5, 1], [0, 2], [0, 1], [0, 1]] == [image["range"] for image in images]
    assert ["cat", "→ cat", "dog", "→ cat"] == [image["label"]["en"] for image in images]
    assert "真实类别 dog，预测 cat" == images[2]["note"]["zh"]


def test_of_colours_the_gradient_is_grey():
    pictures = np.arange(6.0).reshape(1, 1, 2, 3)
    examples = Examples("test", np.array([4]), pictures, np.zeros(1, np.int32), ("cat",))
    [figure] = VIEW.draw(Salient(examples, pictures, np.array([[[1.0, 2.0]]]), ("cat",), Shown(0, 1)))
    assert [1, 1, 1, 2, 2, 2] == figure.data["images"][1]["pixels"]


def test_of_a_real_run_it_is_the_gradient_of_the_score(digits_run, table_run, regression_run):
    """Of Dense–ReLU–Dense the gradient is W₁ · (h > 0) · W₂."""
    [figure] = VIEW.draw(VIEW.read(digits_run))
    test = digits_run.data.splits.test
    row = digits_run.data.inputs[test[0]].ravel()
    first, bias, second, last = digits_run.model.get_weights()
    sums = row @ first + bias
    chosen = int((np.maximum(sums, 0) @ second + last).argmax())
    slope = np.abs(first @ ((sums > 0) * second[:, chosen]))
    assert np.allclose(slope, figure.data["images"][1]["pixels"], rtol=1e-3, atol=1e-4)
    assert f"→ {chosen}" == figure.data["images"][1]["label"]["en"]
    assert np.allclose(row, figure.data["images"][0]["pixels"], atol=1e-4)
    assert 16 == len(figure.data["images"])
    assert VIEW.read(table_run) is None
    assert VIEW.read(regression_run) is None
