import pytest

from hlmteach.sandbox import Limits, warm


@pytest.mark.parametrize(
    ("seconds", "waited", "over"),
    [(59, 0, False), (61, 0, True), (61, 5, False), (66, 5, True), (181, 500, True)],
)
def test_a_notebook_that_waits_for_a_processor_gets_more_time_up_to_a_limit(seconds, waited, over):
    assert warm._overdue(seconds, waited, Limits(seconds=60)) is over
