"""What can be measured inside a network while it trains: one file a probe, found by scanning this folder."""

from backlit.engine.probes.kind import Probe as Probe
from backlit.engine.probes.kind import Seen as Seen
from backlit.engine.probes.registry import all_probes as all_probes
from backlit.engine.probes.registry import chosen_probes as chosen_probes
