"""Findings and trials are plain data that a run has none of until somebody fills them."""

from tests.measure.stand_in import StandIn, rows_of


def test_a_run_has_no_findings_and_no_trial_by_itself():
    run = StandIn(data=rows_of([[0.0], [1.0]], [0, 1]))
    assert ((), None) == (run.findings, run.trial)
