"""What the peers share: the image, the lines through cells; and each peer on a night of one bright stripe."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tests.detect import scenes
from tests.detect.peers import __main__ as command
from tests.detect.peers import lines, methods, physical, scores
from tests.detect.peers.image import NightImage, smoothed

STRIPE = scenes.Stripe(hour=13.0, bottom_km=120.0, top_km=220.0, slowness=3.0, density=40.0)


def blank(rows: int = 100, slots: int = 60) -> NightImage:
    return NightImage(
        np.zeros((rows, slots)), 40000.0 + 30.0 * np.arange(slots), 110.0 + np.arange(rows), "2021-01-10"
    )


def with_line(image: NightImage, slope: float, start: float = 10.0) -> tuple[NightImage, np.ndarray, np.ndarray]:
    """A line of significance 5 from row 20 to 80: `slope` slots a row, shared by the two nearest slots."""
    rows = np.arange(20, 81)
    place = start + slope * (rows - 20)
    slots, share = np.floor(place).astype(int), place - np.floor(place)
    image.significance[rows, slots] += 5.0 * (1 - share)
    image.significance[rows, slots + 1] += 5.0 * share
    return image, np.r_[rows, rows], np.r_[slots, slots + 1]


def test_smoothing_keeps_noise_at_one():
    noise = np.random.default_rng(1).standard_normal((300, 300))
    image = NightImage(noise, np.arange(300.0), np.arange(300.0), "2021-01-10")
    # Some 300^2 / (4 pi 3) independent cells: the scatter is known to 1.5 %.
    assert smoothed(image, 3.0, 1.0)[20:-20, 20:-20].std() == pytest.approx(1.0, abs=0.05)


def test_a_line_through_cells_has_their_slope_and_ends():
    image, rows, slots = with_line(blank(), slope=0.25)
    row = lines.line_through(image, rows, slots)
    # 0.25 slots of 30 s a row of 1 km.
    assert row["slowness_s_per_km"] == pytest.approx(7.5)
    assert (row["bottom_km"], row["top_km"]) == (129.5, 190.5)
    middle = row["time_bottom"] + (row["time_top"] - row["time_bottom"]) / 2
    # Row 50, 7.5 slots after slot 10: 40000 + 17.5 * 30 s.
    assert (middle - pd.Timestamp("2021-01-10")).total_seconds() == pytest.approx(40525.0)


def test_what_is_low_or_short_is_no_stripe():
    image, rows, slots = with_line(blank(), slope=0.25)
    assert lines.line_through(image, rows[:6], slots[:6]) is None
    low = NightImage(image.significance, image.time, image.altitude - 60.0, image.night)
    assert lines.line_through(low, rows, slots) is None


def test_the_same_line_twice_is_one_and_two_lines_are_two():
    image, rows, slots = with_line(blank(), slope=0.25)
    image, more_rows, more_slots = with_line(image, slope=0.25, start=30.0)
    found = [lines.line_through(image, *cells) for cells in ((rows, slots), (rows, slots), (more_rows, more_slots))]
    assert len(lines.distinct(lines.table(found, 0.0), 40.0)) == 2


def test_cells_near_a_line_are_those_within_reach():
    rows, slots = lines.near_line(blank(), (10, 20), (10, 24), 1.0)
    assert sorted(set(rows)) == [20, 21, 22, 23, 24]
    assert sorted(set(slots)) == [9, 10, 11]


def test_what_is_missing_is_named(monkeypatch, capsys):
    monkeypatch.setattr(command, "NEEDED", {"no_such_module": "no-such-package"})
    assert command.main([]) == 2
    assert "no-such-package" in capsys.readouterr().err


@pytest.mark.parametrize("peer", methods.PEERS, ids=lambda peer: peer.name)
def test_each_peer_finds_a_bright_stripe(peer):
    pytest.importorskip("tobac" if peer is methods.Tobac else "skimage")
    case = scores.make_case(scenes.Scene(seed=5, night="2021-01-10", end=14.5, stripes=(STRIPE,)))
    score, false = scores.scored([case], [peer().find(case.image)])
    assert score["found"].all()
    assert false == 0
    # A tenth of a profile of 33 s over 100 km.
    assert abs(score["error"].iloc[0]) < 0.3


def test_a_line_along_the_crest_of_a_physical_ridge_is_a_match_and_another_is_invented():
    night = "2021-01-10"
    ridge = {"night": night, "id": 1, "snr": 40.0, "p": 3.0, "crlb": 0.1, "width": 60.0, "isolation": 5.0}
    crest = pd.DataFrame({"night": night, "id": 1, "altitude_km": [120.0, 220.0], "time_s": [7200.0, 7500.0]})
    truth = {"ridges": pd.DataFrame([ridge]), "crests": crest}
    image = blank()
    # 12:00 UT is 7200 s after 10:00; the second line stands an hour later.
    rows = [
        {"time_bottom": pd.Timestamp(f"{night}T{hour}:00:00"), "time_top": pd.Timestamp(f"{night}T{hour}:05:06"),
         "bottom_km": 120.0, "top_km": 220.0, "snr": 30.0} for hour in (12, 13)
    ]  # fmt: skip
    case = physical.Case("shower", truth, lines.table(rows, 8.0), image)
    ridges_found, found = physical.matched([case], [case.ours])
    assert list(found["fate"]) == ["matched", "invented"]
    # 306 s in 100 km against 300 s in 100 km.
    assert ridges_found["error"].iloc[0] == pytest.approx(0.06)
    assert physical.summary(ridges_found, found)["precision"] == {"share": 0.5, "n": 2}
    # Recall 1, precision one half.
    assert physical.harmonic_mean(ridges_found, found) == pytest.approx(2 / 3)
