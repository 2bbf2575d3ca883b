"""Tables of detect/: stripes, events and nights as detection leaves them."""

from __future__ import annotations

from metalclouds.schema.table import Table, date, flag, integer, number, text, time

STRIPES = Table(
    "detect/stripes.csv",
    {
        "night": date("date of the evening at the station"),
        "id": text("number of the stripe in its night, in the order of time"),
        "time_bottom": time("time of the maximum at the lower end"),
        "time_top": time("time of the maximum at the upper end"),
        "bottom_km": number("altitude of the lower end", unit="km"),
        "top_km": number("altitude of the upper end", unit="km"),
        "slowness_s_per_km": number(
            "dt/dz of the time of maximum at each altitude, at the middle of the stripe; negative if it descends",
            unit="s km-1",
        ),
        "slowness_sigma_s_per_km": number("standard error of the slowness", unit="s km-1"),
        "width_s": number("full width at half maximum in time, without the accumulation of a profile", unit="s"),
        "peak_density_cm3": number(
            "largest density along the stripe, corrected for the noise of the fitted densities; their mean where "
            "they differ by no more than that",
            unit="cm-3",
        ),
        "significance": number("matched signal-to-noise ratio", unit="1"),
        "group": integer("number of the group of parallel stripes that it belongs to; 0: it has no neighbour"),
        "resolved": flag("whether the slant is large enough for the sampling to show it"),
        "wind_m_s": number(
            "wind speed at the middle of the stripe", empty="no wind near enough in time", unit="m s-1"
        ),
        "wind_sigma_m_s": number("its standard error", empty="no wind near enough in time", unit="m s-1"),
        "beta_deg": number(
            "zenith angle for that wind speed; the limit, where it is one",
            empty="no wind near enough in time",
            unit="degree",
        ),
        "beta_low_deg": number(
            "lower end of its 68 % interval; 0 for an upper limit", empty="no wind near enough in time", unit="degree"
        ),
        "beta_high_deg": number(
            "upper end of its 68 % interval; 90 for a lower limit", empty="no wind near enough in time", unit="degree"
        ),
        "beta_kind": text("what beta_deg is", choices=("value", "lower_limit", "upper_limit", "no_wind")),
        "bottom_sigma_km": number(
            "standard error of bottom_km; where the stripe enters the main layer its lower end is not seen and "
            "bottom_km is an upper limit",
            unit="km",
        ),
        "top_sigma_km": number("standard error of top_km", unit="km"),
        "width_sigma_s": number("standard error of the width", unit="s"),
        "curvature_s_per_km2": number("d2t/dz2 / 2", empty="the signal bears none", unit="s km-2"),
        "curvature_sigma_s_per_km2": number("its standard error", empty="the signal bears none", unit="s km-2"),
        "reaches_main_layer": flag("whether the lower end lies at the main layer"),
    },
)
STRIPE_PROFILES = Table(
    "detect/stripe_profiles.csv",
    {
        "night": date("date of the evening at the station"),
        "id": text("number of the stripe in its night, in the order of time"),
        "altitude_km": number("altitude", unit="km"),
        "width_s": number("full width at half maximum in time at that altitude", unit="s"),
        "width_sigma_s": number("its standard error", unit="s"),
        "peak_density_cm3": number("peak density at that altitude", unit="cm-3"),
        "peak_density_sigma_cm3": number("its standard error", unit="cm-3"),
    },
)
REJECTED_BY = (
    "fit", "significance", "height", "elongation", "slowness", "width", "top", "significance above the thin layers",
    "sides", "uneven", "cloud", "profiles", "thirds", "crest", "foot",
)  # fmt: skip
REJECTED = Table(
    "rejected.csv",
    {
        "night": date("date of the evening at the station"),
        "time_middle": time("time of the line's middle"),
        "bottom_km": number("lower end of the line", unit="km"),
        "top_km": number("upper end of the line", unit="km"),
        "slowness_s_per_km": number("time of maximum over altitude", unit="s km-1"),
        "width_s": number("full width at half maximum in time", unit="s"),
        "significance": number("matched signal-to-noise ratio", unit="1"),
        "rule": text("rule that the candidate does not keep, see docs/one-night.md", choices=REJECTED_BY),
        "value": number("what the candidate has", empty="the rule has no number"),
        "limit": number(
            "least or greatest value that the rule allows (docs/one-night.md says which)",
            empty="the rule has no number",
        ),
    },
)
EVENTS = Table(
    "detect/events.csv",
    {
        "night": date("date of the evening at the station"),
        "event": text("name of the event in its night"),
        "kind": text("what the event is", choices=("cloud", "direct_connection", "descending_merge")),
        "start_utc": time(
            "start; of a descending merge when its lower edge reaches the main layer, of a direct connection when "
            "the lower end of the stripe begins to pass"
        ),
        "end_utc": time("end"),
        "bottom_km": number("lowest altitude", unit="km"),
        "top_km": number("highest altitude", unit="km"),
        "start_altitude_km": number(
            "altitude at its start: of a cloud its mean; of a direct connection the upper end of the highest stripe, "
            "which crosses the beam at another time than start_utc",
            unit="km",
        ),
        "end_altitude_km": number("altitude at its end, likewise; of a direct connection the bottom", unit="km"),
        "descent_m_s": number(
            "speed at which a descent comes down; of a cloud that of its mean altitude, below 0 where it rises",
            empty="a direct connection, or fewer than three profiles",
            unit="m s-1",
        ),
        "significance": number(
            "largest significance of its cells; of a direct connection that of its strongest stripe",
            empty="not measured",
            unit="1",
        ),
        "p_false": number(
            "probability that noise gives one value of that significance, trials not counted; 1e-6: at most that",
            empty="not measured",
            unit="1",
        ),
        "peak_density_cm3": number(
            "of a cloud the largest mean over three profiles and three rows (4.3 km), so that a stripe inside may be "
            "denser; of a direct connection the largest density fitted along its stripes",
            empty="not measured",
            unit="cm-3",
        ),
        "detached": flag(
            "whether the mean density at the cloud's times sinks below half of its own between main layer and cloud; "
            "false for other kinds of event",
            empty="not known",
        ),
    },
)
DETECT_NIGHTS = Table(
    "detect/nights.csv",
    {
        "night": date("date of the evening at the station"),
        "observed": flag("whether the night has enough usable hours to count"),
        "hours": number("usable darkness", unit="h"),
        "above_150": flag("whether a layer was found above the boundary"),
        "p_false": number("probability that noise alone gives such a score; 1e-6: at most that", unit="1"),
        "clear_200_300": flag("whether a clear layer was found in the range of clear layers"),
        "p_false_clear": number(
            "probability that noise alone gives such a score there; 1e-6: at most that", unit="1"
        ),
        "connection_utc": time("start of the first connection with the main layer", empty="none was found"),
        "connection_kind": text("kind of the first connection", choices=("none", "direct", "descending")),
        "cloud_hours": number("time with a cloud or a stripe above the main layer", unit="h"),
        "cloud_start_utc": time("start of the first cloud or stripe", empty="none was found"),
        "cloud_end_utc": time("end of the last cloud or stripe", empty="none was found"),
        "cloud_bottom_km": number("lowest altitude of clouds and stripes", empty="none was found", unit="km"),
        "cloud_top_km": number("highest altitude of clouds and stripes", empty="none was found", unit="km"),
        "stripes": integer("stripes found", unit="1"),
        "stripe_signal_share": number(
            "share of the clouds' light that is in stripes", empty="no cloud was found", unit="1"
        ),
        "stripe_signal_share_sigma": number("its standard error", empty="no cloud was found", unit="1"),
        "parallelism_s_per_km": number(
            "spread of the slowness inside the groups", empty="no group of stripes", unit="s km-1"
        ),
        "noise_floor_cm3": number(
            "standard error of the density of a cell of detection (one profile by 1.44 km) at 250 km, night median",
            empty="no usable profile",
            unit="cm-3",
        ),
        "profiles": integer("profiles", unit="1"),
        "profiles_bad": integer("profiles that are not used", unit="1"),
        "profile_seconds": number("median accumulation time of a profile", unit="s"),
        "score_150": number(
            "largest box sum above the boundary, standard deviations", empty="not observed", unit="1"
        ),
        "score_200_300": number("the same in the range of clear layers", empty="not observed", unit="1"),
    },
)
