"""`make paper` on the figure-by-figure record of another author, from nothing to a page."""

from __future__ import annotations

import pytest

from tests.rehearsal.stage import Outcome, lines_of_a_user, play
from tests.rehearsal.truth import NOT_READ, RIGHT, WRONG

pytestmark = [pytest.mark.slow, pytest.mark.workflow, pytest.mark.xdist_group("workflow")]


@pytest.fixture(scope="module")
def paper(tmp_path_factory) -> Outcome:
    return play("a", tmp_path_factory.mktemp("record"), with_lines=bool(lines_of_a_user("a")))


def test_nothing_is_silently_wrong(paper):
    wrong = paper.compared[paper.compared["outcome"] == WRONG]
    assert wrong.empty, wrong.to_string()


def test_the_six_nights_of_the_figures_are_read(paper):
    lidar = paper.compared[paper.compared["instrument"] == "lidar"]
    assert lidar["outcome"].tolist() == [RIGHT] * 6


def test_the_page_is_written_and_what_was_not_read_ends_with_a_code(paper):
    assert paper.page, paper.told
    unread = (paper.compared["outcome"] == NOT_READ).any()
    assert (paper.code != 0) == unread, paper.told


def test_claims_without_their_instrument_are_not_judged(paper):
    for claim in ("E1a", "E1b", "E2", "F1"):
        assert paper.verdicts[claim] == "not_testable", "the record holds no Digisonde"
