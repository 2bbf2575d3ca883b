"""Every table of a run: its columns, their kinds, units and meanings, and what an empty cell says."""

from __future__ import annotations

from metalclouds.schema.table import Table, by_file, date, flag, integer, number, text, time

STRIPES = Table(
    "detect/stripes.csv",
    {
        "night": date("UT date of the evening"),
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
        "peak_density_cm3": number("largest of its peak densities along the stripe", unit="cm-3"),
        "significance": number("matched signal-to-noise ratio", unit="1"),
        "group": integer("number of the group of parallel stripes that it belongs to"),
        "resolved": flag("whether the slant is larger than the sampling can show"),
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
        "bottom_sigma_km": number("standard error of bottom_km", unit="km"),
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
        "night": date("UT date of the evening"),
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
    "sides", "uneven", "profiles", "thirds", "crest", "foot",
)  # fmt: skip
REJECTED = Table(
    "rejected.csv",
    {
        "night": date("UT date of the evening"),
        "time_middle": time("time of the line's middle"),
        "bottom_km": number("lower end of the line", unit="km"),
        "top_km": number("upper end of the line", unit="km"),
        "slowness_s_per_km": number("time of maximum over altitude", unit="s km-1"),
        "width_s": number("full width at half maximum in time", unit="s"),
        "significance": number("matched signal-to-noise ratio", unit="1"),
        "rule": text("rule that the candidate does not keep, see docs/one-night.md", choices=REJECTED_BY),
        "value": number("what the candidate has", empty="the rule has no number"),
        "limit": number("what the rule asks for", empty="the rule has no number"),
    },
)
EVENTS = Table(
    "detect/events.csv",
    {
        "night": date("UT date of the evening"),
        "event": text("name of the event in its night"),
        "kind": text("what the event is", choices=("cloud", "direct_connection", "descending_merge")),
        "start_utc": time("start; of a descending merge when its lower edge reaches the main layer"),
        "end_utc": time("end"),
        "bottom_km": number("lowest altitude", unit="km"),
        "top_km": number("highest altitude", unit="km"),
        "start_altitude_km": number("altitude from which a descent is followed", empty="not a descent", unit="km"),
        "end_altitude_km": number("altitude to which a descent is followed", empty="not a descent", unit="km"),
        "descent_m_s": number("speed of the descent", empty="not a descent", unit="m s-1"),
        "significance": number("largest significance of its cells", empty="not a cloud", unit="1"),
        "p_false": number(
            "probability that noise alone makes such a cloud in a night", empty="not a cloud", unit="1"
        ),
        "peak_density_cm3": number("largest density", empty="not measured", unit="cm-3"),
        "detached": flag("whether the cloud stays above the main layer", empty="not a cloud"),
    },
)
DETECT_NIGHTS = Table(
    "detect/nights.csv",
    {
        "night": date("UT date of the evening"),
        "observed": flag("whether the night has enough usable hours to count"),
        "hours": number("usable darkness", unit="h"),
        "above_150": flag("whether a layer was found above the boundary"),
        "p_false": number("probability that noise alone gives such a score", unit="1"),
        "clear_200_300": flag("whether a clear layer was found in the range of clear layers"),
        "p_false_clear": number("probability that noise alone gives such a score there", unit="1"),
        "connection_utc": time("start of the first connection with the main layer", empty="none was found"),
        "connection_kind": text("kind of the first connection", choices=("none", "direct", "descending")),
        "cloud_hours": number("time with a cloud", unit="h"),
        "cloud_start_utc": time("start of the first cloud", empty="no cloud was found"),
        "cloud_end_utc": time("end of the last cloud", empty="no cloud was found"),
        "cloud_bottom_km": number("lowest altitude of the clouds", empty="no cloud was found", unit="km"),
        "cloud_top_km": number("highest altitude of the clouds", empty="no cloud was found", unit="km"),
        "stripes": integer("stripes found", unit="1"),
        "stripe_signal_share": number(
            "share of the clouds' light that is in stripes", empty="no cloud was found", unit="1"
        ),
        "stripe_signal_share_sigma": number("its standard error", empty="no cloud was found", unit="1"),
        "parallelism_s_per_km": number(
            "spread of the slowness inside the groups", empty="no group of stripes", unit="s km-1"
        ),
        "noise_floor_cm3": number(
            "standard error of the density of a cell at the stated altitude", empty="no usable profile", unit="cm-3"
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
NIGHTS = Table(
    "derive/nights.csv",
    {
        "night": date("UT date of the evening"),
        "observed": flag("whether the night counts as observed (usable dark hours)"),
        "hours": number("usable dark hours", unit="h"),
        "above_150": flag("whether Ca+ was found above 150 km"),
        "clear_200_300": flag("whether a clear layer was found within 200-300 km"),
        "connection_utc": time(
            "start of the first connection of a cloud with the main layer", empty="none was found"
        ),
        "cloud_hours": number("time for which a cloud lasted; 0 without one", unit="h"),
        "p_false": number(
            "chance of a score as high as the night's on a quiet night", empty="the night was not scored", unit="1"
        ),
        "year": integer("year of the night"),
        "month": integer("calendar month of the night"),
        "cloud_bottom_km": number("lowest altitude of the clouds", empty="no cloud was found", unit="km"),
        "cloud_top_km": number("highest altitude of the clouds", empty="no cloud was found", unit="km"),
        "noise_floor_cm3": number("density that noise alone reaches", empty="no usable profile", unit="cm-3"),
        "column_density_cm2": number(
            "as in columns.csv", empty="no profile covers the layer without a gap", unit="cm-2"
        ),
    },
)
COLUMNS = Table(
    "derive/columns.csv",
    {
        "night": date("UT date of the evening"),
        "profiles": integer("profiles used: not flagged, no gap within the layer", unit="1"),
        "hours": number("their accumulation time", unit="h"),
        "column_density_cm2": number(
            "integral of the night's mean density over 83-120 km (settings)",
            empty="no profile covers the layer without a gap",
            unit="cm-2",
        ),
        "column_density_error_cm2": number(
            "its standard error: photons, or the scatter of time blocks where larger",
            empty="no profile covers the layer without a gap",
            unit="cm-2",
        ),
        "centroid_km": number(
            "mean altitude weighted with density", empty="no profile covers the layer without a gap", unit="km"
        ),
        "centroid_error_km": number(
            "its standard error", empty="no profile covers the layer without a gap", unit="km"
        ),
        "rms_width_km": number(
            "root mean square distance from the centroid",
            empty="no profile covers the layer without a gap, or noise outweighs",
            unit="km",
        ),
        "rms_width_error_km": number(
            "its standard error", empty="no profile covers the layer without a gap, or noise outweighs", unit="km"
        ),
        "main_layer_present_share": number(
            "share of time blocks in which the layer's column is significant",
            empty="no block with an error",
            unit="1",
        ),
        "main_layer_density_cm3": number(
            "mean density within one rms width of the centroid",
            empty="no profile covers the layer without a gap",
            unit="cm-3",
        ),
        "cloud_density_cm3": number(
            "mean density of the cells that detection calls cloud or stripe", empty="no cloud was found", unit="cm-3"
        ),
        "cloud_density_error_cm3": number("its standard error", empty="no cloud was found", unit="cm-3"),
        "negatives": text(
            "what became of negative densities: kept, corrected for their loss, or lost",
            choices=("kept", "corrected", "lost"),
        ),
    },
)
MONTHLY = Table(
    "derive/monthly.csv",
    {
        "month": integer("calendar month, 1 to 12, all years together"),
        "nights_observed": integer("nights with enough usable dark hours", unit="1"),
        "nights_above_150": integer("of these, nights with Ca+ above 150 km", unit="1"),
        "nights_clear_200_300": integer("of these, nights with a clear layer within 200-300 km", unit="1"),
        "occurrence": number("nights above 150 km over nights observed", empty="no night was observed", unit="1"),
        "occurrence_low": number("lower end of its binomial interval", empty="no night was observed", unit="1"),
        "occurrence_high": number("upper end of its binomial interval", empty="no night was observed", unit="1"),
        "hours": number("usable dark hours of the nights of common sensitivity", unit="h"),
        "occurrence_per_hour": number(
            "of these nights, those above 150 km for each such hour", empty="no such hours", unit="h-1"
        ),
        "false_nights_expected": number("nights expected to be called above 150 km by chance", unit="1"),
        "column_density_cm2": number(
            "mean of the nights' columns, each with the same weight", empty="no column", unit="cm-2"
        ),
        "column_low_cm2": number(
            "lower end of its interval (log-normal nights)",
            empty="fewer than three nights, or a value that is not positive",
            unit="cm-2",
        ),
        "column_high_cm2": number(
            "upper end of its interval", empty="fewer than three nights, or a value that is not positive", unit="cm-2"
        ),
        "column_nights": integer("nights with a column", unit="1"),
        "density_cm3": number("mean of the nights' main_layer_density_cm3", empty="no night with one", unit="cm-3"),
        "density_low_cm3": number(
            "lower end of its interval", empty="fewer than three nights, or a value that is not positive", unit="cm-3"
        ),
        "density_high_cm3": number(
            "upper end of its interval", empty="fewer than three nights, or a value that is not positive", unit="cm-3"
        ),
    },
)
OCCURRENCE_BY_YEAR = Table(
    "derive/occurrence_by_year.csv",
    {
        "year": integer("year"),
        "month": integer("calendar month in which a night was observed"),
        "nights_observed": integer("nights with enough usable dark hours", unit="1"),
        "nights_above_150": integer("of these, nights with Ca+ above 150 km", unit="1"),
        "nights_clear_200_300": integer("of these, nights with a clear layer within 200-300 km", unit="1"),
        "occurrence": number("nights above 150 km over nights observed", empty="no night was observed", unit="1"),
        "occurrence_low": number("lower end of its binomial interval", empty="no night was observed", unit="1"),
        "occurrence_high": number("upper end of its binomial interval", empty="no night was observed", unit="1"),
    },
)
CLEAR_THRESHOLD = Table(
    "derive/clear_threshold.csv",
    {
        "threshold": number("score that counts as a detection, standard deviations", unit="1"),
        "nights_above_150": integer("observed nights whose score above 150 km reaches it", unit="1"),
        "nights_clear_200_300": integer("observed nights whose score in 200-300 km reaches it", unit="1"),
    },
)
CORRELATION = Table(
    "derive/correlation.csv",
    {
        "name": text("what is correlated: monthly_*, chance_* (unrelated curves), nightly_* at a lag in days"),
        "value": number(
            "coefficient, share of chance curves, or log ratio of columns", empty="not defined", unit="1"
        ),
        "low": number("lower end of its interval", empty="no interval", unit="1"),
        "high": number("upper end of its interval", empty="no interval", unit="1"),
        "p": number("two-sided probability under no relation", empty="no test", unit="1"),
        "n": integer("months, curves or nights behind it", unit="1"),
        "method": text("how value, interval and p were made"),
    },
)
BETA = Table(
    "derive/beta.csv",
    {
        "night": date("UT date of the evening"),
        "id": text("stripe, as in detect/stripes.csv"),
        "length_km": number("vertical extent", unit="km"),
        "beta_zonal_deg": number(
            "as beta_deg of stripes.csv, for the zonal wind alone", empty="no wind near enough in time", unit="degree"
        ),
        "beta_ion_deg": number(
            "as beta_deg, for the wind's projection on the magnetic field",
            empty="no wind near enough in time",
            unit="degree",
        ),
        "azimuth_deg": number(
            "azimuth of the trail's upper end, from north over east, if it lies along the drift",
            empty="no wind near enough in time, or beta is an upper limit",
            unit="degree",
        ),
        "long": flag("whether the stripe is longer than 80 km (settings)"),
        "marked": flag("whether it is one of the two that Figure 5 marks"),
    },
)
STRIPE_PAIR = Table(
    "derive/stripe_pair.csv",
    {
        "name": text("quantity of the two marked stripes, or difference second minus first"),
        "value": number("its value", empty="no wind, or the profile length is not known"),
        "low": number("lower end of its interval", empty="no interval"),
        "high": number("upper end of its interval", empty="no interval"),
        "unit": text("unit of value, low and high"),
        "n": integer("stripes behind it"),
    },
)
WIND_STEPS = Table(
    "derive/wind_steps.csv",
    {
        "night": date("UT date of the evening"),
        "time_utc": time("middle between two neighbouring measurements of the wind at 250 km"),
        "hours": number("time between them", unit="h"),
        "change_m_s": number("length of the change of the horizontal wind", unit="m s-1"),
        "error_m_s": number("standard error of a component of that change", empty="no errors given", unit="m s-1"),
    },
)
STRIPE_FEET = Table(
    "derive/stripe_feet.csv",
    {
        "night": date("UT date of the evening"),
        "id": text("stripe, as in detect/stripes.csv"),
        "upper_density_cm3": number(
            "peak over its surroundings in the upper band, 135-150 km (settings)", empty="no data there", unit="cm-3"
        ),
        "upper_error_cm3": number("scatter of the surroundings", empty="no data there", unit="cm-3"),
        "upper_width_s": number("full width of the peak at half of its height", empty="no such peak", unit="s"),
        "lower_density_cm3": number("the same in the lower band, 113-125 km", empty="no data there", unit="cm-3"),
        "lower_error_cm3": number("scatter of the surroundings", empty="no data there", unit="cm-3"),
        "lower_width_s": number("full width of the peak at half of its height", empty="no such peak", unit="s"),
        "lowest_km": number(
            "lowest altitude down to which the line stands out of n(t, z)", empty="it does not stand out", unit="km"
        ),
        "densest_km": number(
            "altitude of its largest excess below the upper band", empty="it does not reach there", unit="km"
        ),
        "break_km": number(
            "altitude at which the rise of its density downwards breaks", empty="too few points", unit="km"
        ),
        "break_error_km": number("standard error of that altitude", empty="too few points", unit="km"),
        "break_gain": number(
            "what a break gains: BIC of a smooth rise minus that of a broken one, above 0 for a break",
            empty="too few points",
        ),
    },
)
LAYER_MAXIMA = Table(
    "derive/layer_maxima.csv",
    {
        "night": date("UT date of the evening"),
        "time_utc": time("middle of the profiles averaged"),
        "altitude_km": number("altitude of a maximum of the density", unit="km"),
        "density_cm3": number("density there", unit="cm-3"),
        "prominence_cm3": number("how far it stands out over the density between it and a larger one", unit="cm-3"),
        "error_cm3": number("standard error of the density there, from the scatter of profiles", unit="cm-3"),
    },
)
TEC_ENHANCEMENT = Table(
    "derive/tec_enhancement.csv",
    {
        "night": date("UT date of the evening"),
        "method": text("background: quiet_days or zonal_highpass"),
        "onset_utc": time(
            "when the strength leaves zero",
            empty="no enhanced region was found, or it lies outside the hours searched",
        ),
        "onset_error_minutes": number(
            "its standard error in the noise of quiet nights, as `end_error_minutes`",
            empty="no enhanced region was found, or it lies outside the hours searched",
            unit="min",
        ),
        "peak_utc": time("when it is greatest", empty="no enhanced region was found"),
        "end_utc": time(
            "when it is back at zero, its fall being straight or bent as a parabola",
            empty="no enhanced region was found, or it lies outside the hours searched",
        ),
        "end_error_minutes": number(
            "its standard error in the noise of quiet nights; a fall of another form may end half an hour off",
            empty="no enhanced region was found, or it lies outside the hours searched",
            unit="min",
        ),
        "axis_longitude": number(
            "longitude of the region's axis", empty="no enhanced region was found", unit="degrees_east"
        ),
        "axis_longitude_error": number(
            "standard error from its scatter between bands of latitude",
            empty="no enhanced region was found",
            unit="degree",
        ),
        "latitude_south": number(
            "southern end, where the excess falls to half", empty="no enhanced region was found", unit="degrees_north"
        ),
        "latitude_north": number("northern end", empty="no enhanced region was found", unit="degrees_north"),
        "width_km": number(
            "full zonal width at half of the maximum", empty="no enhanced region was found", unit="km"
        ),
        "peak_tecu": number("strength of the region at its peak", empty="no enhanced region was found", unit="TECU"),
        "peak_error_tecu": number(
            "root mean square strength of the same shape on quiet nights",
            empty="no enhanced region was found",
            unit="TECU",
        ),
        "area_km2": number(
            "width at half of the peak times length", empty="no enhanced region was found", unit="km2"
        ),
        "lidar_distance_km": number(
            "distance of the lidar from the axis", empty="no enhanced region was found", unit="km"
        ),
        "significance": number(
            "standing of the heaviest region over the lidar among those of noise, standard deviations",
            empty="too few quiet nights",
            unit="1",
        ),
        "tilt_deg": number(
            "angle of the region's axis from the meridian, positive if it leans to the east northwards",
            empty="no enhanced region was found",
            unit="degree",
        ),
        "over_lidar_start_utc": time(
            "first map in which the region is over the lidar", empty="no enhanced region was found"
        ),
        "over_lidar_end_utc": time("last such map", empty="no enhanced region was found"),
        "least_tecu": number(
            "mean excess of the least region over the lidar that the search would have found",
            empty="nothing to judge it by",
            unit="TECU",
        ),
        "left_out": text(
            "satellite, or band of latitudes, left out of the maps", empty="none: all satellites and latitudes"
        ),
        "found": flag("whether an enhanced region was found over the lidar", empty="nothing to judge it by"),
    },
)
TEC_SERIES = Table(
    "derive/tec_series.csv",
    {
        "night": date("UT date of the evening"),
        "time_utc": time("epoch"),
        "method": text("background: quiet_days or zonal_highpass"),
        "excess_tecu": number(
            "mean excess in the box around the lidar", empty="no cell observed, or no background", unit="TECU"
        ),
        "excess_error_tecu": number(
            "root mean square of the same on quiet nights", empty="no quiet night", unit="TECU"
        ),
        "vertical_tec_tecu": number("mean vertical TEC in the box", empty="no cell observed", unit="TECU"),
    },
)
ES_CASES = Table(
    "derive/es_cases.csv",
    {
        "night": date("UT date of the evening"),
        "time_utc": time("time of the sounding"),
        "foEs_MHz": number(
            "critical frequency of Es, ordinary wave",
            empty="Es absent (below the sounder's limit) or unseen",
            unit="MHz",
        ),
        "es_status": text(
            "present, absent (foEs below the sounder's limit) or not_observed",
            choices=("absent", "present", "not_observed"),
        ),
        "hEs_km": number("virtual height of Es", empty="no Es, or the source does not give it", unit="km"),
        "fbEs_MHz": number("blanketing frequency of Es", empty="no Es, or the source does not give it", unit="MHz"),
        "blanketing": flag("whether Es is strong and no F layer is seen", empty="not known"),
        "double_es": flag("whether two Es traces are seen", empty="no ionogram"),
        "upper_hEs_km": number("virtual height of the upper of two traces", empty="not two traces", unit="km"),
        "spread_f": text("spread F: yes, no or not_observed", choices=("yes", "no", "not_observed")),
        "scaled_foEs_MHz": number(
            "foEs that was read off the ionogram", empty="no ionogram of that time, or nothing seen in it", unit="MHz"
        ),
        "scaled_hEs_km": number(
            "h'Es that was read off the ionogram", empty="no ionogram of that time, or nothing seen in it", unit="km"
        ),
    },
)
ES_RESPONSE = Table(
    "derive/es_response.csv",
    {
        "night": date("UT date of the evening"),
        "event": text("connection, as in detect/events.csv"),
        "kind": text("direct_connection or descending_merge"),
        "connection_utc": time("its start"),
        "end_utc": time("its end"),
        "foEs_before_MHz": number("mean of max(foEs, limit) before", empty="no sounding in the window", unit="MHz"),
        "foEs_during_MHz": number("the same during", empty="no sounding in the window", unit="MHz"),
        "foEs_after_MHz": number("the same after", empty="no sounding in the window", unit="MHz"),
        "rise_during_MHz": number("during minus before", empty="no sounding in the window", unit="MHz"),
        "rise_during_low_MHz": number(
            "lower end of its interval; absent Es taken as low", empty="fewer than two soundings", unit="MHz"
        ),
        "rise_during_high_MHz": number("upper end of its interval", empty="fewer than two soundings", unit="MHz"),
        "rise_after_MHz": number("after minus before", empty="no sounding in the window", unit="MHz"),
        "soundings_before": integer("soundings before", unit="1"),
        "soundings_during": integer("soundings during", unit="1"),
        "soundings_after": integer("soundings after", unit="1"),
        "absent_before": integer("of these, soundings without Es", unit="1"),
        "absent_during": integer("of these, soundings without Es", unit="1"),
        "absent_after": integer("of these, soundings without Es", unit="1"),
        "p": number(
            "share of random epochs on nights without connection with at least this rise",
            empty="too few of them",
            unit="1",
        ),
    },
)
SUPERPOSED_EPOCH = Table(
    "derive/superposed_epoch.csv",
    {
        "lag_minutes": number("time since the start of a connection", unit="min"),
        "foEs_MHz": number(
            "mean of max(foEs, limit) over the connections", empty="no sounding at this lag", unit="MHz"
        ),
        "low_MHz": number("lower end of its bootstrap interval", empty="no sounding at this lag", unit="MHz"),
        "high_MHz": number("upper end of its bootstrap interval", empty="no sounding at this lag", unit="MHz"),
        "random_MHz": number(
            "median of the same mean over random epochs",
            empty="no sounding at this lag on comparable nights",
            unit="MHz",
        ),
        "random_low_MHz": number(
            "lower end of the random means", empty="no sounding at this lag on comparable nights", unit="MHz"
        ),
        "random_high_MHz": number(
            "upper end of the random means", empty="no sounding at this lag on comparable nights", unit="MHz"
        ),
        "connections": integer("connections with a sounding at this lag", unit="1"),
    },
)
DENSITY_PROFILE = Table(
    "derive/density_profile.csv",
    {
        "time_utc": time("time of the profile"),
        "altitude_km": number("altitude above sea level", unit="km"),
        "density_kg_m3": number("total mass density of NRLMSISE-00 above the lidar", unit="kg m-3"),
        "scale_height_km": number("height over which that density falls by e", unit="km"),
        "temperature_K": number("neutral temperature", unit="K"),
    },
)
DENSITY_FACTORS = Table(
    "derive/density_factors.csv",
    {
        "name": text("rise between two altitudes, altitude of a given rise, scale height, or an index used"),
        "value": number("its value", empty="the profile does not reach it"),
        "unit": text("unit of value"),
    },
)

SUPPLEMENTS = Table(
    "derive/supplements.csv",
    {
        "name": text("what a test of the explanation observed; docs/supplements.md lists them"),
        "value": number("its value", empty="it could not be tested"),
        "low": number("lower end of its interval", empty="no interval"),
        "high": number("upper end of its interval", empty="no interval"),
        "n": integer("stripes, nights or altitudes behind it", unit="1"),
        "unit": text("unit of value, low and high"),
        "why": text("why it could not be tested", empty="it was tested"),
    },
)
NO_WIND = "no wind near enough in time"
SUPPLEMENT_STRIPES = Table(
    "derive/supplement_stripes.csv",
    {
        "night": date("UT date of the evening"),
        "id": text("stripe, as in detect/stripes.csv"),
        "time_utc": time("time halfway along the stripe"),
        "altitude_km": number("altitude halfway along it", unit="km"),
        "bottom_km": number("as in detect/stripes.csv", unit="km"),
        "top_km": number("as in detect/stripes.csv", unit="km"),
        "slowness_s_per_km": number("as in detect/stripes.csv", unit="s km-1"),
        "eastward_m_s": number("wind at 250 km then, eastward", empty=NO_WIND, unit="m s-1"),
        "northward_m_s": number("the same, northward", empty=NO_WIND, unit="m s-1"),
        "radius_km": number(
            "radius W of exp(-r^2/W^2), if the trail crosses the beam broadside", empty=NO_WIND, unit="km"
        ),
        "tangent": number(
            "slowness times wind speed: minus tan(zenith angle) cos(angle to the drift)", empty=NO_WIND, unit="1"
        ),
        "tangent_sigma": number("its standard error", empty=NO_WIND, unit="1"),
        "zenith_speed_km_s": number("highest entry speed of a bound body from the zenith then", unit="km s-1"),
        "speed_limit_km_s": number(
            "the same from the most favourable radiant that the stripe allows", empty=NO_WIND, unit="km s-1"
        ),
        "widening": number("d ln(width) in 100 km above 130 km", empty="too few widths there", unit="1"),
        "widening_sigma": number("its standard error", empty="too few widths there", unit="1"),
        "area_least_m2": number(
            "cross-section that sputtering needs, all in its favour", empty="too low, or no wind", unit="m2"
        ),
        "area_m2": number("the same with usual values", empty="too low, or no wind", unit="m2"),
        "area_largest_m2": number("the same with all against it", empty="too low, or no wind", unit="m2"),
    },
)
SUPPLEMENT_AIR = Table(
    "derive/supplement_air.csv",
    {
        "night": date("night whose midnight it is"),
        "altitude_km": number("altitude above sea level", unit="km"),
        "number_m3": number("molecules and atoms of air (NRLMSISE-00 at low solar activity)", unit="m-3"),
        "temperature_K": number("temperature, taken for the ions' and electrons' too", unit="K"),
        "free_path_short_km": number("mean free path of a metal atom, large cross-section", unit="km"),
        "free_path_long_km": number("the same, small cross-section", unit="km"),
        "collisions_s": number("collisions of Ca+ with air", unit="s-1"),
        "coulomb_s": number("collisions of Ca+ with O+ at 1e5 cm-3", unit="s-1"),
        "gyrations": number("gyrofrequency over collisions with air", unit="1"),
        "along_m2_s": number("diffusion of Ca+ along the magnetic field", unit="m2 s-1"),
        "across_m2_s": number("diffusion of Ca+ across the magnetic field", unit="m2 s-1"),
        "fall_m_s": number("speed at which Ca+ falls along a vertical field by gravity alone", unit="m s-1"),
        "surface_slow_K": number("temperature of a meteoroid of 20 km/s that radiates what it meets", unit="K"),
        "surface_fast_K": number("the same at 70 km/s", unit="K"),
    },
)
FEW = "fewer than six stripes with a wind"
SUPPLEMENT_NIGHTS = Table(
    "derive/supplement_nights.csv",
    {
        "night": date("UT date of an evening with stripes"),
        "stripes": integer("stripes with a wind", unit="1"),
        "radiant_cost": number("misfit of the best radiant, squares a stripe, at most nine", empty=FEW, unit="1"),
        "sheet_cost": number("misfit of the best field-aligned sheet, likewise", empty=FEW, unit="1"),
        "radiant_p": number("chance that shuffled slopes fit one radiant as well", empty=FEW, unit="1"),
        "showers": integer(
            "established showers above the horizon, within ten degrees of their maximum", empty=FEW, unit="1"
        ),
        "shower": text("code of the one that fits best", empty="none"),
        "shower_cost": number("its misfit, likewise", empty="none", unit="1"),
        "shower_p": number("chance that showers turned about the zenith fit as well", empty="none", unit="1"),
        "metal_tecu": number("electrons of all metal ions, all in favour", empty="no depth of clouds", unit="TECU"),
        "tec_tecu": number("strength of the region of enhanced TEC", empty="no such region", unit="TECU"),
        "tec_tilt_deg": number("angle of its axis from the meridian", empty="no such region", unit="degree"),
    },
)
SUPPLEMENT_ESCAPE = Table(
    "derive/supplement_escape.csv",
    {
        "planet": text("planet"),
        "place": text("altitude or distance"),
        "quantity": text("speed, or the particle whose energy it is", choices=("speed", "O", "N2", "Fe")),
        "printed": number("as the review prints it"),
        "decimals": integer("digits behind the point there"),
        "recomputed": number("from first principles"),
        "with_protons": number("the same with the mass of a proton for each nucleon"),
        "unit": text("of all three"),
        "agrees": flag("whether the recomputed value rounds to the printed one"),
        "agrees_with_protons": flag("whether that with protons does"),
    },
)
SUPPLEMENT_LIFETIMES = Table(
    "derive/supplement_lifetimes.csv",
    {
        "altitude_km": number("altitude", unit="km"),
        "ion": text("ion"),
        "lifetime_days": number("1 / (alpha Ne) at 1e5 electrons a cm3 and the air's temperature", unit="days"),
        "flow_m_s": number("upward speed that takes it to 500 km in that time", unit="m s-1"),
        "fall_m_s": number("speed at which Ca+ falls along a vertical field by gravity", unit="m s-1"),
    },
)
SUPPLEMENT_DECISIONS = Table(
    "derive/supplement_decisions.csv",
    {
        "claim": text("claim whose observable it is"),
        "observable": text("what is observed"),
        "seen": text("what was seen, or why it could not be tested"),
        "explanation": text("shower, sporadic, sheets, fronts or patches"),
        "predicts": text("what the explanation predicts"),
        "campaigns": integer("simulated campaigns of that explanation", empty="not a matter of campaigns"),
        "for_trails": number("share of them that came out for trails", empty="not a matter of campaigns", unit="1"),
        "against_trails": number("share of them that came out against", empty="not a matter of campaigns", unit="1"),
    },
)

DETECT_TABLES = by_file(STRIPES, STRIPE_PROFILES, EVENTS, DETECT_NIGHTS)
DERIVE_TABLES = by_file(
    NIGHTS,
    COLUMNS,
    MONTHLY,
    OCCURRENCE_BY_YEAR,
    CLEAR_THRESHOLD,
    CORRELATION,
    BETA,
    STRIPE_PAIR,
    WIND_STEPS,
    STRIPE_FEET,
    LAYER_MAXIMA,
    TEC_ENHANCEMENT,
    TEC_SERIES,
    ES_CASES,
    ES_RESPONSE,
    SUPERPOSED_EPOCH,
    DENSITY_PROFILE,
    DENSITY_FACTORS,
    SUPPLEMENTS,
    SUPPLEMENT_STRIPES,
    SUPPLEMENT_AIR,
    SUPPLEMENT_NIGHTS,
    SUPPLEMENT_ESCAPE,
    SUPPLEMENT_LIFETIMES,
    SUPPLEMENT_DECISIONS,
)
