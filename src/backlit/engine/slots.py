"""Where the members of a group lie in the arrays of its program.

Slots of one device are neighbours; blocks are neighbours within a device. Members are dealt out to the devices in turn,
so that each has as many. When members have stopped, the living are moved to the front, so that only blocks in which
somebody lives are run.

Not for deciding how many slots there are (see `devices.py`).
"""

import math
from typing import Any

import jax
import numpy as np

from backlit.engine.program import NEVER


class Slots:
    """Which member lies in which slot.

    Args:
        n_members: Members of the group.
        n_slots: Places; a multiple of `n_devices * block`.
        n_devices: Devices that share the group.
        block: Places that are vmapped together.

    Attributes:
        member_of_slot: (slot,) member that lies there; an idle slot repeats the first.
        is_idle: (slot,) whether nobody counts there.
        slot_of_member: (member,) where each lies.
    """

    member_of_slot: np.ndarray
    is_idle: np.ndarray
    slot_of_member: np.ndarray

    def __init__(self, n_members: int, *, n_slots: int, n_devices: int, block: int) -> None:
        self._n_local, self._n_devices, self._block = n_slots // n_devices, n_devices, block
        self._deal(np.arange(n_members), n_slots)

    def put_back(self, member_of_slot: np.ndarray, is_idle: np.ndarray) -> None:
        """Lays the members as they lay before.

        Args:
            member_of_slot: (slot,) from an equal Slots.
            is_idle: (slot,) likewise.
        """
        self.member_of_slot, self.is_idle = member_of_slot, is_idle
        self.slot_of_member[member_of_slot[~is_idle]] = np.flatnonzero(~is_idle)

    def blocks_to_run(self, living: np.ndarray) -> list[int]:
        """On each device, the number of leading blocks in which somebody lives.

        Args:
            living: (member,) who still trains.

        Returns:
            One number a device.
        """
        alive = np.zeros(self._n_local * self._n_devices, bool)
        alive[self.slot_of_member[living]] = True
        return [
            -(-(int(np.flatnonzero(part)[-1]) + 1) // self._block) if part.any() else 0
            for part in alive.reshape(self._n_devices, self._n_local)
        ]

    def compact(self, living: np.ndarray) -> np.ndarray | None:
        """Moves the living to the front if that saves a block.

        Args:
            living: (member,) who still trains.

        Returns:
            For each new slot the old slot to fill it from, or None if nothing moves.
        """
        if living.all() or not living.any():
            return None
        before, n_slots = self.blocks_to_run(living), len(self.member_of_slot)
        needed = math.ceil(math.ceil(int(living.sum()) / self._n_devices) / self._block)
        if max(before) <= needed:
            return None
        old_slot = self.slot_of_member.copy()
        old_idle = list(np.flatnonzero(self.is_idle))
        self._deal(np.concatenate([np.flatnonzero(living), np.flatnonzero(~living)]), n_slots)
        fill_from = np.empty(n_slots, int)
        fill_from[self.slot_of_member] = old_slot
        fill_from[self.is_idle] = old_idle
        return fill_from

    def _deal(self, members_first: np.ndarray, n_slots: int) -> None:
        """Deals members out to the devices in turn, so that each device has as many; idle slots repeat the first."""
        member_of_slot = np.full(n_slots, NEVER)
        for rank, member in enumerate(members_first):
            member_of_slot[rank % self._n_devices * self._n_local + rank // self._n_devices] = member
        self.is_idle = member_of_slot == NEVER
        self.member_of_slot = np.where(self.is_idle, members_first[0], member_of_slot)
        self.slot_of_member = np.empty(len(members_first), int)
        self.slot_of_member[member_of_slot[~self.is_idle]] = np.flatnonzero(~self.is_idle)


def at_slots(tree: Any, places: np.ndarray) -> Any:
    """The entries of these places.

    Args:
        tree: Arrays whose first axis counts places.
        places: Which, in the order wanted.

    Returns:
        The same tree, with NumPy arrays.
    """
    return jax.tree.map(lambda leaf: np.asarray(leaf)[places], tree)
