"""Numbers computed after, or beside, training: what the views show and never compute."""

from backlit.measure.curves import Curve as Curve
from backlit.measure.curves import Panel as Panel
from backlit.measure.curves import panels as panels
from backlit.measure.layers import LayerRow as LayerRow
from backlit.measure.layers import measure_layers as measure_layers
from backlit.measure.pace import Pace as Pace
from backlit.measure.predictions import prediction_table as prediction_table
from backlit.measure.probed import probe_frame as probe_frame
from backlit.measure.same import is_same as is_same
