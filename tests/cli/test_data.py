"""`backlit data`: what is said of tables, pictures, catalogue sets and arrays before anything is trained."""

import json

import numpy as np
import pytest
from PIL import Image

import backlit as bl
from tests.cli.test_train import width_of


@pytest.fixture
def pets(tmp_path):
    """Two kinds of pictures, one there twice, one broken."""
    for k, name in enumerate(("cat", "dog")):
        (tmp_path / "pets" / name).mkdir(parents=True)
        for i in range(30 if k else 3):
            Image.fromarray(np.full((6, 6), 100 * k + i, np.uint8)).save(tmp_path / "pets" / name / f"{i:02}.png")
    Image.fromarray(np.full((6, 6), 100, np.uint8)).save(tmp_path / "pets" / "dog" / "again.png")
    (tmp_path / "pets" / "cat" / "broken.png").write_text("x")
    return str(tmp_path / "pets")


def test_pictures(backlit_command, pets):
    answer = backlit_command("data", pets)
    assert answer.code == 0, answer.err
    for part in (
        "Data `pets`: 34 rows, each input (6, 6, 1) float32",
        "Pictures: PNG 34; all 6 × 6 pixels (height × width)",
        "dog      31  91.2%  ████████████████████",
        "cat       3   8.8%  ██ ",
        "Not read: 1 of 35",
        "cat/broken.png  no PNG, JPEG, WebP, BMP or GIF picture",
        "Class `dog` has 10 times the rows of `cat`: who always answers `dog` is right in 91%",
        "1 rows repeat the inputs of an earlier one, such as `dog/00.png`, `dog/again.png`",
        f"backlit train {pets}",
    ):
        assert part in answer.out
    assert answer.out.count("broken.png") == 1
    assert answer.err == ""


def test_both_languages_say_it_and_tables_fit(backlit_command, pets):
    chinese = backlit_command("--lang", "zh", "data", pets).out
    for part in ("图像：PNG 34；全部为 6 × 6 像素（高 × 宽）", "未能读取：共 35，其中 1", "值得留意", "占比"):
        assert part in chinese
    for words in (chinese, backlit_command("data", "breast-cancer").out):
        table = [line.rstrip() for line in words.splitlines() if "  " in line.strip() and "/" not in line]
        assert max(map(width_of, table)) <= 80


def test_a_table_with_its_columns(backlit_command, tmp_path):
    path = tmp_path / "t.csv"
    lines = [f"{i},{['red', 'blue'][i % 2]},7,{i % 3}" for i in range(40)]
    path.write_text("\n".join(["size,colour,same,kind", *lines]))
    answer = backlit_command("data", str(path), "--target", "kind", "--test-split", "0.2")
    assert answer.code == 0, answer.err
    for part in ("colour", "blue 20, red 20", "`same`", "backlit train", "--target kind --test-split 0.2"):
        assert part in answer.out
    assert answer.out.count("colour  ") == 1


def test_catalogue_sets_and_arrays(backlit_command, tmp_path):
    iris = backlit_command("data", "iris").out
    assert "sepal length (cm)" in iris
    assert "4.3 … 7.9" in iris
    rng = np.random.default_rng(0)
    np.savez(tmp_path / "bytes.npz", x=rng.integers(0, 256, (50, 4, 4)).astype(np.uint8), y=np.arange(50) % 2)
    arrays = backlit_command("data", str(tmp_path / "bytes.npz")).out
    assert "as they came: networks learn better from about −1 to 1" in arrays
    assert "Nothing looks odd" in backlit_command("data", "moons").out


def test_json_holds_the_same(backlit_command, pets):
    found = json.loads(backlit_command("data", pets, "--json").out)
    assert (34, "classification", [6, 6, 1]) == (found["n_rows"], found["task"], found["input_shape"])
    assert [3, 31] == [one["n_rows"] for one in found["classes"]]
    assert ["cat/broken.png"] == [one["place"] for one in found["rejected"]]
    assert {"n_repeated": 1, "n_judging": 0, "n_disagreeing": 0} == found["repeats"] | {"n_judging": 0}
    assert "imbalance" in {one["kind"] for one in found["remarks"]}


def test_mistakes_end_with_two(backlit_command, tmp_path):
    (tmp_path / "empty").mkdir()
    answer = backlit_command("data", str(tmp_path / "empty"))
    assert answer.code == 2
    assert "expected a folder for each class" in answer.err
    assert backlit_command("data", "nowhere.csv").code == 2
    chinese = backlit_command("--lang", "zh", "data", str(tmp_path / "empty"))
    assert "应为每个类别一个文件夹" in chinese.err


@pytest.mark.slow
def test_from_a_folder_to_predictions_without_python(backlit_command, tmp_path):
    shapes = bl.load("shapes", n=90, size=34)
    folder = tmp_path / "shapes"
    for row, (picture, label) in enumerate(zip(shapes.inputs, shapes.targets, strict=True)):
        place = folder / shapes.class_names[label] / f"{row}.png"
        place.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.round(picture * 255).astype(np.uint8)).save(place)
    (folder / shapes.class_names[0] / "broken.png").write_text("x")
    assert backlit_command("data", str(folder)).code == 0
    answer = backlit_command("train", str(folder), "--epochs", "1", "--save-model", str(tmp_path / "m.keras"))
    assert answer.code == 0, answer.err
    assert "Model: `cnn`" in answer.out
    assert "conv_3" in answer.out  # 34 pixels: three halvings
    shown = backlit_command("--lang", "zh", "show", "last")
    assert shown.code == 0, shown.err
    out = tmp_path / "out.csv"
    answer = backlit_command("predict", "last", str(folder), "--out", str(out))
    assert answer.code == 0, answer.err
    assert "90 rows written" in answer.out
    assert "broken.png" in (tmp_path / "out.rejected.csv").read_text()
    lines = out.read_text().splitlines()
    assert lines[0].startswith("file,prediction,")
    assert len(lines) == 91
    run = bl.open_run("last")
    probabilities = np.array([line.split(",")[2:] for line in lines[1:]], float)
    order = [run.data.places.index(line.split(",")[0]) for line in lines[1:]]
    np.testing.assert_allclose(run.predict(run.data.inputs[order]), probabilities, rtol=1e-5, atol=1e-7)
    saved = backlit_command("predict", str(tmp_path / "m.keras"), str(folder), "--out", str(tmp_path / "saved.csv"))
    assert saved.code == 0, saved.err
    again = np.array([line.split(",")[2:] for line in (tmp_path / "saved.csv").read_text().splitlines()[1:]], float)
    np.testing.assert_allclose(probabilities, again, rtol=1e-4, atol=1e-6)
    Image.new("RGB", (34, 34)).save(folder / shapes.class_names[0] / "0.png")
    (folder / shapes.class_names[0] / "new.png").write_bytes((folder / shapes.class_names[0] / "0.png").read_bytes())
    changed = backlit_command("rerun", "last")
    assert changed.code == 2
    assert "other contents" in changed.err
