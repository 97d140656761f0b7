"""Every mistake of a user: four parts in the chosen language, exit code 2, no traceback."""

import errno
import os
import shutil

import keras
import numpy as np
import pytest

from backlit.cli.app import command_line

NET = """import keras

def build(units=8):
    return undefined_name(units)

def number():
    return 5
"""


class Odd(keras.layers.Layer):
    """A layer that Keras cannot find again: it is not registered."""

    def call(self, inputs):
        return inputs


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder of files that are wrong in one way each."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "ok.csv").write_text("a,b,y\n1,2,0\n3,4,1\n5,6,0\n7,8,1\n9,1,0\n2,2,1\n")
    (tmp_path / "gaps.csv").write_text("a,b,y\n1,2,\n3,,\n5,6,\n7,8,\n")
    (tmp_path / "text.csv").write_text("a,b,y\n1,2,0\n3,red,1\n5,6,0\n7,8,1\n")
    (tmp_path / "broken.keras").write_text("junk")
    (tmp_path / "net.py").write_text(NET)
    (tmp_path / "syntax.py").write_text("import keras\nboom(\n")
    (tmp_path / "fails.py").write_text("import keras\n\nmodel = kers.Sequential()\n")
    x = np.zeros((10, 3), "float32")
    np.savez(tmp_path / "negative.npz", x=x, y=np.array([0, 1, 2, -1, 0, 1, 2, 0, 1, 2]))
    x[4, 1] = np.nan
    np.savez(tmp_path / "nan.npz", x=x, y=np.arange(10) % 2)
    return tmp_path


# The words behind `backlit`, then a part of the message in English and in Chinese.
MISTAKES = [
    ("train missing.csv", "Loading `missing.csv`: expected a file that is there, received nothing", "应为存在的文件"),
    ("train digitz", "received neither. Did you mean `digits`?", "是不是想写 `digits`？"),
    ("train ok.csv --target z", "expected the name of a column, or a position 0..2, received `z`", "实际为 `z`。"),
    ("train gaps.csv", "expected values in the target column `y`, received none in 4 rows", "目标列 `y` 中有值"),
    ("train text.csv --data-option kinds=b=numeric", "1 of 4: line 3: 'red' in column `b`", "第 3 行"),
    ("train text.csv --data-option kinds=b=numeric", "leave the column out with `--drop …`", "`--drop …`"),
    ("train text.csv --data-option kinds=b=numeric", "`--data-option kinds=zip=category`", "`--data-option kinds="),
    ("train text.csv --data-option kinds=b=number", "received `number` for column `b`", "实际为列 `b` 的 `number`"),
    ("predict gone.keras ok.csv", "Reading the model `gone.keras`: expected a file that is there", "应为存在的文件"),
    ("train nan.npz", "received NaN at row index 4", "行索引 4"),
    ("train negative.npz", "expected labels from 0 on, received -1", "应为从 0 开始的标签"),
    ("train ok.csv --validation-split 1.5", "received 1.5", "1.5"),
    ("train ok.csv --validation-split 0.1,0.2", "Reading `--validation-split`: expected one number", "应为一个数"),
    ("train iris --data-option n=5", "expected no options of its own, received `n`", "`n`"),
    ("train iris --model cnm", "received `cnm`. Did you mean `cnn`?", "是不是想写 `cnn`？"),
    ("train iris --model mlp:8,x", "whole numbers above 0 after `mlp:`, with commas between, received `8,x`", "正整数"),
    ("train iris --model lstm", "received inputs of shape (4,). Use `mlp` for tables", "表格请用 `mlp`"),
    ("train iris --model cnn", "expected images (height, width, channel)", "应为图像（高, 宽, 通道）"),
    ("train iris --model embedding", "received float32 inputs of shape (4,)", "形状为 (4,) 的 float32 输入"),
    ("train iris --model broken.keras", "received 4 bytes that are no Keras archive", "4 字节，但不是 Keras 存档"),
    (
        "train iris --model gone.keras",
        "Reading the model `gone.keras`: expected a file that is there",
        "应为存在的文件",
    ),
    ("train iris --model net.py", "Write for example `net.py:build`", "例如写成 `net.py:build`"),
    (
        "train iris --model net.py:build",
        "NameError: name 'undefined_name' is not defined (line 4: `return undefined_name(units)`)",
        "（第 4 行：`return undefined_name(units)`）",
    ),
    ("train iris --model net.py:bild", "received nothing of that name. Did you mean `build`?", "没有这个名称"),
    ("train iris --model net.py:number", "Calling the building function", "int"),
    ("train iris --model syntax.py:f", "'(' was never closed (line 2: `boom(`)", "（第 2 行：`boom(`）"),
    ("train iris --model fails.py:model", "name 'kers' is not defined (line 3:", "请改正这一行"),
    ("train iris --vary units=-1,2", "Building the model with units=-1", "用 units=-1 搭建模型"),
    ("train iris --vary unitz=1,2", "received `unitz`. Did you mean `units`?", "是不是想写 `units`？"),
    (
        "train iris --vary units",
        "expected a name, `=`, and values with commas between, received `units`",
        "--vary units=16,64",
    ),
    ("train iris --set momentun=0.1", "received `momentun`", "模型自己的参数：`units`"),
    ("train iris --momentum 0.9", "add `--optimizer sgd`", "请加上 `--optimizer sgd`"),
    ("train iris --optimizer adm", "received `adm`. Did you mean `adam`?", "是不是想写 `adam`？"),
    ("train iris --loss ms", "received `ms`. Did you mean `mse`?", "是不是想写 `mse`？"),
    ("train iris --loss mse", "Computing the loss of the model `mlp`", "`mlp`"),
    (
        "train iris --batch-size 0",
        "expected a whole number of at least 1, received `0`. Write for example `--batch-size 32`",
        "`--batch-size 32`",
    ),
    ("train iris --epochs -3", "expected a whole number of at least 0, received `-3`", "实际为 `-3`"),
    ("train iris --epochs 1.5", "Reading `--epochs`: expected a whole number", "应为一个整数"),
    ("train iris --seeds 0", "Reading `seeds`: expected a whole number of at least 1", "实际为 `0`"),
    (
        "train iris --learning-rate 0.1,abc",
        "Reading `--learning-rate`: expected a number, or several with commas between, received `abc`",
        "应为一个数，或用逗号隔开的多个数，实际为 `abc`",
    ),
    ("train iris --learning-rate -1", "Write for example `--learning-rate 0.1`", "`--learning-rate 0.1,0.01`"),
    ("train iris --dropout 2", "Reading `dropout`: expected a number from 0 to 1", "实际为 `2.0`"),
    ("train iris --early-stopping x", "Reading `--early-stopping`", "读取 `--early-stopping`"),
    (
        "train ok.csv --validation-split 0 --early-stopping 3",
        "validation rows, because it watches `val_loss`",
        "`--validation-split 0.2`",
    ),
    ("train iris --zip learning_rate=0.1,0.2;momentum=1", "received learning_rate: 2, momentum: 1", "learning_rate: 2"),
    (
        "train iris --save-model model.h5",
        "a path in an existing folder that ends in `.keras`, received `model.h5`",
        "实际为 `model.h5`",
    ),
    ("train iris --foo", "expected an option of `backlit train`, received `--foo`", "`backlit train` 的选项"),
    ("train iris --epoch 3", "received `--epoch`. Did you mean `--epochs`?", "是不是想写 `--epochs`？"),
    ("train iris --epochs", "Reading `--epochs`: expected a value behind it, received nothing", "后面跟一个值"),
    ("train iris digits", "received `digits`. See `backlit train --help`", "请看 `backlit train --help`"),
    ("train", "expected `DATA`, received nothing", "应为 `DATA`"),
    ("trains iris", "expected a command, received `trains`. Did you mean `train`?", "是不是想写 `train`？"),
    ("show", "Looking for the run `last`: expected at least one run", "`last`"),
    (
        "predict last iris --out gone/p.csv",
        "expected a file in an existing folder, received `gone/p.csv`",
        "gone/p.csv",
    ),
    ("delete nope --yes", "Looking for the run `nope`", "`nope`"),
]


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize(("words", "english", "chinese"), MISTAKES, ids=[row[0] for row in MISTAKES])
def test_a_mistake_is_explained(backlit_command, folder, words, english, chinese, language):
    answer = backlit_command("--lang", language, *words.split())
    assert answer.code == 2
    assert (english if language == "en" else chinese) in answer.err
    assert answer.err.startswith("Error: " if language == "en" else "错误：")
    assert "Traceback" not in answer.err
    assert answer.err.count("\n") == 1


@pytest.mark.parametrize(
    ("layers", "english", "chinese"),
    [
        (lambda: [keras.Input((7,))], "Building the model `mine` for the data `iris`", "为数据 `iris` 搭建模型 `mine`"),
        (
            lambda: [keras.Input((4,)), Odd()],
            "received `Odd`, which Keras does not know",
            "含有自定义类的模型请用 `FILE.py:NAME`",
        ),
        (lambda: [keras.Input((4,)), keras.layers.Dense(2, "softmax")], "3 outputs, one for each class", "3"),
    ],
    ids=["other inputs", "unknown layer", "too few outputs"],
)
def test_a_saved_model_that_does_not_suit_is_explained(backlit_command, tmp_path, layers, english, chinese):
    n = 2 if "outputs" in english else 3
    keras.Sequential([*layers(), keras.layers.Dense(n, "softmax")], name="mine").save(tmp_path / "m.keras")
    for language, part in (("en", english), ("zh", chinese)):
        answer = backlit_command("--lang", language, "train", "iris", "--model", str(tmp_path / "m.keras"))
        assert (answer.code, part in answer.err, "Traceback" in answer.err) == (2, True, False)


def test_an_unknown_language_is_refused(backlit_command):
    answer = backlit_command("runs", "--lang", "fr")
    assert answer.code == 2
    assert "expected one of `en`, `zh`, received `fr`" in answer.err
    assert "`en | zh` behind it" in backlit_command("runs", "--lang").err


@pytest.mark.parametrize(
    ("language", "part"), [("en", "received the backend `tensorflow`"), ("zh", "后端 `tensorflow`")]
)
@pytest.mark.parametrize("command", ["train iris", "show", "predict last iris", "rerun"])
def test_another_backend_is_refused(backlit_command, monkeypatch, command, language, part):
    monkeypatch.setattr("keras.config.backend", lambda: "tensorflow")
    monkeypatch.setenv("KERAS_BACKEND", "tensorflow")
    answer = backlit_command("--lang", language, *command.split())
    assert (answer.code, part in answer.err) == (2, True)


@pytest.mark.parametrize(("language", "part"), [("en", "received a file at"), ("zh", "处是一个文件")])
def test_a_store_that_cannot_be_written_is_refused_before_training(
    backlit_command, folder, monkeypatch, language, part
):
    monkeypatch.setenv("BACKLIT_HOME", str(folder / "ok.csv" / "store"))
    monkeypatch.setattr("backlit.engine.Trainer", None)
    answer = backlit_command("--lang", language, "train", "iris", "--epochs", "1")
    assert (answer.code, part in answer.err) == (2, True)


@pytest.mark.parametrize(("language", "part"), [("en", "MB free under"), ("zh", "MB 可用空间")])
def test_a_full_disk_is_told(backlit_command, monkeypatch, language, part):
    usage = shutil.disk_usage("/")
    monkeypatch.setattr("shutil.disk_usage", lambda _: usage._replace(free=1_000))
    answer = backlit_command("--lang", language, "train", "iris", "--epochs", "1", "--model", "mlp:2")
    assert (answer.code, part in answer.err) == (2, True)
    assert "Traceback" not in answer.err


@pytest.mark.parametrize(
    ("number", "english", "chinese"),
    [
        (errno.ENOSPC, "expected free space on the disk, received No space left on device", "应为磁盘有剩余空间"),
        (errno.EACCES, "expected a place that can be read and written, received Permission denied", "应为可读写的位置"),
    ],
)
def test_a_file_that_cannot_be_written_is_told(backlit_command, monkeypatch, number, english, chinese):
    def fail(*_):
        raise OSError(number, os.strerror(number), "/some/where")

    monkeypatch.setattr("backlit.store.Store.listing", fail)
    for language, part in (("en", english), ("zh", chinese)):
        answer = backlit_command("runs", "--lang", language)
        assert answer.code == 2
        assert "`/some/where`" in answer.err
        assert part in answer.err


def test_our_own_fault_is_one_line_and_a_file(backlit_command, monkeypatch, tmp_path):
    def fail(*_):
        raise ZeroDivisionError("division by zero")

    monkeypatch.setattr("backlit.store.Store.listing", fail)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    answer = backlit_command("runs")
    assert answer.code == 70
    assert "a fault of backlit, not yours: ZeroDivisionError: division by zero" in answer.err
    assert answer.err.count("\n") == 1
    [file] = tmp_path.iterdir()
    assert str(file) in answer.err
    assert "Traceback" in file.read_text()
    assert "这是 backlit 的错" in backlit_command("runs", "--lang", "zh").err


def test_our_own_fault_is_printed_where_no_file_can_be_written(backlit_command, monkeypatch):
    def fail(*_, **__):
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr("backlit.store.Store.listing", lambda _: 1 / 0)
    monkeypatch.setattr("tempfile.NamedTemporaryFile", fail)
    answer = backlit_command("runs")
    assert answer.code == 70
    assert "Traceback" in answer.err


def test_stopping_a_command_says_so(backlit_command, monkeypatch):
    def stop(_):
        raise KeyboardInterrupt

    monkeypatch.setattr("backlit.store.Store.listing", stop)
    answer = backlit_command("runs")
    assert (answer.code, answer.err) == (130, "Stopped.\n")


def test_stopping_a_training_says_what_is_lost(backlit_command, monkeypatch):
    def stop(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("backlit.engine.Trainer", stop)
    answer = backlit_command("train", "iris", "--epochs", "1")
    assert answer.code == 130
    assert "nothing was kept" in answer.err
    assert "没有保存任何内容" in backlit_command("--lang", "zh", "train", "iris", "--epochs", "1").err


def test_messages_only_name_options_that_there_are():
    """`as_options` turns `name=value` into an option of the command; each such option is one of `train`'s."""
    options = {option for parameter in command_line().commands["train"].params for option in parameter.opts}
    assert {"--batch-size", "--epochs", "--learning-rate", "--drop", "--validation-split", "--seeds"} <= options
