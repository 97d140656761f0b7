"""torch: the usual loop over shuffled batches in memory.

    torch             eager, as it comes: one thread a core, the optimiser's own settings
    …-tuned           channels last where the network convolves, and the fastest of torch's three forms of SGD
    …-1-thread        the same on one thread
    …-compile         the same, forward pass and loss through `torch.compile`; on one thread with `-1-thread`
    …-vmap            all members of a population at once: stacked weights, `vmap` of `grad` of `functional_call`

Where there is a GPU, everything runs on it, and `torch.compile` records CUDA graphs.
"""

import contextlib
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.cases import MOMENTUM, Case
from benchmarks.data import rows
from benchmarks.peers import Absent as Absent

FORMS = ({"fused": True}, {"foreach": True}, {"foreach": False})  # how torch's SGD can be told to work
TRIAL_S, MOST_TRIAL_STEPS = 0.2, 50  # each form is tried for about so long
WARM_STEPS = 30  # nothing is compiled for the number of rows, so a part of an epoch warms up


def prepare(case: Case, variant: str, folder: Path) -> Callable[[Case, int], dict[str, Any]]:
    import torch

    from benchmarks.peers.torch_networks import torch_inputs, torch_model

    if "compile" in variant and not any(map(shutil.which, ("g++", "c++", "clang++"))):
        raise Absent("torch.compile needs a C++ compiler, such as Debian's package g++")
    if "1-thread" in variant:
        torch.set_num_threads(1)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    inputs, labels, test_inputs, test_labels = rows(folder, case.n_rows, case.network.input_shape)
    layout = torch.channels_last if variant and case.network.kind == "cnn" else torch.contiguous_format
    place = lambda array: torch_inputs(array, case.network).to(device, memory_format=layout)  # noqa: E731
    x, y, test_x = place(inputs), torch.from_numpy(labels).long().to(device), place(test_inputs)
    steps = _Vmapped(case) if variant == "vmap" else _Plain(case, variant, device, layout)
    form: dict[str, Any] = {}
    compiled: dict[str, float] = {}
    if "compile" in variant:
        compiled["compile_s"] = _seconds(
            steps.start(0, torch_model, form), x, y, case, members=steps.members, n_warm=0, n_steps=1
        )
    if variant:
        step_s = _seconds(steps.start(0, torch_model, FORMS[0]), x, y, case, members=steps.members, n_warm=1, n_steps=1)
        n_steps = int(min(MOST_TRIAL_STEPS, 1 + TRIAL_S / step_s))
        trials = {
            str(form): _seconds(
                steps.start(0, torch_model, form), x, y, case, members=steps.members, n_warm=1, n_steps=n_steps
            )
            for form in FORMS
        }
        form = min(FORMS, key=lambda form: trials[str(form)])

    def train(case: Case, seed: int) -> dict[str, Any]:
        step, predict = steps.start(seed, torch_model, form)
        n_rows = case.n_rows
        started = time.perf_counter()
        for _ in range(case.epochs):
            orders = steps.orders(n_rows, device)
            for start in range(0, n_rows, case.batch_size):
                idx = orders[..., start : start + case.batch_size]
                step(x[idx], y[idx])
        _wait(device)
        seconds = time.perf_counter() - started
        predicted = torch.cat([predict(part) for part in test_x.split(1000)], -1).cpu().numpy()
        return {
            "samples": n_rows * case.epochs * steps.members,
            "seconds": seconds,
            "test_accuracy": float((predicted == test_labels).mean()),
            "note": ", ".join(f"{name}={value}" for name, value in form.items()),
            **compiled,
        }

    return train


class _Plain:
    """One network, eager or compiled."""

    members = 1

    def __init__(self, case: Case, variant: str, device: str, layout: Any) -> None:
        import torch

        self._case, self._device, self._layout = case, device, layout

        def loss_of(model: Any, x: Any, y: Any) -> Any:
            with torch.autocast(device, torch.bfloat16) if case.is_bfloat16 else contextlib.nullcontext():
                return torch.nn.functional.cross_entropy(model(x).float(), y)

        self._loss_of = loss_of
        self._model: Any = None
        if "compile" in variant:
            mode = "reduce-overhead" if device == "cuda" else None
            self._loss_of = torch.compile(loss_of, dynamic=False, mode=mode)

    def orders(self, n_rows: int, device: str) -> Any:
        """The order of the rows in one epoch."""
        import torch

        return torch.randperm(n_rows, device=device)

    def start(self, seed: int, build: Callable[..., Any], form: dict[str, Any]) -> tuple[Callable, Callable]:
        """A fresh network: its step and its prediction. Compiled code is kept: the weights are changed in place."""
        import torch

        torch.manual_seed(seed)
        fresh = build(self._case.network).to(self._device, memory_format=self._layout)
        if self._model is None:
            self._model = fresh
        self._model.load_state_dict(fresh.state_dict())
        model, loss_of = self._model, self._loss_of
        optimizer = torch.optim.SGD(model.parameters(), self._case.learning_rate, momentum=MOMENTUM, **form)

        def step(x: Any, y: Any) -> None:
            optimizer.zero_grad(set_to_none=True)
            loss_of(model, x, y).backward()
            optimizer.step()

        @torch.no_grad()
        def predict(x: Any) -> Any:
            return model(x).argmax(-1)

        return step, predict


class _Vmapped:
    """All members of a population side by side."""

    def __init__(self, case: Case) -> None:
        self._case, self.members = case, case.members

    def orders(self, n_rows: int, device: str) -> Any:
        """The order of the rows in one epoch: one for all members, or one each."""
        import torch

        if not self._case.has_own_order:
            return torch.randperm(n_rows, device=device)
        return torch.stack([torch.randperm(n_rows, device=device) for _ in range(self.members)])

    def start(self, seed: int, build: Callable[..., Any], form: dict[str, Any]) -> tuple[Callable, Callable]:
        """Fresh networks: their step and their predictions, (member, row)."""
        import torch
        from torch.func import functional_call, grad, stack_module_state, vmap

        torch.manual_seed(seed)
        device = "cuda" if torch.cuda.is_available() else "cpu"
        models = [build(self._case.network).to(device) for _ in range(self.members)]
        weights, buffers = stack_module_state(models)
        shared = models[0].to("meta")
        optimizer = torch.optim.SGD(list(weights.values()), self._case.learning_rate, momentum=MOMENTUM, **form)

        def outputs(weights: Any, buffers: Any, x: Any) -> Any:
            return functional_call(shared, (weights, buffers), (x,))

        def loss_of(weights: Any, buffers: Any, x: Any, y: Any) -> Any:
            return torch.nn.functional.cross_entropy(outputs(weights, buffers, x), y)

        rows_axis = 0 if self._case.has_own_order else None
        gradients = vmap(grad(loss_of), in_dims=(0, 0, rows_axis, rows_axis))

        def step(x: Any, y: Any) -> None:
            with torch.no_grad():
                slopes = gradients(weights, buffers, x, y)
            for name, weight in weights.items():
                weight.grad = slopes[name]
            optimizer.step()

        @torch.no_grad()
        def predict(x: Any) -> Any:
            return vmap(outputs, in_dims=(0, 0, None))(weights, buffers, x).argmax(-1)

        return step, predict


def _seconds(
    started: tuple[Callable, Callable], x: Any, y: Any, case: Case, *, members: int, n_warm: int, n_steps: int
) -> float:
    """What some steps take, after a few to warm up; `members` are trained at once."""
    step, _ = started
    x, y = x[: case.batch_size], y[: case.batch_size]
    if case.has_own_order and members > 1:
        x, y = x.expand(members, *x.shape), y.expand(members, *y.shape)
    for _ in range(n_warm):
        step(x, y)
    _wait(x.device.type)
    before = time.perf_counter()
    for _ in range(n_steps):
        step(x, y)
    _wait(x.device.type)
    return time.perf_counter() - before


def _wait(device: str) -> None:
    if device == "cuda":
        import torch

        torch.cuda.synchronize()
