"""Tables that figures and claims leave: the plotted numbers, the verdicts, the verdicts under other settings."""

from __future__ import annotations

from metalclouds.schema.table import Column, Table, by_file, date, flag, integer, number, text
from metalclouds.schema.tables import (
    ES_CASES,
    MONTHLY,
    SUPPLEMENT_DECISIONS,
    SUPPLEMENT_NIGHTS,
    SUPPLEMENT_SEASON,
    SUPPLEMENT_STRIPES,
)
from metalclouds.schema.words import NOT_TESTABLE, OUTCOMES

STATES = ("agrees", "differs", "recovered", "not_recovered", NOT_TESTABLE)
NO_VALUE = "nothing was measured, or the parts of the claim have values of their own"

FIGURE3 = Table("figures/figure3.csv", ES_CASES.columns)
FIGURE4 = Table("figures/figure4.csv", MONTHLY.columns)
FIGURE5 = Table(
    "figures/figure5.csv",
    {
        "panel": text("panel of the figure", choices=("b", "c", "d")),
        "series": text("what x and y are, with their units"),
        "x": number("first coordinate"),
        "y": number("second coordinate", empty="not observed"),
        "y_error": number("standard error of y", empty="a model, or an end of a stripe"),
    },
)
FIGURE6 = Table(
    "figures/figure6.csv",
    {
        "night": date("date of the evening at the station"),
        "id": text("number of the stripe in its night, in the order of time"),
        "x_bottom": number("distance of the lower end from the left edge of the drawing, along the drift", unit="km"),
        "bottom_km": number("altitude of the lower end", unit="km"),
        "x_top": number("distance of the upper end from the left edge of the drawing", unit="km"),
        "top_km": number("altitude of the upper end", unit="km"),
        "drawn": flag("whether the stripe lies in the drawing"),
    },
)


def _of(name: str, table: Table, *columns: str, **more: Column) -> Table:
    """Columns of a table of derive/ that the figure of a supplement plots, all where none are named, and its own."""
    chosen = {one: table.columns[one] for one in columns or table.columns}
    return Table(f"figures/supplement_{name}.csv", chosen | more)


SHEET = number("slowness of a field-aligned sheet along the axis of the enhanced TEC", empty="no axis", unit="s km-1")
AREAS = ("altitude_km", "radius_km", "area_least_m2", "area_m2", "area_largest_m2")
WIDTHS = ("night", "id", "altitude_km", "radius_km", "peak_density_cm3", "widening", "widening_sigma")
SUPPLEMENT_FIGURES = (
    _of("decision", SUPPLEMENT_DECISIONS),
    _of("metal", SUPPLEMENT_NIGHTS, "night", "metal_tecu", "tec_tecu"),
    _of("radiants", SUPPLEMENT_NIGHTS),
    _of("season", SUPPLEMENT_SEASON),
    _of("sheets", SUPPLEMENT_STRIPES, "night", "id", "slowness_s_per_km", sheet_s_per_km=SHEET),
    _of("supply", SUPPLEMENT_STRIPES, "night", "id", *AREAS),
    _of("widening", SUPPLEMENT_STRIPES, *WIDTHS),
)
VERDICTS = Table(
    "claims/verdicts.csv",
    {
        "id": text("the claim, as in config/claims.yaml"),
        "about": text("what is judged: the paper (real data) or the pipeline", choices=("paper", "simulation")),
        "verdict": text("the verdict", choices=STATES),
        "value": number("measured value", empty=NO_VALUE),
        "low": number("lower end of its interval (coverage: setting claims.confidence)", empty=NO_VALUE),
        "high": number("upper end of its interval", empty=NO_VALUE),
        "unit": text("unit of value, low and high"),
        "n": integer("nights, stripes, soundings or analyses behind the value", unit="1", empty=NO_VALUE),
        "distance": number(
            "distance from the expected set, in standard errors", unit="1", empty="not a value with an error"
        ),
        "probability": number("bootstrap probability of an ordering", unit="1", empty="not an ordering"),
        "kind": text("what is compared: count, value, range, ordering, time, ratio or presence"),
        "statement": text("what the paper says, in our own words"),
        "printed": text("the value with the precision that it is printed with", empty="no number is printed"),
        "place": text("lines of the preprint"),
        "status": text("why it is as it is: met, not_met, or why a claim is not testable"),
        "reason": text("the reason, a sentence"),
        "if_false": text("which measured values would have been called different", empty="nothing was measured"),
        "rule": text("when the claim holds and when it fails: bounds and confidence", empty="nothing to measure"),
        "ours": flag("whether it is our own test, which the paper does not state"),
        "words": text("the outcome as the page says it", choices=tuple(one.word for one in OUTCOMES.values())),
    },
)
SENSITIVITY = Table(
    "claims/sensitivity.csv",
    {
        "claim": text("the claim"),
        "setting": text("the setting that was changed", empty="the run's own settings"),
        "setting_value": text("its other value, a number or a word", empty="the run's own settings"),
        "base": flag("whether the row is that of the run's own settings"),
        "value": number("measured value", empty=NO_VALUE),
        "low": number("lower end of its interval", empty=NO_VALUE),
        "high": number("upper end of its interval", empty=NO_VALUE),
        "unit": text("unit of value, low and high"),
        "verdict": text("the verdict under that setting", choices=STATES),
        "status": text("as in verdicts.csv"),
        "kept": flag("whether the verdict is that of the run's own settings"),
    },
)
RESULT_TABLES = by_file(FIGURE3, FIGURE4, FIGURE5, FIGURE6, *SUPPLEMENT_FIGURES, VERDICTS, SENSITIVITY)
