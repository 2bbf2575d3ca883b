"""Fifty ways of writing an instrument's truth down, drawn at random: read right or stopped, never silently wrong."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from tests.ingest.variety import draw, judge

DRAWS = 50
# Of few draws; `make validate` has the shares of 500.
LEAST_RIGHT = 0.75


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory) -> dict[int, tuple[draw.Drawn, judge.Outcome]]:
    found = {}
    for seed in range(DRAWS):
        drawn = draw.draw(seed, tmp_path_factory.mktemp("drawn"))
        found[seed] = drawn, judge.tried(drawn.path, drawn.truth, drawn.missing)
    return found


def test_nothing_is_silently_wrong(outcomes):
    bad = {
        seed: (drawn.path.name, drawn.choices, found.why)
        for seed, (drawn, found) in outcomes.items()
        if found.kind in ("wrong", "fault")
    }
    assert not bad


def test_most_are_read_without_a_line_and_the_others_with_one_that_is_proposed(outcomes):
    kinds = Counter(found.kind for _, found in outcomes.values())
    assert kinds["right"] >= LEAST_RIGHT * DRAWS
    stopped = {seed: (drawn.choices, found.why) for seed, (drawn, found) in outcomes.items() if found.kind == "stop"}
    assert not stopped


@pytest.mark.parametrize("seed", [0, 1, 2, 3, 4, 5])
def test_a_seed_draws_the_same_file_again(tmp_path: Path, seed: int):
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    first, second = draw.draw(seed, tmp_path / "a"), draw.draw(seed, tmp_path / "b")
    assert (first.path.name, first.choices) == (second.path.name, second.choices)
