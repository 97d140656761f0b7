"""What the benchmarks compute from their measurements, and that the pages say what the record says."""

import doctest
import importlib
import re
from pathlib import Path

import pytest

from benchmarks import cases, chart, compare, networks, page, probes, record, table
from benchmarks.quality.paired import compared

ROOT = Path(__file__).parent.parent.parent


@pytest.mark.parametrize(
    "name", ["chart", "compare", "filters", "folds", "frames", "networks", "probes", "quality.paired", "table"]
)
def test_the_examples_in_the_docstrings_hold(name):
    result = doctest.testmod(importlib.import_module(f"benchmarks.{name}"))
    assert result.attempted > 0
    assert result.failed == 0


def test_flops_count_products_forward_and_backward():
    # One hidden layer: 6 a weight of the last layer, 4 of the first, whose inputs need no gradient.
    assert 4 * 784 * 16 + 6 * 16 * 10 == networks.flops_per_example(networks.TINY)
    # 28 × 28 places × 9 × 1 × 32 first; 14 × 14 × 9 × 32 × 64, 7 × 7 × 64 × 128 and 128 × 10 after it.
    others = 196 * 288 * 64 + 3136 * 128 + 1280
    assert 4 * 784 * 9 * 32 + 6 * others == networks.flops_per_example(networks.CNN)
    # 28 steps × 28 × 256 gates first; 28 × 64 × 256 and the head after it.
    assert 4 * 28 * 28 * 256 + 6 * (28 * 64 * 256 + 640) == networks.flops_per_example(networks.LSTM)


def test_the_best_peer_is_the_best_by_its_median_not_in_its_best_round():
    rates = {"backlit": [4.0, 4.0, 4.0], "steady": [2.0, 2.0, 2.0], "lucky": [1.0, 1.0, 8.0]}
    result = compare.ratio(rates, ["lucky", "steady"])
    assert result == {"peer": "steady", "median": 2.0, "low": 2.0, "high": 2.0}


def test_a_margin_is_negative_where_a_bound_is_missed():
    bounds = (("default", 2.0), ("tuned", 2.0), ("pair", 9.0))
    result = compare.margins(bounds, {"default": {"median": 3.0}, "tuned": {"median": 1.0}})
    assert result == {  # 3 / 2 - 1 and 1 / 2 - 1; no pair was measured
        "default": {"bound": 2.0, "margin": 0.5, "holds": True},
        "tuned": {"bound": 2.0, "margin": -0.5, "holds": False},
    }


def test_contenders_that_train_less_well_are_refused_by_name():
    compare.require_equal({"backlit": 0.85, "fast": 0.84}, "MLP", 0.02)
    with pytest.raises(compare.Unequal, match=r"MLP: .* 0\.150.* fast 0\.700"):
        compare.require_equal({"backlit": 0.85, "fast": 0.70}, "MLP", 0.02)


def test_a_case_survives_the_way_to_its_worker():
    import json

    for case in (*cases.CASES, *cases.GPU_CASES):
        wire = json.loads(json.dumps(case.to_json()))
        assert case.network == cases.Case.from_json(wire).network
        assert case.batch_size == cases.Case.from_json(wire).batch_size


def test_every_case_has_a_chinese_name_and_its_bounds():
    assert [case.name for case in cases.CASES] == list(table.CHINESE_NAMES)
    assert [case.name for case in cases.CASES if not case.floors or not case.targets] == []


def test_the_interval_of_an_overhead_holds_its_median():
    result = probes.summary([1.0 + 0.001 * i for i in range(21)])
    low, high = result["interval_frac"]
    assert low < result["overhead_frac"] < high
    assert round(result["overhead_frac"], 6) == 0.01  # the middle one of 0 … 20 thousandths
    assert probes.summary([1.06] * 21)["margin"] < 0


def test_the_pages_are_what_the_record_gives():
    known = record.load()
    assert (ROOT / "docs" / "benchmarks.md").read_text("utf-8") == page.page(known)
    for name, is_chinese in (("README.md", False), ("README.zh.md", True)):
        assert table.short_table(known, is_chinese=is_chinese) in (ROOT / name).read_text("utf-8")


def test_a_page_shows_every_section_of_a_record():
    known = record.load()
    name, case = next(iter(known["cases"].items()))
    case = {**case, "absent": {"torch-compile": "it needs a C++ compiler"}}
    words = page.page(
        {
            "machine": known["machine"],
            "cases": {name: case},
            "matmul": {"best": 4e11, "xla": {"512": 4e11}, "torch": {"512": 2e11}},
            "first-step": {"cold": {"seconds": 4.5, "bound": 3.0, "margin": -0.5, "holds": False}},
            "start-up": {"python alone": {"seconds": 0.02}},
            "probes": {name: probes.summary([1.01] * 21)},
            "augmentation": {"all": probes.summary([1.2] * 21, floor_frac=0.3, target_frac=0.15)},
            "quality": {"augmentation, digits": compared([0.9, 0.92, 0.94], [0.85, 0.85, 0.85])},
            "scaling": {"members": {"points": [{"at": 1, "rate": 5e5, "flops": 1e11}]}},
            "profiles": {name: {"parts_us": {"forward": 30.0, "backward": 70.0}, "block": 1}},
        }
    )
    for part in (
        "Without `torch-compile`: it needs a C++ compiler.",
        "400 GFLOP/s (XLA 400, torch 200)",
        "| cold | 4.50 s | 3 s (−50%) |",
        "| +1.0% | +1.0% to +1.0% | 21 | yes | yes |",
        "| all | +20% | +20% to +20% | 21 | yes | no |",
        "| augmentation, digits | 85.0% | 92.0% | +7.0% | +2.0% to +12% | 3 |",
        f"| 1 | 500 k | 25.0% | {'█' * chart.WIDTH} |",
        "| 30 (30%) | 70 (70%) | 100 |",
        "no GPU was at hand",
    ):
        assert part in words


def test_the_peers_environment_has_the_same_keras_and_numpy():
    def pins(path):
        lines = re.findall(r"^(keras|numpy)==(\S+)(?: ; (python_full_version .*?))?(?: \\)?$", path, re.MULTILINE)
        return {(name, version, when.strip()) for name, version, when in lines}

    ours = pins((ROOT / "requirements" / "dev.txt").read_text("utf-8"))
    assert len(ours) == 3
    assert ours == pins((ROOT / "requirements" / "bench.txt").read_text("utf-8"))


def test_filters_that_are_excited_less_are_refused_and_the_page_says_the_rest():
    from benchmarks import filters

    told = {"backlit": [{"first_s": 4.0, "again_s": 0.5, "reached": 2.0}]}
    told["keras-jax"] = [{"first_s": 9.0, "again_s": 5.0, "reached": 1.97}]
    lines = "\n".join(page._filters({"filters": {filters.NAME: filters.summary(told)}}))
    assert "Ratio: 10.0 (10.0 to 10.0; floor 5, +100%); at most 3 s (+83%)." in lines
    told["keras-jax"][0]["reached"] = 1.9
    with pytest.raises(RuntimeError, match=r"activations reached differ: .*1\.9"):
        filters.summary(told)


def test_frames_below_thirty_are_missed_and_the_page_says_how_many():
    from benchmarks import frames

    slow = frames.summary([[40.0] * 40])
    assert (slow["holds"], round(slow["margin"], 3)) == (False, -0.167)
    lines = "\n".join(page._frames({"frames": {"network": slow}}))
    assert "| network | 25 | 25 to 25 | 25 | 30 (−17%) |" in lines
    assert list(page._frames({})) == []
