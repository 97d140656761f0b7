"""Which members share a program: members that differ only in numbers do; a difference in structure makes a group.

    traced        seed, learning_rate, l1, l2, dropout, data_seed, strengths of augmentation (augment.rotation, …), and
                  most numbers of the optimiser (momentum, …)
    makes groups  what the building function varies (units, activation, …), batch_size, epochs, loss, optimizer,
                  every switch and other setting of the optimiser, and a number that is zero in some members only:
                  Keras leaves a branch out when a momentum or a dropout rate is zero, and we do with augmentation

    >>> axes = (Axis(names=("momentum",), points=((0.0,), (0.5,), (0.9,))),)
    >>> groups = group_members(axes, optimizer={"config": {"momentum": 0.0}}, batch_size=32, epochs=1)
    >>> [group.members for group in groups]
    [(0,), (1, 2)]

Members with rows of their own share a program if they have as many.

Not for placing members on devices (see `devices.py`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from backlit.data.augment import SETTINGS as AUGMENT
from backlit.data.augment import STRENGTHS
from backlit.engine.experiment import Axis, cross
from backlit.engine.template import DROPOUT, LEARNING_RATE, PENALTIES
from backlit.errors import SettingError, did_you_mean
from backlit.language import Text, listed, text

ALWAYS_TRACED = ("seed", "data_seed")
# Settings of optimisers that may be traced. Others are read when the optimiser is built (an accumulator's first value)
# or are handed to functions that want plain numbers (`clipvalue`).
TRACEABLE = ("momentum", "beta_1", "beta_2", "rho", "epsilon", "weight_decay", "clipnorm", "global_clipnorm")
STRUCTURAL = ("batch_size", "epochs", "loss", "optimizer")
_ARGUMENTS = ("seed", "data_seed", LEARNING_RATE, *PENALTIES, DROPOUT, *STRUCTURAL)


@dataclass(frozen=True)
class Group:
    """Members that one program trains.

    Attributes:
        members: Numbers of the members.
        structure: What they have in common: batch_size, epochs, loss, optimiser settings, building arguments; with rows
            of their own `n_rows` and `n_held_out`.
        traced: Names of the numbers that are arguments of the program.
        has_own_order: Whether the members' rows come in different orders.
    """

    members: tuple[int, ...]
    structure: Mapping[str, Any]
    traced: tuple[str, ...]
    has_own_order: bool


@dataclass(frozen=True)
class OwnRows:
    """The rows of one member, where members have rows of their own.

    Attributes:
        deal: Number of the deal; members with the same one have the same rows.
        n_rows: Training rows.
        n_held_out: Validation rows.
    """

    deal: int
    n_rows: int
    n_held_out: int


def group_members(
    axes: tuple[Axis, ...],
    *,
    optimizer: Mapping[str, Any] | None,
    batch_size: int,
    epochs: int,
    settings: Mapping[str, Any] | None = None,
    builds: tuple[str, ...] = (),
    dealt: tuple[str, ...] = (),
    rows: Sequence[OwnRows] = (),
) -> list[Group]:
    """Sorts members into groups that share a program.

    Args:
        axes: How members differ.
        optimizer: Keras's config of the optimiser.
        batch_size: Where no axis sets it.
        epochs: Where no axis sets it.
        settings: Numbers that all members share.
        builds: Names that are arguments of the building function.
        dealt: Names of the axis along which rows are dealt out.
        rows: For each member which rows it has; nothing where all have the same.

    Returns:
        The groups, in the order of their first members.

    Raises:
        SettingError: If a name is not something that can vary.
    """
    floats, others = optimizer_settings(optimizer)
    known = (*_ARGUMENTS, *floats, *others, *builds, *AUGMENT, *dealt)
    _require_known(axes, settings or {}, known)
    shared = {"batch_size": batch_size, "epochs": epochs, **(settings or {})}
    members = [{**shared, **own} for own in cross(axes)]
    varies_optimizer = any("optimizer" in axis.names for axis in axes)
    grouped: dict[tuple[Any, ...], list[int]] = {}
    facts: dict[tuple[Any, ...], tuple[dict[str, Any], tuple[str, ...]]] = {}
    for idx, member in enumerate(members):
        structure: dict[str, Any] = {}
        traced: list[str] = []
        for name, value in member.items():
            is_number = name in (*PENALTIES, DROPOUT, LEARNING_RATE, *STRENGTHS)
            is_number = is_number or (name in floats and not varies_optimizer)
            if name in ALWAYS_TRACED or name in dealt:
                continue
            if is_number and value and not isinstance(value, bool | str | dict):
                traced.append(name)
            elif is_number and name in (*PENALTIES, *STRENGTHS):
                continue
            else:
                structure[name] = value
        if rows:
            structure |= {"n_rows": rows[idx].n_rows, "n_held_out": rows[idx].n_held_out}
        key = (repr(sorted(structure.items(), key=lambda item: item[0])), tuple(sorted(traced)))
        grouped.setdefault(key, []).append(idx)
        facts[key] = structure, tuple(sorted(traced))
    return [
        Group(
            members=tuple(idxs),
            structure=facts[key][0],
            traced=facts[key][1],
            has_own_order=len({(members[idx].get("data_seed", 0), rows[idx].deal if rows else 0) for idx in idxs}) > 1,
        )
        for key, idxs in grouped.items()
    ]


def optimizer_settings(optimizer: Mapping[str, Any] | None) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Names of an optimiser's settings: those that can be traced, and all others.

    Args:
        optimizer: Keras's config of the optimiser.

    Returns:
        Names that can be traced, and names that make groups; the learning rate and the name are in neither.
    """
    config = dict((optimizer or {}).get("config", {}))
    names = [name for name in config if name not in ("name", LEARNING_RATE, "inner_optimizer")]
    floats = [name for name in names if name in TRACEABLE]
    others = [name for name in names if name not in TRACEABLE]
    return tuple(floats), tuple(others)


def describe_groups(axes: tuple[Axis, ...], groups: list[Group], *, dealt: tuple[str, ...] = ()) -> list[Text]:
    """Says which axes are traced, which make groups, and how many programs that means.

    Args:
        axes: How members differ.
        groups: From `group_members`.
        dealt: Names of the axis along which rows are dealt out.

    Returns:
        One sentence or several.
    """
    names = [name for axis in axes for name in axis.names]
    n_members = sum(len(group.members) for group in groups)
    if not names:
        return [text("One network, one program.")]
    split = {name for name in names if len({repr(group.structure.get(name)) for group in groups}) > 1}
    crossing = {name for name in names if len({name in group.traced for group in groups}) > 1}
    traced = [name for name in names if name not in split and (name not in dealt or name in ALWAYS_TRACED)]
    lines = [text("{n} members, {programs} programs.", n=n_members, programs=len(groups))]
    if len(groups) == 1:
        lines = [text("{n} members, one program.", n=n_members)]
    if traced:
        lines.append(text("Traced (numbers inside a program): {names}.", names=listed(f"`{name}`" for name in traced)))
    if dealt:
        counts = {(group.structure["n_rows"], group.structure["n_held_out"]) for group in groups}
        words = listed(f"`{name}`" for name in dealt if name not in ALWAYS_TRACED)
        lines.append(
            text("Rows of their own: {names}.", names=words)
            if len(counts) == 1
            else text("Rows of their own, a program for each number of them: {names}.", names=words)
        )
    split -= set(dealt)
    if split:
        lines.append(
            text("Makes groups (a program each): {names}.", names=listed(f"`{name}`" for name in sorted(split)))
        )
    if crossing:
        lines.append(
            text(
                "A group of its own where it is zero: {names}.", names=listed(f"`{name}`" for name in sorted(crossing))
            )
        )
    return lines


def _require_known(axes: tuple[Axis, ...], settings: Mapping[str, Any], known: tuple[str, ...]) -> None:
    for name in [*(name for axis in axes for name in axis.names), *settings]:
        if name not in known:
            raise SettingError(
                "axis-unknown",
                what=text("Planning the population"),
                expected=text("a setting of `fit`, of the optimiser or of the building function"),
                received=text("`{name}`", name=name),
                fix=did_you_mean(name, known if "augment" in name else [each for each in known if each not in AUGMENT]),
            )
