"""70,000 grey pictures of clothes, 28 × 28, in ten classes, if they are on this machine.

Found in Debian's package `dataset-fashion-mnist` or where Keras keeps what it fetched before;
fetched through Keras only on request (`download=True`, 30 MB).

The 10,000 test rows are the publisher's own, so that scores compare with published ones.
Validation is one sixth (10,000 rows) of the training rows, by class.
"""

import os
from pathlib import Path

import numpy as np

from backlit.data.catalog import Entry
from backlit.data.dataset import Dataset, Splits
from backlit.data.idx import read_idx
from backlit.errors import DataError
from backlit.language import listed, text, verbatim

CLASS_NAMES = (
    "T-shirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle boot",
)  # fmt: skip

_FILES = (
    "train-images-idx3-ubyte.gz",
    "train-labels-idx1-ubyte.gz",
    "t10k-images-idx3-ubyte.gz",
    "t10k-labels-idx1-ubyte.gz",
)


def load_fashion_mnist(*, folder: str | None = None, download: bool = False) -> Dataset:
    """Pictures of clothes, grey 0..1, with the publisher's test rows last.

    Args:
        folder: Where the four `.gz` files are; None looks at the usual places.
        download: Whether Keras may fetch them where they are missing.

    Returns:
        Images with one channel, 10 classes.

    Raises:
        DataError: If the files are nowhere, or images and labels differ in number.

    Source:
        xiao-2017, table 1 (files) and table 2 (class names).
    """
    place = _find(folder, download=download)
    train_images, train_labels, test_images, test_labels = (read_idx(place / name) for name in _FILES)
    for images, labels in ((train_images, train_labels), (test_images, test_labels)):
        if images.ndim != 3 or labels.shape != images.shape[:1]:
            raise DataError(
                "idx-pair",
                what=text("Reading `{path}`", path=place),
                expected=text("one label for each image"),
                received=text("images {images}, labels {labels}", images=images.shape, labels=labels.shape),
                fix=text("Fetch the files again; they belong to different sets."),
            )
    images = np.concatenate([train_images, test_images])[..., None]
    n_train, n_rows = len(train_images), len(images)
    return Dataset(
        "fashion-mnist",
        images / np.float32(255),
        np.concatenate([train_labels, test_labels]).astype(np.int32),
        task="classification",
        splits=Splits.of_rows(range(n_train), (), range(n_train, n_rows), has_own_test=True),
        class_names=CLASS_NAMES,
        source="xiao-2017",
    )


def usual_folders() -> tuple[Path, ...]:
    """Where the files are looked for, in this order: Debian's package, then Keras's own folder."""
    keras_home = Path(os.environ.get("KERAS_HOME") or Path.home() / ".keras")
    return Path("/usr/share/datasets/fashion-mnist"), keras_home / "datasets" / "fashion-mnist"


def _find(folder: str | None, *, download: bool) -> Path:
    places = (Path(folder).expanduser(),) if folder is not None else usual_folders()
    for place in places:
        if all((place / name).is_file() for name in _FILES):
            return place
    if download and folder is None:
        _fetch()
        return usual_folders()[1]
    raise DataError(
        "fashion-mnist-missing",
        what=text("Loading `fashion-mnist`"),
        expected=text("its four files in {places}", places=listed(f"`{place}`" for place in places)),
        received=text("none there, or not all"),
        fix=text(
            "Debian, Ubuntu: `apt install dataset-fashion-mnist`; elsewhere "
            '`load("fashion-mnist", download=True)` fetches 30 MB.'
        ),
    )


def _fetch() -> None:
    from keras.datasets import fashion_mnist

    try:
        fashion_mnist.load_data()
    except Exception as fault:  # Keras 3.15 raises a bare Exception when a download fails
        raise DataError(
            "download-failed",
            what=text("Fetching `fashion-mnist` through Keras"),
            expected=text("a network connection"),
            received=verbatim(fault),
            fix=text("Debian, Ubuntu: `apt install dataset-fashion-mnist`; or copy the four files there by hand."),
        ) from fault


ENTRIES = (
    Entry(
        "fashion-mnist",
        load_fashion_mnist,
        text("clothes, images 28 × 28, 10 classes; a package or a download"),
        validation_split=1 / 6,
        test_split=0.0,
    ),
)
