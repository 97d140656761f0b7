"""Inputs that excite filters."""

import numpy as np

from backlit.explain import Excited
from backlit.measure.activations import outputs_of
from backlit.views.gallery.excited_inputs import VIEW, LayerExcited


def test_sixteen_are_drawn_and_all_are_counted():
    images = np.arange(20 * 25, dtype="float32").reshape(20, 5, 5, 1)
    found = Excited(images, np.arange(20.0), np.zeros(20))
    [figure] = VIEW.draw(LayerExcited("conv", found))
    assert 16 == len(figure.data["images"])
    assert list(range(25)) == figure.data["images"][0]["pixels"]
    assert "activation 3, 0 for the noise" == figure.data["images"][3]["note"]["en"]
    assert "Inputs that excite the filters of conv most: the first 16 of 20" == figure.title.en


def test_of_a_real_run_they_excite_the_last_convolution(digits_cnn_run, digits_run):
    found = VIEW.read(digits_cnn_run)
    [figure] = VIEW.draw(found)
    assert ("second", 12) == (found.layer, len(figure.data["images"]))
    pixels = np.array([image["pixels"] for image in figure.data["images"]], "float32").reshape(12, 8, 8, 1)
    maps = outputs_of(digits_cnn_run.model, "second", pixels)
    middle = np.array([maps[i, 1, 1, i] for i in range(12)])  # of maps of 2 × 2
    assert np.allclose(middle, found.excited.reached, rtol=1e-2, atol=1e-2)
    assert (middle > found.excited.start).mean() > 0.8
    assert VIEW.read(digits_run) is None
