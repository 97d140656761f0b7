"""Runs on disk: kept whole or not at all, found again by name, and trained again to the same bits."""

from backlit.store.database import RunRow as RunRow
from backlit.store.store import CHECKPOINT_S as CHECKPOINT_S
from backlit.store.store import Origin as Origin
from backlit.store.store import Store as Store
from backlit.store.store import open_run as open_run
from backlit.store.store import resume as resume
from backlit.store.store import runs as runs
from backlit.store.unfinished import UnfinishedRow as UnfinishedRow
