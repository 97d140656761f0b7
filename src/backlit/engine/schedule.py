"""When the probes measure: densely in the first steps, then ever more rarely, then at the ends of epochs.

The steps are known before training begins, and the loop cuts its chunks there. So the compiled training program knows
nothing of probes: a condition inside it would run both of its branches wherever members are vmapped.

    >>> measured_steps(epoch_steps=100, n_epochs=4, gap=150)
    (0, 1, 2, 3, 4, 8, 16, 32, 64, 100, 300, 400)

Not for what is measured (see `probes/`).
"""

N_DENSE = 4  # steps measured one by one at the beginning, where a network changes fastest
GROWTH = 2  # from there on each step is so many times as late as the one before, until the first epoch ends


def steps_per_epoch(n_rows: int, batch_size: int) -> int:
    """Steps of one epoch, a short last one included.

    Args:
        n_rows: Training rows.
        batch_size: Examples of one step.

    Returns:
        At least 1 if there are rows.
    """
    return -(-n_rows // batch_size)


def measured_steps(*, epoch_steps: int, n_epochs: int, gap: int) -> tuple[int, ...]:
    """After how many steps the probes measure.

    Args:
        epoch_steps: Steps of one epoch.
        n_epochs: Epochs to train.
        gap: Fewest steps between two measurements at ends of epochs, so that small data do not spend their time on
            measuring. The end of the first epoch and of the last are measured in any case.

    Returns:
        Numbers of steps done, rising; 0 is before the first.
    """
    steps = set(range(min(N_DENSE, epoch_steps) + 1))
    step = N_DENSE
    while (step := step * GROWTH) < epoch_steps:
        steps.add(step)
    last = 0
    for end in (epoch * epoch_steps for epoch in range(1, n_epochs + 1)):
        if end == epoch_steps or end == n_epochs * epoch_steps or end - last >= gap:
            steps.add(end)
            last = end
    return tuple(sorted(step for step in steps if step <= n_epochs * epoch_steps))
