"""Networks by a word or a file: what `backlit train --model` is given becomes what `fit` takes."""

from backlit.models.building import parameters_of as parameters_of
from backlit.models.files import open_shipped as open_shipped
from backlit.models.named import NAMES as NAMES
from backlit.models.read import default_name as default_name
from backlit.models.read import read_model as read_model
from backlit.models.shipped import ship as ship
