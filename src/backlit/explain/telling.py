"""An explanation as plain text: each step with its formula, the numbers of some entries, and where they come from.

Not for terminals with colours (see `views`), nor for what is computed.
"""

from collections.abc import Iterable
from itertools import groupby
from typing import TYPE_CHECKING

import numpy as np

from backlit.explain.agreement import Agreement
from backlit.explain.ops.written import number
from backlit.explain.steps import Step
from backlit.formula import readable
from backlit.language import Language, Text, text

if TYPE_CHECKING:
    from backlit.explain.explanation import Explanation


def tell(explanation: "Explanation", spoken: Language, *, entries: int = 3) -> str:
    """Writes down every step.

    Args:
        explanation: What to tell.
        spoken: Language.
        entries: How many entries of each array are shown with their arithmetic; the largest ones.

    Returns:
        Lines of plain text.
    """
    lines: list[str] = []
    for parts in layer_parts(explanation):
        lines += ["", f"── {heading(parts[0]).say(spoken)} ──"]
        lines += [line for step in parts for line in step_lines(step, spoken, entries=entries)]
    if has_rests(lines):
        lines += ["", rest_words().say(spoken)]
    if explanation.agreement is not None:
        lines += ["", agreement_words(explanation.agreement).say(spoken)]
    return "\n".join(lines).strip("\n")


def layer_parts(steps: Iterable[Step]) -> list[list[Step]]:
    """Neighbouring steps of one layer and one direction, together.

    Args:
        steps: In the order of computing.

    Returns:
        Lists of steps, none empty.
    """
    return [list(part) for _, part in groupby(steps, key=lambda step: (step.layer, step.kind == "gradient"))]


def heading(step: Step) -> Text:
    """What stands above the steps of a layer: its name, and which way the numbers go."""
    if step.kind == "gradient":
        return text("back: {layer}", layer=step.layer)
    return text("forward: {layer}", layer=step.layer)


def step_lines(step: Step, spoken: Language, *, entries: int = 3) -> list[str]:
    """One step: a line of what it is, its formula, and some entries.

    Args:
        step: Which.
        spoken: Language.
        entries: How many entries are shown; the largest ones.

    Returns:
        Lines of plain text.
    """
    head = f"[{step.number}] {step.words.say(spoken)}  {readable(step.symbol)}"
    if step.shape:
        head += f"  ({' × '.join(map(str, step.shape))})"
    if step.uses:
        head += "  " + text("from {steps}", steps=" ".join(f"[{i}]" for i in step.uses)).say(spoken)
    lines = [head]
    if step.formula:
        formula = step.formula if "=" in step.formula else f"{step.symbol} = {step.formula}"
        lines += [f"    {line}" for line in readable(formula).split("\n")]
    lines += [f"    {equation(step, place)}" for place in shown_places(step, entries)]
    left = step.value.size - min(step.value.size, entries)
    if left > 0:
        lines.append(f"    … {text('{n:,} more', n=left).say(spoken)}")
    return lines


def equation(step: Step, place: tuple[int, ...]) -> str:
    """One entry of a step as an equation: symbol = arithmetic = value.

    Args:
        step: Which.
        place: Index of the entry.

    Returns:
        One line of plain text.
    """
    parts = [step.entry(place)]
    result = number(step.value[place])
    if step.kind != "given":
        arithmetic = step.arithmetic(place)
        if arithmetic and arithmetic != result:
            parts.append(arithmetic)
    return " = ".join(readable(part) for part in (*parts, result))


def shown_places(step: Step, entries: int) -> list[tuple[int, ...]]:
    """The entries of a step that are shown: the largest in size, in the order of the array."""
    sizes = np.abs(np.nan_to_num(np.asarray(step.value, float))).ravel()
    chosen = np.sort(np.argsort(-sizes, kind="stable")[:entries])
    return [tuple(int(i) for i in np.unravel_index(flat, step.shape)) for flat in chosen]


def has_rests(lines: Iterable[str]) -> bool:
    """Whether a sum was cut: its last term carries the number of terms that it stands for."""
    return any("₎" in line for line in lines)


def rest_words() -> Text:
    """What the number below the last term of a cut sum means."""
    return text("A term with a number below it, such as 0.5₍₁₂₎, stands for so many further terms together.")


def agreement_words(agreement: Agreement) -> Text:
    """The agreement in one sentence."""
    return text(
        "Checked two ways: jax.grad differs by {autodiff:.0e} at most, central differences by {differences:.0e} "
        "({n} entries nudged, {kinks} of them across a kink and left out).",
        autodiff=agreement.worst_autodiff,
        differences=agreement.worst_difference,
        n=agreement.n_entries,
        kinks=agreement.n_kinks,
    )
