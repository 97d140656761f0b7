"""Which number tells how well a member ended: the first metric that is not the loss, on validation rows if there are.

    val_accuracy   before   accuracy   before   val_loss   before   loss

The same choice as `run.summary()`, kept in one place, so that every view of scores speaks of the same number.

Not for choosing the best member: that is `run.best`, by the loss.
"""

from dataclasses import dataclass

from backlit.measure.curves import is_better_low
from backlit.measure.seed_bands import is_cross_entropy
from backlit.measure.subject import AbstractSubject


@dataclass(frozen=True)
class FinalMetric:
    """A column of `run.members`.

    Attributes:
        column: Its name; `val_` in front where it is of the validation rows.
        unit: `nat` for a cross-entropy, else empty.
    """

    column: str
    unit: str = ""

    @property
    def is_better_low(self) -> bool:
        """Whether smaller values are better.

        Example:
            >>> FinalMetric("val_loss").is_better_low, FinalMetric("accuracy").is_better_low
            (True, False)
        """
        return is_better_low(self.column.removeprefix("val_"))


def final_metric(subject: AbstractSubject) -> FinalMetric | None:
    """The column by which the members of a run are compared.

    Args:
        subject: A run.

    Returns:
        The column; None where no epoch was recorded.
    """
    name = next((name for name in subject.metric_names if name != "loss"), "loss")
    column = next((one for one in (f"val_{name}", name) if one in subject.members.columns), None)
    if column is None:
        return None
    return FinalMetric(column, "nat" if name == "loss" and is_cross_entropy(subject) else "")
