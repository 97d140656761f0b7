"""torch, eager: the usual loop over shuffled batches in memory; two threads, or one (variant `1-thread`)."""

import itertools
import time
from collections.abc import Callable
from typing import Any

from benchmarks.cases import LEARNING_RATE, MOMENTUM, Case
from benchmarks.data import rows


def prepare(case: Case, variant: str, *, n_rows: int) -> Callable[[], dict[str, Any]]:
    inputs, labels, test_inputs, test_labels = rows(n_rows)
    import torch

    if variant == "1-thread":
        torch.set_num_threads(1)
    x, y = torch.from_numpy(inputs), torch.from_numpy(labels).long()
    loss_of = torch.nn.CrossEntropyLoss()

    def train() -> dict[str, Any]:
        torch.manual_seed(0)
        widths = (x.shape[1], *case.hidden, 10)
        layers: list[Any] = []
        for width, units in itertools.pairwise(widths):
            dense = torch.nn.Linear(width, units)
            torch.nn.init.xavier_uniform_(dense.weight)
            torch.nn.init.zeros_(dense.bias)
            layers += [dense, torch.nn.ReLU()]
        model = torch.nn.Sequential(*layers[:-1])
        optimizer = torch.optim.SGD(model.parameters(), LEARNING_RATE, momentum=MOMENTUM, fused=True)
        started = time.perf_counter()
        for _ in range(case.epochs):
            order = torch.randperm(n_rows)
            for start in range(0, n_rows, case.batch_size):
                idx = order[start : start + case.batch_size]
                optimizer.zero_grad(set_to_none=True)
                loss_of(model(x[idx]), y[idx]).backward()
                optimizer.step()
        seconds = time.perf_counter() - started
        with torch.no_grad():
            predicted = model(torch.from_numpy(test_inputs)).argmax(1).numpy()
        return {
            "samples": n_rows * case.epochs,
            "seconds": seconds,
            "test_accuracy": float((predicted == test_labels).mean()),
        }

    return train
