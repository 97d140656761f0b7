"""Backpropagation as steps."""

import json

import keras
import numpy as np

from backlit import explain
from backlit.views.gallery import backprop_steps
from backlit.views.gallery.backprop_steps import VIEW


def test_the_steps_hold_formulas_numbers_and_what_they_use():
    """w = 1, x = 2, y = 5: z = 2, C = (2 − 5)² = 9, ∂C/∂z = −6, ∂C/∂w = 2 · −6 = −12."""
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, kernel_initializer="ones", name="d")])
    [figure] = VIEW.draw(explain.backprop(model, [2.0], [5.0], loss="mean_squared_error", check=False))
    steps = figure.data["steps"]
    assert list(range(1, len(steps) + 1)) == [step["number"] for step in steps]
    [loss] = [step for step in steps if step["kind"] == "loss"]
    assert "9" in loss["equations"][0]
    slope = next(step for step in steps if step["kind"] == "gradient" and step["symbol"] == "∂C/∂w⁽¹⁾")
    assert slope["equations"][0].endswith("= −12")
    assert "1 × 1" == slope["shape"]
    assert ("", "d", "") == (steps[0]["layer"], slope["layer"], loss["layer"])
    assert slope["words"]["en"] != slope["words"]["zh"]
    assert {steps[i - 1]["symbol"] for i in slope["uses"]} == {"x", "∂C/∂z⁽¹⁾"}
    assert None is figure.data["agreement"]
    json.dumps(figure.as_data(), allow_nan=False)


def test_of_a_real_run_the_gradients_agree_and_all_steps_are_there(digits_run):
    found = VIEW.read(digits_run)
    [figure] = VIEW.draw(found)
    assert found.agreement.holds
    assert len(found) == len(figure.data["steps"]) <= backprop_steps.MOST_STEPS
    row = digits_run.data.splits.test[0]
    chances = digits_run.predict(digits_run.data.inputs[[row]])[0]
    assert np.isclose(-np.log(chances[digits_run.data.targets[row]]), found.loss, rtol=1e-3)
    assert "jax.grad" in figure.data["agreement"]["zh"]


def test_a_network_too_large_to_be_read_has_no_such_view(digits_run, monkeypatch):
    monkeypatch.setattr(backprop_steps, "MOST_PARAMETERS", 2_409)  # 64 · 32 + 32 + 32 · 10 + 10 = 2410
    assert VIEW.read(digits_run) is None
    monkeypatch.setattr(backprop_steps, "MOST_PARAMETERS", 2_410)
    monkeypatch.setattr(backprop_steps, "MOST_STEPS", 5)
    assert VIEW.read(digits_run) is None
