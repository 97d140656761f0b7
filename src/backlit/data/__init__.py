"""Data sets: what goes in, what is to come out, and which rows serve which purpose."""

from backlit.data.arrays import from_arrays as from_arrays
from backlit.data.catalog import entries as entries
from backlit.data.catalog import names as names
from backlit.data.dataset import Dataset as Dataset
from backlit.data.dataset import Splits as Splits
from backlit.data.deals import Deals as Deals
from backlit.data.deals import bags as bags
from backlit.data.deals import deals_of as deals_of
from backlit.data.deals import folds as folds
from backlit.data.deals import given_rows as given_rows
from backlit.data.deals import subsets as subsets
from backlit.data.load import load as load
from backlit.data.one_hot import from_one_hot as from_one_hot
from backlit.data.one_hot import one_hot as one_hot
from backlit.data.preparation import AbstractPreparation as AbstractPreparation
from backlit.data.preparation import Preparation as Preparation
from backlit.data.preparation import Rejected as Rejected
from backlit.data.preparation import preparation_from_json as preparation_from_json
from backlit.data.preparation import preparation_to_json as preparation_to_json
from backlit.data.splits import hold_out as hold_out
from backlit.data.splits import last_rows as last_rows
from backlit.data.splits import with_splits as with_splits
from backlit.data.unseen import NewRows as NewRows
from backlit.data.unseen import rows_to_predict as rows_to_predict
