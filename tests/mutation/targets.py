"""Which modules are changed, and the tests that each of them has to fail: its own, of a few seconds."""

from __future__ import annotations

DERIVE, CLAIMS, DETECT = "tests/derive/test_", "tests/claims/test_", "tests/detect/test_"
JUDGE = (f"{CLAIMS}judge.py", f"{CLAIMS}single_measures.py")
RATES = ("tests/physics/test_rates.py", "tests/supplements/test_physics.py")
MEASURES = (f"{CLAIMS}single_measures.py", f"{CLAIMS}measures.py")
# Tests that take longer than all others of their file together.
LEFT_OUT = (
    f"{CLAIMS}judge.py::test_a_claim_that_the_simulation_cannot_hold_is_judged_on_the_paper_s_data_only",
    f"{CLAIMS}judge.py::test_a_test_of_ours_never_agrees_with_the_paper_or_differs_from_it",
    f"{CLAIMS}measures.py::test_limits_of_beta_decide_only_what_they_exclude",
)

TARGETS: dict[str, tuple[str, ...]] = {
    "physics/air": ("tests/supplements/test_physics.py",),
    "physics/density": ("tests/physics/test_density.py", f"{DERIVE}columns.py"),
    "physics/density_noise": (f"{DETECT}kernels.py", f"{DETECT}coarse.py", "tests/physics/test_density.py"),
    "physics/escape": RATES,
    "physics/ions": RATES,
    "physics/meteoroid": RATES,
    "physics/sky": ("tests/supplements/test_physics.py", "tests/supplements/test_supplements.py"),
    "physics/sun": ("tests/physics/test_sun.py",),
    "physics/trail": ("tests/physics/test_trail.py", f"{DERIVE}beta.py"),
    "physics/wind": (f"{DERIVE}beta.py", f"{DERIVE}wind_steps.py", f"{DETECT}tables.py"),
    "derive/atmosphere": (f"{DERIVE}atmosphere.py",),
    "derive/beta": (f"{DERIVE}beta.py",),
    "derive/columns": (f"{DERIVE}columns.py",),
    "derive/correlation": (f"{DERIVE}correlation.py",),
    "derive/es_cases": (f"{DERIVE}es_cases.py", f"{DERIVE}ionogram.py"),
    "derive/es_response": (f"{DERIVE}es_response.py",),
    "derive/indices": (f"{DERIVE}atmosphere.py",),
    "derive/ionogram": (f"{DERIVE}ionogram.py",),
    "derive/ionogram_choice": (f"{DERIVE}ionogram_choice.py",),
    "derive/moments": (f"{DERIVE}columns.py", f"{DERIVE}monthly.py"),
    "derive/monthly": (f"{DERIVE}monthly.py",),
    "derive/nights": (f"{DERIVE}occurrence.py", f"{DERIVE}monthly.py"),
    "derive/occurrence": (f"{DERIVE}occurrence.py",),
    "derive/stripe_feet": (f"{DERIVE}stripe_feet.py",),
    "derive/stripe_pair": (f"{DERIVE}beta.py",),
    "derive/superposed_epoch": (f"{DERIVE}es_response.py",),
    "derive/tec_background": (f"{DERIVE}tec_background.py",),
    "derive/tec_region": (f"{DERIVE}tec_region.py", f"{DERIVE}tec_rare_maps.py"),
    "derive/wind_steps": (f"{DERIVE}wind_steps.py",),
    "claims/model": JUDGE,
    "claims/statistics": (f"{CLAIMS}judge.py", *MEASURES),
    "claims/verdict/judge": JUDGE,
    "claims/verdict/rule": JUDGE,
    "claims/verdict/summary": JUDGE,
    "claims/verdict/entry": JUDGE,
    "claims/measures/angles": (*MEASURES, LEFT_OUT[2]),
    "claims/measures/events": MEASURES,
    "claims/measures/feet": MEASURES,
    "claims/measures/layers": MEASURES,
    "claims/measures/nights": MEASURES,
    "claims/measures/observation": MEASURES,
    "claims/measures/sporadic_e": (*MEASURES, f"{CLAIMS}es_measures.py"),
    "claims/measures/stripes": (*MEASURES, f"{CLAIMS}stripe_measures.py"),
    "claims/measures/winds": (f"{CLAIMS}winds.py",),
    "detect/decide": (f"{DETECT}kernels.py",),
    "detect/events": (f"{DETECT}layers.py", f"{DETECT}kernels.py"),
    "detect/mask": (f"{DETECT}kernels.py",),
    "detect/image": (f"{DETECT}kernels.py", f"{DETECT}coarse.py"),
    "detect/stripes/pieces": (f"{DETECT}pieces.py",),
    "detect/stripes/joint": (f"{DETECT}pieces.py",),
}

# Changes after which the code does the same, or what no test should hold: the change -> why.
EQUIVALENT: dict[str, str] = {
    "detect/mask:cloud_mask: 0 -> 1": "the scores of all scales have one shape",
    "claims/measures/feet:_feet: table['upper_density_cm3'] > SIGMAS * table['upper_error_cm3'] -> "
    "table['upper_density_cm3'] >= SIGMAS * table['upper_error_cm3']": "none is exactly three errors",
    "claims/statistics:matching: last - first -> last + first": "a part of the span is never longer than the span",
    "derive/columns:read_profiles: 1.0 -> 2.0": "one kilometre more is read; what lies outside has no thickness",
    "derive/tec_background:excess_over_quiet_days: 1 -> 2": "longitude in another unit; the fit is the same",
    "derive/tec_background:quiet_background: True -> False": "zip's check of two lists that are always as long",
    "derive/tec_background:robust_residual: 0.0 -> 1.0": "a cell without a value has no weight",
    "physics/escape:recombination_cm3_s: temperature_k < 1200.0 -> temperature_k <= 1200.0": (
        "two rows of the review meet there, 2 % apart, and it does not say which one holds"
    ),
    "physics/wind:between: 0.0 -> 1.0": "both measurements are the same one there",
    "physics/density:clipped_mean_inverse: 2201 -> 2202": "one node more of a sum over the normal law",
    "physics/sky:apex_longitude_deg: sun + 180.0 -> sun - 180.0": "a whole turn",
    "physics/sky:precession_deg: 365.25 -> 366.25": "0.0008 degrees in 20 years; the formula is good to 0.01",
}
