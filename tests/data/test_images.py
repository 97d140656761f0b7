"""Folders of pictures: how they are understood, what is left out, and what travels with the model."""

import os
import sys

import numpy as np
import pytest
from PIL import Image

from backlit.data import load
from backlit.data.picture_preparation import PicturePreparation
from backlit.data.preparation import preparation_from_json, preparation_to_json
from backlit.errors import DataError, SettingError


@pytest.fixture
def folder(tmp_path):
    """A folder, and a way to put pictures of one brightness into it."""

    class Folder:
        path = tmp_path / "pets"

        def put(self, name, value=0, shape=(4, 4), **options):
            place = self.path / name
            place.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(np.full(shape, value, np.uint8)).save(place, **options)
            return place

        def classes(self, n=5, names=("cat", "dog"), shape=(4, 4), below=""):
            for k, name in enumerate(names):
                for i in range(n):
                    self.put(f"{below}{name}/{i}.png", 100 * k + i, shape)
            return self.path

    return Folder()


def rejected(data):
    return {str(one.place): str(one.reason) for one in data.rejected}


def said(data):
    return "\n".join(str(line) for line in data.describe())


def test_folders_are_classes_and_order_is_that_of_names(folder):
    data = load(folder.classes())
    assert ("pets", "classification", ("cat", "dog")) == (data.name, data.task, data.class_names)
    assert (10, 4, 4, 1) == data.inputs.shape
    assert [0] * 5 + [1] * 5 == data.targets.tolist()
    shown = np.array([0, 1, 2, 3, 4, 100, 101, 102, 103, 104]) / 255
    np.testing.assert_allclose(shown, data.inputs[:, 0, 0, 0], rtol=1e-6)
    assert "cat/0.png" == data.places[0]
    assert "Colours: grey" in said(data)
    assert "all 4 × 4 pixels" in said(data)
    assert "Inputs: pixels from 0 (black) to 1 (white)" in said(data)
    assert data.digest() == load(folder.path).digest()


def test_classes_that_are_numbers_count_as_numbers(folder):
    assert ("2", "10") == load(folder.classes(names=("10", "2"))).class_names


def test_deeper_folders_belong_to_their_class_and_a_wrapper_is_looked_through(folder):
    folder.classes(below="archive/")
    folder.put("archive/cat/more/deep.png", 7)
    data = load(folder.path)
    assert (11, ("cat", "dog")) == (len(data), data.class_names)
    assert "archive" == data.name
    assert "cat/more/deep.png" in data.places


def test_mixed_sizes_come_to_the_median_and_a_size_that_is_asked_for(folder):
    for i, shape in enumerate([(10, 20), (10, 20), (40, 20), (10, 20), (12, 30), (10, 20)]):
        folder.put(f"{'ab'[i % 2]}/{i}.png", 9 * i, shape)
    data = load(folder.path)
    assert (10, 20, 1) == data.input_shape
    assert "10 × 20 … 40 × 30 pixels, scaled and cut at both ends to 10 × 20; another size with `size=…`" in said(data)
    assert (8, 8, 1) == load(folder.path, size=8).input_shape
    asked = load(folder.path, size=(6, 5))
    assert (6, 5, 1) == asked.input_shape
    assert "to 6 × 5, as asked" in said(asked)
    assert (6, 5, 1) == load(load(folder.path, size=(6, 5)), seed=1).input_shape


def test_large_pictures_are_scaled_down_with_their_shape(folder):
    assert (64, 32, 1) == load(folder.classes(n=2, shape=(200, 100)), test_split=0).input_shape


@pytest.mark.parametrize("size", [0, 2000, "big", (3,), (3, 4, 5)])
def test_sizes_that_are_none(folder, size):
    with pytest.raises(SettingError, match="`size`"):
        load(folder.classes(), size=size)


def test_colours_if_one_picture_has_some(folder):
    folder.classes()
    folder.put("cat/colour.png", shape=(4, 4, 3))
    assert (4, 4, 1) == load(folder.path).input_shape  # saved as a coloured one, and all grey
    Image.new("RGB", (4, 4), (200, 0, 0)).save(folder.path / "cat/red.png")
    data = load(folder.path)
    assert (4, 4, 3) == data.input_shape
    assert "red, green, blue; 10 pictures are grey" in said(data)
    assert (4, 4, 1) == load(folder.path, color="grey").input_shape
    assert (4, 4, 3) == load(folder.path, color="rgb").input_shape
    with pytest.raises(SettingError, match=r"`color`.*'sepia'"):
        load(folder.path, color="sepia")


def test_what_was_changed_is_said_aloud(folder):
    folder.classes()
    exif = Image.Exif()
    exif[0x0112] = 6
    folder.put("cat/turned.png", 3, exif=exif)
    Image.new("RGBA", (4, 4), (0, 0, 0, 0)).save(folder.path / "cat/clear.png")
    Image.fromarray(np.full((4, 4), 40_000, np.uint16)).save(folder.path / "cat/deep.png")
    folder.put("dog/really_png.jpg", 3, format="PNG")
    words = said(load(folder.path))
    assert "Turned upright by their EXIF entry: 1 pictures" in words
    assert "laid on white in 1 pictures" in words
    assert "brought to 8 in 1 pictures" in words
    assert "Ending and content differ: 1 files, read by content, first `dog/really_png.jpg`" in words


def test_files_that_cannot_be_read_are_counted_with_their_reasons(folder):
    folder.classes()
    whole = folder.put("cat/whole.png")
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (30, 30)).astype(np.uint8)).save(whole)
    faults = {
        "cat/cut.png": whole.read_bytes()[:400],
        "dog/empty.jpg": b"",
        "dog/words.webp": b"no picture",
        "dog/notes.txt": b"a note",
    }
    for name, content in faults.items():
        (folder.path / name).write_bytes(content)
    folder.put("dog/wide.png", 0, (1, 60_000))
    folder.put("beside.png")
    data = load(folder.path)
    assert 11 == len(data)
    found = rejected(data)
    assert {*faults, "dog/wide.png", "beside.png"} == set(found)
    assert "empty (0 bytes)" == found["dog/empty.jpg"]
    assert found["dog/wide.png"].startswith("too large: 60000 × 1 pixels")
    assert "lies beside the classes' folders" == found["beside.png"]
    assert "cut off before its end" == found["cat/cut.png"]


def test_hidden_files_and_those_of_systems_are_not_data(folder):
    folder.classes()
    for name in (".DS_Store", "cat/Thumbs.db", "cat/.hidden.png", "__MACOSX/cat/._0.png", ".git/x.png", "README.md"):
        place = folder.path / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text("x")
    data = load(folder.path)
    assert (10, ("cat", "dog"), {}) == (len(data), data.class_names, rejected(data))


def test_links_are_followed_and_loops_are_not(folder, tmp_path):
    folder.classes()
    elsewhere = tmp_path / "birds"
    elsewhere.mkdir()
    Image.new("L", (4, 4)).save(elsewhere / "1.png")
    (folder.path / "bird").symlink_to(elsewhere)
    (folder.path / "loop").symlink_to(folder.path)
    (folder.path / "cat" / "up").symlink_to(folder.path)
    (folder.path / "dog" / "self").symlink_to(folder.path / "dog" / "self")
    (folder.path / "dog" / "gone.png").symlink_to(tmp_path / "nowhere.png")
    data = load(folder.path)
    assert (11, ("bird", "cat", "dog")) == (len(data), data.class_names)
    assert "not there" == rejected(data)["dog/gone.png"]
    assert {"dog/gone.png", "dog/self"} == set(rejected(data))


def test_folders_that_come_split(folder):
    for part, n in (("train", 6), ("val", 2), ("test", 3)):
        folder.classes(n, below=f"{part}/")
    data = load(folder.path)
    assert (12, 4, 6) == data.splits.sizes
    assert {"val"} == {str(data.places[row]).split("/")[0] for row in data.splits.validation}
    assert ("cat", "dog") == data.class_names
    with pytest.raises(SettingError, match=r"these data come split, received validation_split=0\.2"):
        load(folder.path, validation_split=0.2)
    assert (12, 4, 6) == load(data, seed=3).splits.sizes


def test_a_test_folder_stays_the_test_part_and_validation_is_dealt_out(folder):
    folder.classes(10, below="train/")
    folder.classes(2, below="test/")
    data = load(folder.path)
    assert (17, 3, 4) == data.splits.sizes
    assert {"test"} == {str(data.places[row]).split("/")[0] for row in data.splits.test}


def test_a_test_folder_without_classes_is_left_out_aloud(folder):
    folder.classes(10, below="train/")
    folder.put("test/1.png")
    data = load(folder.path)
    assert (14, 3, 3) == data.splits.sizes
    assert "Folder `test`: no classes in it; its 1 pictures are left out" in said(data)


def table(folder, words, name="labels.csv"):
    folder.path.mkdir(exist_ok=True)
    (folder.path / name).write_text(words, encoding="utf-8")


def test_a_table_of_labels(folder):
    for i in range(6):
        folder.put(f"photos/{i}.png", i)
    table(folder, "file,kind\nphotos/3.png,cat\n1.png,dog\n0,cat\nphotos/2,dog\nphotos\\4.png,cat\n")
    data = load(folder.path, validation_split=0, test_split=0)
    assert ("photos/3.png", "photos/1.png", "photos/0.png", "photos/2.png", "photos/4.png") == data.places
    assert ([0, 1, 0, 1, 0], ("cat", "dog")) == (data.targets.tolist(), data.class_names)
    assert "File names: column `file` of `labels.csv`" in said(data)
    assert "Without a line in `labels.csv`: 1 pictures, left out" in said(data)


def test_a_table_of_amounts(folder):
    lines = [f"{i}.png,{i / 2},x" for i in range(30)]
    for i in range(30):
        folder.put(f"{i}.png", i)
    table(folder, "\n".join(["name,age,note", *lines]), "people.csv")
    data = load(folder.path, target="age")
    assert ("regression", (30, 1)) == (data.task, data.targets.shape)
    assert [0, 0.5, 1.0] == data.targets[:3, 0].tolist()
    with pytest.raises(DataError, match=r"received `agee`. Did you mean `age`"):
        load(folder.path, target="agee")
    table(folder, "a,b\nnowhere.png,x\n", "other.csv")
    with pytest.raises(DataError, match=r"one table of labels, received tables `other.csv`, `people.csv`"):
        load(folder.path)
    assert 30 == len(load(folder.path, labels="people.csv", target="age"))
    with pytest.raises(DataError, match=r"a column with names of files"):
        load(folder.path, labels="other.csv")
    with pytest.raises(DataError, match=r"the table `gone.csv`"):
        load(folder.path, labels="gone.csv")


def test_lines_that_cannot_be_used_are_counted(folder):
    for i in range(8):
        folder.put(f"{'ab'[i % 2]}/{i}.png", i)
    folder.put("b/0.png")
    lines = ["a/0.png,x", "1.png,y", "2.png,x", "3,y", "gone.png,x", "4.png,", "a/0.png,y", "0.png,x", "5.png,y"]
    table(folder, "\n".join(["file,label", *lines, "one,two,three,four"]))
    data = load(folder.path, validation_split=0, test_split=0)
    assert ("a/0.png", "b/1.png", "a/2.png", "b/3.png", "b/5.png") == data.places
    found = rejected(data)
    assert "no such file" == found["labels.csv:6 (gone.png)"]
    assert "no label" == found["labels.csv:7 (4.png)"]
    assert "listed before, in line 2" == found["labels.csv:8 (a/0.png)"]
    assert "2 files of this name" == found["labels.csv:9 (0.png)"]
    assert "labels.csv:11" in found


def test_a_table_without_a_header(folder):
    for i in range(6):
        folder.put(f"{i}.png", i)
    table(folder, "\n".join(f"{i}.png,{'cat' if i % 2 else 'dog'}" for i in range(6)))
    assert 6 == len(load(folder.path, validation_split=0, test_split=0))


def test_a_table_does_not_reach_outside(folder, tmp_path):
    Image.new("L", (4, 4)).save(tmp_path / "secret.png")
    for i in range(4):
        folder.put(f"{i}.png", i)
    table(folder, "file,label\n../secret.png,a\n0.png,a\n1.png,b\n2.png,a\n3.png,b\n")
    data = load(folder.path, validation_split=0, test_split=0)
    assert {"labels.csv:2 (../secret.png)": "no such file"} == rejected(data)


def test_folders_that_hold_no_pictures_with_classes(folder, tmp_path):
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(DataError, match=r"a folder for each class.*received 0 pictures, no folder and no table"):
        load(empty)
    folder.put("1.png")
    with pytest.raises(DataError, match="received 1 pictures, no folder and no table"):
        load(folder.path)
    (folder.path / "1.png").unlink()
    (folder.path / "cat").mkdir()
    with pytest.raises(DataError, match=r"at least 1 picture.*received no file"):
        load(folder.path)
    for i in range(4):
        folder.put(f"cat/{i}.png")
    with pytest.raises(DataError, match="at least 2 classes, received 4 pictures of 1 class, `cat`"):
        load(folder.path)
    (folder.path / "dog").mkdir()
    for i in range(5):
        (folder.path / f"dog/{i}.png").write_text("no")
    with pytest.raises(DataError, match=r"at least half can be read, received 5 of 9 that cannot: `dog/0.png`: no PNG"):
        load(folder.path)
    with pytest.raises(SettingError, match="whose column `target` names"):
        load(folder.path, target="age")


def test_more_than_memory_holds_is_refused_before_it_is_read(folder, monkeypatch):
    monkeypatch.setattr("backlit.data.picture_preparation.MOST_BYTES", 4 * 16 * 9)
    with pytest.raises(DataError, match=r"10 pictures of 4 × 4 × 1: .*Make them smaller \(`size=3`\)"):
        load(folder.classes())
    assert (3, 3, 1) == load(folder.path, size=3).input_shape


def test_far_too_many_files_is_the_wrong_folder(folder, monkeypatch):
    monkeypatch.setattr("backlit.data.image_files.MOST_FILES", 4)
    with pytest.raises(DataError, match="at most 4 files"):
        load(folder.classes())


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_folder_that_may_not_be_looked_into(folder):
    folder.classes()
    closed = folder.path / "cat" / "closed"
    closed.mkdir()
    closed.chmod(0)
    assert "may not be read" == rejected(load(folder.path))["cat/closed"]
    closed.chmod(0o700)


def test_a_change_of_a_picture_changes_the_digest(folder):
    before = load(folder.classes()).digest()
    folder.put("cat/0.png", 99)
    assert before != load(folder.path).digest()


def test_preparation_travels_and_new_pictures_become_what_training_saw(folder):
    import keras

    folder.classes()
    Image.new("RGB", (9, 5), (200, 30, 0)).save(folder.path / "cat/red.png")
    data = load(folder.path)
    preparation = preparation_from_json(preparation_to_json(data.preparation))
    assert PicturePreparation(4, 4, 3) == preparation
    coded = preparation.encode(folder.path)
    assert data.places == tuple(coded.places)
    assert "file" == coded.place_name
    np.testing.assert_array_equal(data.inputs, preparation.apply(coded.rows))
    raw = keras.Input(preparation.coded_shape)
    layers = keras.Model(raw, preparation.as_layers(raw))
    np.testing.assert_allclose(data.inputs, layers.predict(coded.rows, verbose=0), rtol=1e-6)
    assert 1.0 == preparation.apply(np.full((1, 4, 4, 3), 255.0)).max()
    one = preparation.encode(folder.path / "cat/red.png")
    np.testing.assert_array_equal(coded.rows[list(coded.places).index("cat/red.png")], one.rows[0])


def test_new_pictures_that_cannot_be_read(folder):
    folder.classes()
    preparation = load(folder.path).preparation
    (folder.path / "cat/broken.png").write_text("x")
    coded = preparation.encode(folder.path)
    assert (10, ["cat/broken.png"]) == (len(coded.rows), [one.place for one in coded.rejected])
    with pytest.raises(DataError, match=r"at least 1 picture.*first `broken.png`: no PNG"):
        preparation.encode(folder.path / "cat/broken.png")
    with pytest.raises(DataError, match=r"expected \(rows, 4, 4, 1\), received \(2, 5, 5, 1\)"):
        preparation.apply(np.zeros((2, 5, 5, 1)))


def test_names_that_are_no_utf8_are_shown_with_question_marks(folder):
    path = folder.classes()
    odd = os.fsencode(path) + b"/cat/\xff.png"
    try:
        with open(odd, "wb") as file:
            file.write((path / "cat/0.png").read_bytes())
    except OSError:
        pytest.skip("this disk takes no such names")
    data = load(path)
    assert "cat/?.png" in data.places
    assert "cat/?.png" in data.preparation.encode(path).places


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the peak of a process's memory is not told")
@pytest.mark.parametrize("mode", ["RGBA", "I;16"])
def test_the_largest_pictures_are_unpacked_one_at_a_time(folder, mode, in_fresh_python):
    for name in ("cat", "dog"):
        (folder.path / name).mkdir(parents=True)
        for i in range(2):
            Image.new(mode, (7000, 7000)).save(folder.path / name / f"{i}.png", compress_level=1)
    code = """
import pathlib
from backlit.data import load
load("iris")
load(FOLDER, validation_split=0, test_split=0)
status = pathlib.Path("/proc/self/status").read_text().splitlines()  # ru_maxrss would count the parent's memory too
print(next(int(line.split()[1]) for line in status if line.startswith("VmHWM")) // 1024)
"""
    peak = int(in_fresh_python(code.replace("FOLDER", repr(str(folder.path)))))
    print(f"{mode}: {peak} MiB")
    assert peak < 1024
