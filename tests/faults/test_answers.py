"""Whatever a provider answers: the record whole, the damaged file named, or a stop that says why."""

from __future__ import annotations

import pytest

from tests.faults.answers import ANSWERS
from tests.faults.provider import attempt


@pytest.mark.parametrize("answer", ANSWERS, ids=lambda answer: answer.name)
def test_answer_does_no_harm(answer, tmp_path):
    trial = attempt(answer, tmp_path)
    assert not trial.wrong
    assert (trial.outcome, answer.says in trial.text) == (answer.outcome, True), trial.text
