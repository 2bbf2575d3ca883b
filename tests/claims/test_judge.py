"""The rule from measurement to outcome, one case a line; expected outcomes follow from its definition."""

import math
from pathlib import Path

import pytest
from pydantic import ValidationError
from scipy import stats

from metalclouds.claims.model import Data, Expected, Measurement, Part, clock_hours, clock_text, load_claims
from metalclouds.claims.settings import ClaimsSettings
from metalclouds.claims.statistics import chance_of_match, difference_of_shares, nearest
from metalclouds.claims.verdict.rule import (
    PartVerdict,
    distance,
    held_together,
    outcome,
    outcome_of_claim,
    outcome_of_part,
)
from metalclouds.claims.verdict.summary import at_least, summary
from metalclouds.claims.verdict.words import expectation, if_false, rule, window, with_interval
from metalclouds.errors import ConfigError
from metalclouds.schema.documents import Verdict
from metalclouds.schema.words import OUTCOMES, to_its_error
from tests.claims import campaign

SETTINGS = ClaimsSettings()
CLAIMS = Path(__file__).parents[2] / "config" / "claims.yaml"


@pytest.mark.parametrize(
    ("expected", "found", "result"),
    [
        (Expected(equals=5.0), Measurement(5.5, 4.9, 6.1), "met"),
        (Expected(equals=5.0), Measurement(5.5, 5.1, 6.1), "not_met"),
        (Expected(equals=5.0, tolerance=0.1), Measurement(5.5, 5.1, 6.1), "met"),
        (Expected(equals=5.0, resolution=0.5), Measurement(5.5, 4.0, 7.0), "undecided"),
        (Expected(equals=37), Measurement(37.0), "met"),
        (Expected(equals=37), Measurement(38.0), "not_met"),
        (Expected(at_least=4), Measurement(4.0, 3.0, 4.0), "met"),
        (Expected(at_least=4), Measurement(3.0, 3.0, 5.0), "undecided"),
        (Expected(at_least=4), Measurement(2.0, 1.0, 3.0), "not_met"),
        (Expected(at_least=0, shown=True), Measurement(0.5, -0.1, 1.1), "undecided"),
        (Expected(at_least=0, shown=True), Measurement(0.5, 0.1, 0.9), "met"),
        (Expected(at_most=0.1), Measurement(0.2, 0.05, 0.3), "undecided"),
        (Expected(between=(1, 2)), Measurement(3.0), "not_met"),
        # A limit excludes what lies on its other side, and leaves the rest open.
        (Expected(between=(10, 20)), Measurement(25.0, 25.0, 90.0, limit="lower"), "not_met"),
        (Expected(between=(10, 20)), Measurement(5.0, 5.0, 90.0, limit="lower"), "undecided"),
        (Expected(between=(10, 20)), Measurement(5.0, 0.0, 5.0, limit="upper"), "not_met"),
        (Expected(between=(10, 20)), Measurement(25.0, 0.0, 25.0, limit="upper"), "undecided"),
        (Expected(ordering=True), Measurement(0.95, probability=0.95), "met"),
        (Expected(ordering=True), Measurement(0.5, probability=0.5), "undecided"),
        (Expected(ordering=True), Measurement(0.02, probability=0.02), "not_met"),
    ],
)
def test_outcome(expected, found, result):
    assert outcome(expected, found, SETTINGS) == result


def test_distance_is_in_errors_of_the_facing_side():
    # 95 % interval from 4 to 10 about 6: 1.96 errors are 2 below and 4 above.
    found = Measurement(6.0, 4.0, 10.0)
    assert distance(Expected(equals=3.0), found, SETTINGS) == pytest.approx(3 / (2 / 1.96), rel=1e-3)
    assert distance(Expected(equals=12.0), found, SETTINGS) == pytest.approx(-6 / (4 / 1.96), rel=1e-3)
    assert distance(Expected(between=(5, 7)), found, SETTINGS) == 0.0
    assert distance(Expected(equals=3.0), Measurement(6.0), SETTINGS) is None


def test_clock_times():
    assert clock_hours("14:36") == pytest.approx(14.6)
    assert Expected(equals="14:36", tolerance="00:06").bounds == pytest.approx((14.5, 14.7))
    assert clock_text(14.6) == "14:36"
    assert clock_text(13.9999) == "14:00"


def test_the_nearest_candidate_is_judged():
    candidates = tuple(Measurement(value) for value in (12.0, 15.5, 19.0))
    assert nearest(Measurement(12.0, candidates=candidates), 15.0, 15.2).value == 15.5


@pytest.mark.parametrize("forms", [{}, {"equals": 1, "at_least": 2}, {"tolerance": 1}])
def test_an_expectation_has_one_form(forms):
    with pytest.raises(ValidationError, match="exactly one"):
        Expected(**forms)


def test_a_wrong_claims_file_says_all_that_is_wrong(tmp_path):
    path = tmp_path / "claims.yaml"
    path.write_text("claims:\n  - {id: X1, lines: [1]}\n  - {id: bad}\n", encoding="utf-8")
    with pytest.raises(ConfigError) as error:
        load_claims(path)
    assert "claims.0.statement" in str(error.value)
    assert "claims.1.id" in str(error.value)


def test_printed_values_stand_only_in_the_claims_file():
    source = Path(__file__).parents[2] / "src" / "metalclouds" / "claims"
    text = "".join(path.read_text(encoding="utf-8") for path in sorted(source.rglob("*.py")))
    for printed in ("257", "5.82", "5.32", "49.07", "0.21", "14:36", "15:43", "2021-"):
        assert printed not in text
    assert {"257", "5.82", "49.07"} <= {claim.printed.split(",")[0].split("-")[-1].split(" ")[0] for claim in
                                        load_claims(CLAIMS).claims}  # fmt: skip


def test_chance_is_counted_for_tested_claims_only():
    part = {"probability": None, "low": 1.0, "high": 2.0}
    exact = {"probability": None, "low": 1.0, "high": 1.0}
    entries = [
        {"verdict": "agrees", "about": "paper", "parts": [part]},
        {"verdict": "differs", "about": "paper", "parts": [part, part]},
        {"verdict": "agrees", "about": "paper", "parts": [exact]},
        {"verdict": "not_testable", "about": "paper", "parts": [part]},
    ]
    counted = summary(entries, SETTINGS)
    assert (counted["claims"], counted["tested"], counted["tested_on_the_papers_data"]) == (4, 3, 3)
    # The two parts of the second claim hold together with 95 %.
    assert counted["expected_by_chance"] == pytest.approx(0.05 + 0.05)
    assert counted["differing"] == 1
    # Two claims can fail, each with 5 %: at least one does with 1 - 0.95^2.
    assert counted["p_as_many_by_chance"] == pytest.approx(1 - 0.95**2)


def test_as_many_by_chance_is_the_binomial_tail_for_equal_chances():
    assert at_least(3, [0.1] * 20) == pytest.approx(stats.binom.sf(2, 20, 0.1))
    assert at_least(0, [0.1, 0.5]) == pytest.approx(1.0)


def test_parts_are_held_together_by_narrower_tails():
    data = Data(campaign.tables(), campaign.CASES, SETTINGS)
    claims = {claim.id: claim for claim in load_claims(CLAIMS).claims}
    # S4 has two parts: 0.9747 each, so that both hold in 95 %; N2 has one; M1 has one that decides.
    assert held_together(claims["S4"], data).settings.confidence == pytest.approx(0.95**0.5)
    assert held_together(claims["N2"], data).settings.confidence == 0.95
    assert held_together(claims["M1"], data).settings.confidence == 0.95


@pytest.mark.parametrize(
    ("expected", "unit", "text"),
    [
        (Expected(equals="13:44", tolerance="00:10"), "h UT", "13:44 UT give or take 10 min"),
        (Expected(equals=190, tolerance=10), "km", "190 km give or take 10 km"),
        (Expected(equals=37, tolerance=0.5), "nights", "37 nights"),
        (Expected(equals=5.82, tolerance=0.005), "degree", "5.82°"),
        (Expected(at_least=1), "clouds", "at least 1 cloud"),
        (Expected(at_most=1), "days", "at most 1 day"),
        (Expected(at_least=40), "km s-1", "at least 40 km/s"),
    ],
)
def test_a_tolerance_is_said_where_it_is_more_than_rounding(expected, unit, text):
    assert expectation(expected, unit) == text


def test_a_claim_that_the_simulation_cannot_hold_is_judged_on_the_paper_s_data_only(judged):
    paper, simulated = judged(name="paper")["X2"], judged("twin", name="twin")["X2"]
    assert paper["status"] != "not_simulated"
    assert (simulated["verdict"], simulated["status"]) == ("not_testable", "not_simulated")


# The text of the preprint; references and statements follow it.
BODY = range(17, 324)


def test_each_line_of_the_paper_has_a_claim_a_note_or_a_reason():
    book = load_claims(CLAIMS)
    spoken = {line for item in (*book.claims, *book.notes) for line in item.lines}
    reasons = [line for one in book.unclaimed for line in range(one.first, one.last + 1)]
    assert [line for line in BODY if line not in spoken | set(reasons)] == []
    assert len(reasons) == len(set(reasons)), "no line has two reasons"
    assert max(reasons) in BODY


def test_a_claim_is_decided_where_it_survives_our_choices():
    best, other = Measurement(1.2), {"another weight": Measurement(0.9)}
    part = Part(name="", measure="", expected=Expected(at_least=1.0))
    either = part.model_copy(update={"own_choices": "any"})
    assert outcome_of_part(part, best, SETTINGS) == "met"
    assert outcome_of_part(part, Measurement(1.2, choices=other), SETTINGS) == "undecided"
    assert outcome_of_part(either, Measurement(1.2, choices=other), SETTINGS) == "met"
    worse = Measurement(0.9, choices={"a": Measurement(1.2), "b": Measurement(0.8)})
    assert outcome_of_part(part, worse, SETTINGS) == outcome_of_part(either, worse, SETTINGS) == "undecided"
    worst = Measurement(0.9, choices={"b": Measurement(0.8)})
    assert outcome_of_part(part, worst, SETTINGS) == outcome_of_part(either, worst, SETTINGS) == "not_met"


def test_a_reading_of_the_paper_that_is_assumed_must_hold_too():
    part = Part(
        name="", measure="", expected=Expected(between=("12:18", "14:36")),
        assumed=(Expected(between=("13:48", "14:36")),),
    )  # fmt: skip
    found = [outcome_of_part(part, Measurement(hours), SETTINGS) for hours in (14.0, 13.0, 15.0)]
    assert found == ["met", "undecided", "not_met"]


def test_the_chance_of_a_match_is_the_covered_share():
    # Two candidates, half a width of 0.5: 13.5-14.5 and 14.0-15.0 cover 1.5 of 10 hours.
    found = Measurement(14.0, candidates=(Measurement(14.0), Measurement(14.5)), span=(10.0, 20.0))
    assert chance_of_match(found, 14.5, 15.5) == pytest.approx(0.15)


@pytest.mark.parametrize(
    ("numbers", "unit", "text"),
    [
        # The rule of the Particle Data Group: two digits of an error that begins with 100 to 354, one from 355 on.
        ((0.8556, 0.343, 1.21), "1", "0.9 (0.3 to 1.2)"),
        ((11.8, 10.91, 12.7), "degree", "11.8° (10.9 to 12.7)"),
        ((0.124, 0.1062, 0.1447), "1", "0.124 (0.106 to 0.145)"),
        ((98.123, None, None), "km", "98.1 km"),
        ((257.0, 230.0, 290.0), "nights", "257 nights (230 to 290)"),
        ((257.0, None, None), "nights", "257 nights"),
        ((-0.152, -math.inf, 0.2), "per 100 km", "-0.15 per 100 km (open to 0.20)"),
        ((-0.145, -math.inf, math.inf), "per 100 km", "-0.145 per 100 km (too few for an interval)"),
        ((14.6, 14.55, 14.65), "h UT", "14:36 UT (14:33 UT to 14:39 UT)"),
    ],
)
def test_values_are_printed_to_the_digits_that_their_interval_allows(numbers, unit, text):
    assert with_interval(*numbers, unit) == text


def part_verdict(outcome, chance):
    part = Part(name="", measure="", expected=Expected(at_least=1.0))
    return PartVerdict(part, outcome, Measurement(1.0), "found", chance=chance)


@pytest.mark.parametrize(
    ("parts", "result"),
    [
        ([("met", 0.6)], ("undecided", 0.6)),
        ([("met", 0.1)], ("met", None)),
        # Two matches of which each is easy, but both together are not.
        ([("met", 0.4), ("met", 0.5)], ("met", None)),
        ([("met", 0.6), ("met", 0.6)], ("undecided", 0.36)),
        # A part without a question of chance speaks for itself; one that fails does so whatever the chance.
        ([("met", 0.6), ("met", None)], ("met", None)),
        ([("not_met", 0.6)], ("not_met", None)),
        ([("met", 0.6), ("shown", None)], ("undecided", 0.6)),
    ],
)
def test_a_match_that_chance_gives_easily_decides_nothing(parts, result):
    found, chance = outcome_of_claim([part_verdict(*one) for one in parts], SETTINGS)
    assert (found, chance) == (result[0], pytest.approx(result[1]))


def test_an_open_range_is_met_by_chance_with_its_share_of_the_span():
    found = Measurement(10.0, 0.0, 20.0, span=(0.0, 250.0))
    assert chance_of_match(found, -math.inf, 50.0) == pytest.approx(0.2)
    assert chance_of_match(found, 200.0, math.inf) == pytest.approx(0.2)


def test_the_interval_of_a_difference_of_shares_is_newcombe_s():
    # His examples (1998, Statistics in Medicine 17, 873, table II): 56/70 - 48/80 and 10/10 - 0/10, method 10.
    first = difference_of_shares((56, 48), (70, 80), 0.95)
    assert (first.value, first.low, first.high) == pytest.approx((0.2, 0.0524, 0.3339), abs=2e-4)
    second = difference_of_shares((10, 0), (10, 10), 0.95)
    assert (second.value, second.low, second.high) == pytest.approx((1.0, 0.6075, 1.0), abs=2e-4)


CLAIMS_BY_ID = {claim.id: claim for claim in load_claims(CLAIMS).claims}


@pytest.mark.parametrize(
    ("minutes", "result"),
    [
        # The two maps leave an end 54 min before to 66 min after the last Ca+.
        ((30, 20, 40), "met"),
        ((-50, -53, -47), "met"),
        # 77 min later, as a blind reader found it agree: open where the interval reaches in, else different.
        ((77, 57, 98), "undecided"),
        ((60, 50, 70), "undecided"),
        ((77, 70, 84), "not_met"),
        ((-70, -80, -60), "not_met"),
    ],
)
def test_an_enhancement_ends_with_the_clouds_if_it_does_so_between_the_paper_s_maps(minutes, result):
    assert outcome_of_part(CLAIMS_BY_ID["T4"].parts[1], Measurement(*map(float, minutes)), SETTINGS) == result


@pytest.mark.parametrize(
    ("part", "number", "result"),
    [
        # Poisson: where one false event is expected up to 3 occur at 97.5 %, where two are up to 5.
        (("L5", 0), 0, "not_met"), (("L5", 0), 3, "undecided"), (("L5", 0), 4, "met"),
        (("L6", 0), 3, "undecided"), (("L6", 0), 4, "met"), (("L6", 1), 5, "undecided"), (("L6", 1), 6, "met"),
    ],
)  # fmt: skip
def test_events_must_be_more_than_false_ones_explain(part, number, result):
    assert [stats.poisson.ppf(0.975, mean) for mean in (1, 2)] == [3, 5]
    chosen = CLAIMS_BY_ID[part[0]].parts[part[1]]
    assert outcome_of_part(chosen, Measurement(float(number)), SETTINGS) == result


def test_the_chance_of_a_match_is_that_of_the_window_that_is_used():
    # A merging cloud takes 20 min, a time is read to 10: 40 of 400 min match, not 20.
    found = Measurement(18.5, 18.5, 18.5 + 20 / 60, span=(13.0, 13.0 + 400 / 60))
    assert chance_of_match(found, 19.0 - 10 / 60, 19.0 + 10 / 60) == pytest.approx(40 / 400)
    assert window(40 / 60, found.span, "h UT") == "40 of 400 min would match"
    # Where the whole interval must lie in the range, its length is lost: an interval of 41 min in one of 120.
    lag = Measurement(77.0, 57.0, 98.0, span=(-200.0, 200.0))
    assert chance_of_match(lag, -54.0, 66.0, whole=True) == pytest.approx(79 / 400)


def test_a_bound_that_equality_does_not_meet():
    assert outcome(Expected(above=1), Measurement(1.0), SETTINGS) == "not_met"
    assert outcome(Expected(above=1), Measurement(1.01), SETTINGS) == "met"
    assert expectation(Expected(above=1), "1") == "more than 1"


@pytest.mark.parametrize(
    ("expected", "found", "text"),
    [
        (Expected(equals=5.82, tolerance=0.005, resolution=3), Measurement(6.0, 5.0, 7.0),
         "holds if the 95 % interval reaches 5.815 to 5.825, fails otherwise, open if it is wider than ±3"),
        (Expected(at_least=0.95), Measurement(0.9, 0.8, 0.97),
         "holds if the value is at least 0.95, fails if the whole 95 % interval lies outside, open otherwise"),
        (Expected(at_least=1.5, shown=True), Measurement(3.0, 2.6, 9.0),
         "holds if the whole 95 % interval is at least 1.5, fails if all of it lies outside, open otherwise"),
        (Expected(at_least=1), Measurement(7.0), "holds if the value is at least 1, fails otherwise"),
        (Expected(ordering=True), Measurement(0.8, probability=0.8),
         "holds from a probability of 0.9 on, fails up to 0.1, open between"),
    ],
)  # fmt: skip
def test_the_rule_says_bound_and_confidence(expected, found, text):
    assert rule(Part(name="", measure="", expected=expected), found, SETTINGS) == text


def test_a_ratio_that_is_false_is_told_on_the_scale_of_its_logarithm():
    # 3.0 (2.6 to 9.0) bears 1.5 or more; with the same interval in the logarithm 0.5 would reach 1.5 at most.
    part = Part(name="", measure="", expected=Expected(at_least=1.5, shown=True))
    assert if_false(part, Measurement(3.0, 2.6, 9.0), None).startswith("if the measured value were below 0")
    assert outcome(part.expected, Measurement(0.49, 0.42, 1.47), SETTINGS) == "not_met"


def test_a_test_of_ours_never_agrees_with_the_paper_or_differs_from_it(judged):
    verdicts = judged(name="ours")
    ours = {name: one for name, one in verdicts.items() if one["ours"]}
    assert set(ours) == {f"X{number}" for number in range(1, 11)}
    shown = {Verdict(**one | {"parts": ()}).outcome for one in ours.values()}
    assert shown == {"for_trails", "by_design"}
    assert not {"agrees", "recovered"} & {OUTCOMES[one].word for one in shown}
    counted = summary(list(verdicts.values()), SETTINGS)
    assert counted["claims"] == len(verdicts) - len(ours)


@pytest.mark.parametrize(
    ("numbers", "text"),
    [
        ((-0.0996, -0.124, -0.0582), "-0.100 (-0.124 to -0.058)"),
        ((0.114, 0.0454, 0.26), "0.11 (0.05 to 0.26)"),
        # A lopsided interval is given to its shorter side, as an error with two signs is.
        ((1.37, 0.177, 10.6), "1.4 (0.2 to 10.6)"),
        ((33.34, 31.32, 36.91), "33.3 (31.3 to 36.9)"),
        ((2.5, math.nan, math.nan), "2.5"),
    ],
)
def test_a_number_of_a_supplement_has_the_digits_of_its_error(numbers, text):
    assert to_its_error(*numbers) == text
