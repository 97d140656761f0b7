import pytest

from tools.check_docstrings import violations

RAISES = (
    'a.py\n    7: DOC503: Function `f` exceptions in the "Raises" section in the docstring do not match those in the '
    "function body. Raised exceptions in the docstring: {documented}. Raised exceptions in the body: {raised}."
)


@pytest.mark.parametrize(
    ("documented", "raised", "n_found"),
    [
        ("['DataError', 'SettingError']", "['DataError']", 0),
        ("['DataError']", "['DataError', 'SettingError']", 1),
        ("['RunError']", "['self._all_diverged']", 0),
        ("['RunError']", "['errors.DataError']", 1),
        ("[]", "['ValueError']", 1),
    ],
)
def test_a_section_may_name_more_than_the_body_raises_and_not_less(documented, raised, n_found):
    assert n_found == len(violations(RAISES.format(documented=documented, raised=raised)))


def test_other_findings_are_shown_with_file_and_line():
    assert violations("b.py\n\na.py\n    7: DOC101: fewer\n    8: DOC502: none\n") == ["a.py:7: DOC101: fewer"]
