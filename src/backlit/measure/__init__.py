"""Numbers computed after, or beside, training: what the views show and never compute."""

from backlit.measure.boundary import BoundaryGrid as BoundaryGrid
from backlit.measure.boundary import boundary_grid as boundary_grid
from backlit.measure.calibration import Calibration as Calibration
from backlit.measure.calibration import calibration as calibration
from backlit.measure.calibration import fitted_temperature as fitted_temperature
from backlit.measure.calibration import tempered as tempered
from backlit.measure.confusion import Mistake as Mistake
from backlit.measure.confusion import confusion_matrix as confusion_matrix
from backlit.measure.confusion import most_frequent_mistakes as most_frequent_mistakes
from backlit.measure.confusion import precision as precision
from backlit.measure.confusion import recall as recall
from backlit.measure.curves import Curve as Curve
from backlit.measure.curves import Panel as Panel
from backlit.measure.curves import panels as panels
from backlit.measure.layers import LayerRow as LayerRow
from backlit.measure.layers import measure_layers as measure_layers
from backlit.measure.pace import Pace as Pace
from backlit.measure.predictions import prediction_table as prediction_table
from backlit.measure.probed import probe_frame as probe_frame
from backlit.measure.same import is_same as is_same
from backlit.measure.selectivity import Selectivity as Selectivity
from backlit.measure.selectivity import compare_selectivity as compare_selectivity
from backlit.measure.selectivity import selectivity as selectivity
