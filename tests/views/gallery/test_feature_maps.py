"""Feature maps of one sample."""

import numpy as np

from backlit.measure.activations import outputs_of
from backlit.measure.examples import Examples
from backlit.views.gallery.feature_maps import VIEW, LayerMaps

SAMPLE = Examples("test", np.array([3]), np.zeros((1, 2, 2, 1)), np.zeros(1, np.int32), ("seven",))


def test_an_image_a_filter_on_one_scale():
    maps = np.arange(8, dtype="float32").reshape(2, 2, 2)
    [figure] = VIEW.draw((LayerMaps("conv_1", maps, SAMPLE),))
    assert "feature-maps-conv-1" == figure.name
    assert [[0, 2, 4, 6], [1, 3, 5, 7]] == [image["pixels"] for image in figure.data["images"]]
    assert [0.0, 7.0] == figure.data["range"]
    assert "Feature maps of conv_1 for one sample: seven" == figure.title.en
    assert "conv_1 层的特征图（一个样本：seven）" == figure.title.zh


def test_large_and_many_maps_are_cut_down():
    [figure] = VIEW.draw((LayerMaps("conv", np.zeros((130, 100, 40), "float32"), SAMPLE),))
    assert (32, 44, 34) == (len(figure.data["images"]), figure.data["height"], figure.data["width"])  # every third
    assert figure.title.en.endswith("the first 32 of 40")


def test_of_a_real_run_they_are_the_outputs_of_its_layers(digits_cnn_run, digits_run):
    first, second = VIEW.draw(VIEW.read(digits_cnn_run))
    row = digits_cnn_run.data.splits.test[0]
    for figure, layer in ((first, "first"), (second, "second")):
        maps = outputs_of(digits_cnn_run.model, layer, digits_cnn_run.data.inputs[[row]])[0]
        assert maps.shape[-1] == len(figure.data["images"])
        assert np.allclose(maps[..., 3].ravel(), figure.data["images"][3]["pixels"], rtol=1e-3, atol=1e-6)
    assert VIEW.read(digits_run) is None
