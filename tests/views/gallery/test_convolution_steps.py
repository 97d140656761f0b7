"""Windows that slide."""

import numpy as np
import pytest

from backlit import explain
from backlit.measure.activations import outputs_of
from backlit.measure.examples import Examples
from backlit.measure.window_samples import WindowSample
from backlit.views.gallery.convolution_steps import VIEW, Slide

SAMPLE = Examples("test", np.array([3]), np.zeros((1, 2, 2, 1)), np.zeros(1, np.int32), ("seven",))
PICTURE = np.array([[1.0, 2.0], [3.0, 4.0]])


def test_a_kernel_with_its_padding():
    """1·1 + 2·10 + 3·100 + 4·1000 + 0.5 = 4321.5 where the window fits; a row and a column of zeros at the ends."""
    kernel = np.array([[1.0, 10.0], [100.0, 1000.0]])
    sample = WindowSample("conv", "convolution", PICTURE, kernel, 0.5, (2, 2), 1, "same", 0, 1, 4, 8, SAMPLE)
    sliding = explain.convolution(PICTURE, kernel, bias=0.5, padding="same")
    [figure] = VIEW.draw((Slide(sample, sliding),))
    data = figure.data
    assert [[1, 2, 0], [3, 4, 0], [0, 0, 0]] == data["image"]
    assert {"top": 0, "bottom": 1, "left": 0, "right": 1} == data["padding"]
    assert ({"row": 0, "column": 0, "patch": [[1, 2], [3, 4]], "sum": 4322.0}, 4) == (
        data["positions"][0],
        len(data["positions"]),
    )
    assert (kernel.tolist(), 0.5, 1) == (data["kernel"], data["bias"], data["strides"])
    assert "Filter 5 of 8 of conv, position by position" == figure.title.en
    assert "conv 层的第 5 个滤波器（共 8 个），逐个位置" == figure.title.zh


def test_pooling_has_no_kernel():
    sample = WindowSample("pool", "max", PICTURE, None, 0.0, (2, 2), 2, "valid", 2, 8, 0, 0, SAMPLE)
    [figure] = VIEW.draw((Slide(sample, explain.pooling(PICTURE)),))
    assert ("max", None, [[4.0]]) == tuple(figure.data[key] for key in ("kind", "kernel", "output"))
    assert "Max pooling of pool on map 3 of 8" == figure.title.en
    assert "the first: max(1, 2, 3, 4) = 4." in figure.alternative.en


def test_of_a_real_run_the_outputs_are_those_of_its_layers(digits_cnn_run, digits_run):
    slides = VIEW.read(digits_cnn_run)
    convolved, pooled = VIEW.draw(slides)
    row = digits_cnn_run.data.splits.test[0]
    inputs = digits_cnn_run.data.inputs[[row]]
    maps = outputs_of(digits_cnn_run.model, "first", inputs)[0]
    assert np.maximum(convolved.data["output"], 0) == pytest.approx(maps[..., slides[0].sample.filter], abs=2e-3)
    smaller = outputs_of(digits_cnn_run.model, "pool", inputs)[0]
    assert np.array(pooled.data["output"]) == pytest.approx(smaller[..., slides[1].sample.channel], abs=2e-3)
    assert VIEW.read(digits_run) is None
