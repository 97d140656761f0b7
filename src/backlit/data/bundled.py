"""The small real data sets that scikit-learn carries: nothing to download.

| name | rows | inputs | task |
| --- | --- | --- | --- |
| digits | 1,797 | images 8 × 8 × 1, grey 0..1 | 10 classes |
| iris, wine, breast-cancer | 150, 178, 569 | 4, 13, 30 columns | 3, 3, 2 classes |
| diabetes | 442 | 10 columns | 1 amount |
| linnerud | 20 | 3 columns | 3 amounts |

Columns are raw here; the catalogue standardises them by the training rows.
"""

from typing import Any

import numpy as np

from backlit.data.catalog import Entry
from backlit.data.dataset import Dataset, Splits, Task
from backlit.language import text


def load_digits() -> Dataset:
    """1,797 handwritten digits, 8 × 8 grey pixels from 0 (paper) to 1 (ink).

    Returns:
        Images with one channel, 10 classes.

    Source:
        alpaydin-kaynak-1998.
    """
    from sklearn.datasets import load_digits as read

    bunch: Any = read()
    images = (bunch.images / 16).astype(np.float32)[..., None]  # 16 is the darkest the file knows
    return _dataset(
        "digits", images, bunch.target, task="classification", names=range(10), source="alpaydin-kaynak-1998"
    )


def load_iris() -> Dataset:
    """150 flowers: four lengths in cm, three species.

    Returns:
        Raw columns.

    Source:
        fisher-1936.
    """
    from sklearn.datasets import load_iris as read

    return _table("iris", read(), source="fisher-1936")


def load_wine() -> Dataset:
    """178 wines: 13 chemical measurements, three growers.

    Returns:
        Raw columns.

    Source:
        aeberhard-forina-1991.
    """
    from sklearn.datasets import load_wine as read

    return _table("wine", read(), source="aeberhard-forina-1991")


def load_breast_cancer() -> Dataset:
    """569 tumours: 30 measurements of cell nuclei, malignant or benign.

    Returns:
        Raw columns.

    Source:
        street-1993.
    """
    from sklearn.datasets import load_breast_cancer as read

    return _table("breast-cancer", read(), source="street-1993")


def load_diabetes() -> Dataset:
    """442 patients: age, sex, body-mass index, blood pressure and six serum values; the disease a year later.

    Returns:
        Raw columns; the target is a score from 25 to 346.

    Source:
        efron-2004, table 1.
    """
    from sklearn.datasets import load_diabetes as read

    return _table("diabetes", read(scaled=False), task="regression", source="efron-2004")


def load_linnerud() -> Dataset:
    """20 men in a fitness club: three exercises; weight, waist and pulse are to be predicted.

    Returns:
        Raw columns; three targets. Twenty rows: for looking at, not for conclusions.

    Source:
        tenenhaus-1998.
    """
    from sklearn.datasets import load_linnerud as read

    return _table("linnerud", read(), task="regression", source="tenenhaus-1998")


def _table(name: str, bunch: Any, *, source: str, task: Task = "classification") -> Dataset:
    names = bunch.target_names if task == "classification" else ()
    return _dataset(name, bunch.data, bunch.target, task=task, names=names, source=source, columns=bunch.feature_names)


def _dataset(
    name: str, inputs: np.ndarray, targets: np.ndarray, *, task: Task, names: Any, source: str, columns: Any = ()
) -> Dataset:
    if task == "classification":
        targets = targets.astype(np.int32)
    else:
        targets = targets.reshape(len(targets), -1).astype(np.float32)
    return Dataset(
        name,
        inputs,
        targets,
        task=task,
        splits=Splits.of_rows(range(len(inputs))),
        class_names=tuple(str(label) for label in names),
        feature_names=tuple(str(column) for column in columns),
        source=source,
    )


ENTRIES = (
    Entry("digits", load_digits, text("handwritten digits, images 8 × 8, 10 classes")),
    Entry("iris", load_iris, text("flowers, 4 columns, 3 classes"), is_table=True),
    Entry("wine", load_wine, text("wines, 13 columns, 3 classes"), is_table=True),
    Entry("breast-cancer", load_breast_cancer, text("tumours, 30 columns, 2 classes"), is_table=True),
    Entry("diabetes", load_diabetes, text("patients, 10 columns, 1 amount"), is_table=True),
    Entry("linnerud", load_linnerud, text("exercises, 3 columns, 3 amounts, 20 rows only"), is_table=True),
)
