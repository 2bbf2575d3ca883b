"""What each column of the derived tables means, of what kind it is, and what an empty cell says.

`contracts.py` says which columns there are and in what unit; this is the rest of their schema. `breaches` checks a
table against it, `metalclouds.products_page` prints it.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

import pandas as pd

Kind = Literal["text", "date", "time", "integer", "number", "true or false"]
NEVER = "never empty"


class Meaning(NamedTuple):
    """Kind and meaning of a column, and what it says where a cell is empty."""

    kind: Kind
    meaning: str
    empty: str = NEVER


def _number(meaning: str, empty: str = NEVER) -> Meaning:
    return Meaning("number", meaning, empty)


def _count(meaning: str, empty: str = NEVER) -> Meaning:
    return Meaning("integer", meaning, empty)


def _flag(meaning: str, empty: str = NEVER) -> Meaning:
    return Meaning("true or false", meaning, empty)


def _time(meaning: str, empty: str = NEVER) -> Meaning:
    return Meaning("time", meaning, empty)


def _text(meaning: str, empty: str = NEVER) -> Meaning:
    return Meaning("text", meaning, empty)


NIGHT = Meaning("date", "UT date of the evening")
MONTH = _count("calendar month, 1 to 12, all years together")
_NO_COLUMN = "no profile covers the layer without a gap"
_NO_CLOUD = "no cloud was found"
_NO_NIGHT = "no night was observed"
_FEW_NIGHTS = "fewer than three nights, or a value that is not positive"
_NO_WIND = "no wind near enough in time"
_NO_REGION = "no enhanced region was found"
_OUTSIDE = "no enhanced region was found, or it lies outside the hours searched"
_NO_SOUNDING = "no sounding in the window"
_NO_LAYER = "no Es, or the source does not give it"
_NO_IONOGRAM = "no ionogram of that time, or nothing seen in it"
_NO_LAG = "no sounding at this lag"
_NO_RANDOM = "no sounding at this lag on comparable nights"

_OCCURRENCE = {
    "nights_observed": _count("nights with enough usable dark hours"),
    "nights_above_150": _count("of these, nights with Ca+ above 150 km"),
    "nights_clear_200_300": _count("of these, nights with a clear layer within 200-300 km"),
    "occurrence": _number("nights above 150 km over nights observed", _NO_NIGHT),
    "occurrence_low": _number("lower end of its binomial interval", _NO_NIGHT),
    "occurrence_high": _number("upper end of its binomial interval", _NO_NIGHT),
}

MEANINGS: dict[str, dict[str, Meaning]] = {
    "nights.csv": {
        "night": NIGHT,
        "observed": _flag("whether the night counts as observed (usable dark hours)"),
        "hours": _number("usable dark hours"),
        "above_150": _flag("whether Ca+ was found above 150 km"),
        "clear_200_300": _flag("whether a clear layer was found within 200-300 km"),
        "connection_utc": _time("start of the first connection of a cloud with the main layer", "none was found"),
        "cloud_hours": _number("time for which a cloud lasted; 0 without one"),
        "p_false": _number("chance of a score as high as the night's on a quiet night", "the night was not scored"),
        "year": _count("year of the night"),
        "month": _count("calendar month of the night"),
        "cloud_bottom_km": _number("lowest altitude of the clouds", _NO_CLOUD),
        "cloud_top_km": _number("highest altitude of the clouds", _NO_CLOUD),
        "noise_floor_cm3": _number("density that noise alone reaches", "no usable profile"),
        "column_density_cm2": _number("as in columns.csv", _NO_COLUMN),
    },
    "columns.csv": {
        "night": NIGHT,
        "profiles": _count("profiles used: not flagged, no gap within the layer"),
        "hours": _number("their accumulation time"),
        "column_density_cm2": _number("integral of the night's mean density over 83-120 km (settings)", _NO_COLUMN),
        "column_density_error_cm2": _number(
            "its standard error: photons, or the scatter of time blocks where larger", _NO_COLUMN
        ),
        "centroid_km": _number("mean altitude weighted with density", _NO_COLUMN),
        "centroid_error_km": _number("its standard error", _NO_COLUMN),
        "rms_width_km": _number("root mean square distance from the centroid", _NO_COLUMN + ", or noise outweighs"),
        "rms_width_error_km": _number("its standard error", _NO_COLUMN + ", or noise outweighs"),
        "main_layer_present_share": _number(
            "share of time blocks in which the layer's column is significant", "no block with an error"
        ),
        "main_layer_density_cm3": _number("mean density within one rms width of the centroid", _NO_COLUMN),
        "cloud_density_cm3": _number("mean density of the cells that detection calls cloud or stripe", _NO_CLOUD),
        "cloud_density_error_cm3": _number("its standard error", _NO_CLOUD),
        "negatives": _text("what became of negative densities: kept, corrected for their loss, or lost"),
    },
    "monthly.csv": {
        "month": MONTH,
        **_OCCURRENCE,
        "hours": _number("usable dark hours of the nights of common sensitivity"),
        "occurrence_per_hour": _number("of these nights, those above 150 km for each such hour", "no such hours"),
        "false_nights_expected": _number("nights expected to be called above 150 km by chance"),
        "column_density_cm2": _number("mean of the nights' columns, each with the same weight", "no column"),
        "column_low_cm2": _number("lower end of its interval (log-normal nights)", _FEW_NIGHTS),
        "column_high_cm2": _number("upper end of its interval", _FEW_NIGHTS),
        "column_nights": _count("nights with a column"),
        "density_cm3": _number("mean of the nights' main_layer_density_cm3", "no night with one"),
        "density_low_cm3": _number("lower end of its interval", _FEW_NIGHTS),
        "density_high_cm3": _number("upper end of its interval", _FEW_NIGHTS),
    },
    "occurrence_by_year.csv": {
        "year": _count("year"),
        "month": _count("calendar month in which a night was observed"),
        **_OCCURRENCE,
    },
    "clear_threshold.csv": {
        "threshold": _number("score that counts as a detection, standard deviations"),
        "nights_above_150": _count("observed nights whose score above 150 km reaches it"),
        "nights_clear_200_300": _count("observed nights whose score in 200-300 km reaches it"),
    },
    "correlation.csv": {
        "name": _text("what is correlated: monthly_*, chance_* (unrelated curves), nightly_* at a lag in days"),
        "value": _number("coefficient, share of chance curves, or log ratio of columns", "not defined"),
        "low": _number("lower end of its interval", "no interval"),
        "high": _number("upper end of its interval", "no interval"),
        "p": _number("two-sided probability under no relation", "no test"),
        "n": _count("months, curves or nights behind it"),
        "method": _text("how value, interval and p were made"),
    },
    "beta.csv": {
        "night": NIGHT,
        "id": _text("stripe, as in detect/stripes.csv"),
        "length_km": _number("vertical extent"),
        "slowness_s_per_km": _number("dt/dz of the stripe; negative where it descends with time"),
        "wind_m_s": _number("speed of the 250 km wind at the stripe's time", _NO_WIND),
        "wind_sigma_m_s": _number("its standard error", _NO_WIND),
        "beta_deg": _number("zenith angle for the speed of the neutral wind: value or limit", _NO_WIND),
        "beta_low_deg": _number("lower end of its 68 % interval; 0 of an upper limit", _NO_WIND),
        "beta_high_deg": _number("upper end; 90 of a lower limit", _NO_WIND),
        "beta_kind": _text("value, lower_limit, upper_limit or no_wind"),
        "beta_zonal_deg": _number("as beta_deg, for the zonal wind alone", _NO_WIND),
        "beta_ion_deg": _number("as beta_deg, for the wind's projection on the magnetic field", _NO_WIND),
        "azimuth_deg": _number(
            "azimuth of the trail's upper end, from north over east, if it lies along the drift",
            _NO_WIND + ", or beta is an upper limit",
        ),
        "long": _flag("whether the stripe is longer than 80 km (settings)"),
        "marked": _flag("whether it is one of the two that Figure 5 marks"),
    },
    "stripe_pair.csv": {
        "name": _text("quantity of the two marked stripes, or difference second minus first"),
        "value": _number("its value", "no wind, or the profile length is not known"),
        "low": _number("lower end of its interval", "no interval"),
        "high": _number("upper end of its interval", "no interval"),
        "unit": _text("unit of value, low and high"),
        "n": _count("stripes behind it"),
    },
    "tec_enhancement.csv": {
        "night": NIGHT,
        "method": _text("background: quiet_days or zonal_highpass"),
        "onset_utc": _time("when the strength leaves zero", _OUTSIDE),
        "onset_error_minutes": _number(
            "its standard error in the noise of quiet nights, as `end_error_minutes`", _OUTSIDE
        ),
        "peak_utc": _time("when it is greatest", _NO_REGION),
        "end_utc": _time("when it is back at zero, its fall being straight or bent as a parabola", _OUTSIDE),
        "end_error_minutes": _number(
            "its standard error in the noise of quiet nights; a fall of another form may end half an hour off",
            _OUTSIDE,
        ),
        "axis_longitude": _number("longitude of the region's axis", _NO_REGION),
        "axis_longitude_error": _number("standard error from its scatter between bands of latitude", _NO_REGION),
        "latitude_south": _number("southern end, where the excess falls to half", _NO_REGION),
        "latitude_north": _number("northern end", _NO_REGION),
        "width_km": _number("full zonal width at half of the maximum", _NO_REGION),
        "peak_tecu": _number("strength of the region at its peak", _NO_REGION),
        "peak_error_tecu": _number("root mean square strength of the same shape on quiet nights", _NO_REGION),
        "area_km2": _number("width at half of the peak times length", _NO_REGION),
        "lidar_distance_km": _number("distance of the lidar from the axis", _NO_REGION),
        "significance": _number(
            "standing of the heaviest region among quiet nights, standard deviations", "too few quiet nights"
        ),
        "sunrise_250km_utc": _time("sunrise at 250 km above the lidar", "no sunrise within the UT day"),
        "left_out": _text("satellite left out of the maps", "none: all satellites"),
        "found": _flag("whether an enhanced region was found"),
    },
    "tec_series.csv": {
        "night": NIGHT,
        "time_utc": _time("epoch"),
        "method": _text("background: quiet_days or zonal_highpass"),
        "excess_tecu": _number("mean excess in the box around the lidar", "no cell observed, or no background"),
        "excess_error_tecu": _number("root mean square of the same on quiet nights", "no quiet night"),
        "vertical_tec_tecu": _number("mean vertical TEC in the box", "no cell observed"),
    },
    "es_cases.csv": {
        "night": NIGHT,
        "time_utc": _time("time of the sounding"),
        "foEs_MHz": _number(
            "critical frequency of Es, ordinary wave", "Es absent (below the sounder's limit) or unseen"
        ),
        "es_status": _text("present, absent (foEs below the sounder's limit) or not_observed"),
        "hEs_km": _number("virtual height of Es", _NO_LAYER),
        "fbEs_MHz": _number("blanketing frequency of Es", _NO_LAYER),
        "blanketing": _flag("whether Es is strong and no F layer is seen", "not known"),
        "double_es": _flag("whether two Es traces are seen", "no ionogram"),
        "upper_hEs_km": _number("virtual height of the upper of two traces", "not two traces"),
        "spread_f": _text("spread F: yes, no or not_observed"),
        "scaled_foEs_MHz": _number("foEs that was read off the ionogram", _NO_IONOGRAM),
        "scaled_hEs_km": _number("h'Es that was read off the ionogram", _NO_IONOGRAM),
    },
    "es_response.csv": {
        "night": NIGHT,
        "event": _text("connection, as in detect/events.csv"),
        "kind": _text("direct_connection or descending_merge"),
        "connection_utc": _time("its start"),
        "end_utc": _time("its end"),
        "foEs_before_MHz": _number("mean of max(foEs, limit) before", _NO_SOUNDING),
        "foEs_during_MHz": _number("the same during", _NO_SOUNDING),
        "foEs_after_MHz": _number("the same after", _NO_SOUNDING),
        "rise_during_MHz": _number("during minus before", _NO_SOUNDING),
        "rise_during_low_MHz": _number(
            "lower end of its interval; absent Es taken as low", "fewer than two soundings"
        ),
        "rise_during_high_MHz": _number("upper end of its interval", "fewer than two soundings"),
        "rise_after_MHz": _number("after minus before", _NO_SOUNDING),
        "soundings_before": _count("soundings before"),
        "soundings_during": _count("soundings during"),
        "soundings_after": _count("soundings after"),
        "absent_before": _count("of these, soundings without Es"),
        "absent_during": _count("of these, soundings without Es"),
        "absent_after": _count("of these, soundings without Es"),
        "p": _number(
            "share of random epochs on nights without connection with at least this rise", "too few of them"
        ),
    },
    "superposed_epoch.csv": {
        "lag_minutes": _number("time since the start of a connection"),
        "foEs_MHz": _number("mean of max(foEs, limit) over the connections", _NO_LAG),
        "low_MHz": _number("lower end of its bootstrap interval", _NO_LAG),
        "high_MHz": _number("upper end of its bootstrap interval", _NO_LAG),
        "random_MHz": _number("median of the same mean over random epochs", _NO_RANDOM),
        "random_low_MHz": _number("lower end of the random means", _NO_RANDOM),
        "random_high_MHz": _number("upper end of the random means", _NO_RANDOM),
        "connections": _count("connections with a sounding at this lag"),
    },
    "density_profile.csv": {
        "altitude_km": _number("altitude above sea level"),
        "density_kg_m3": _number("total mass density of NRLMSISE-00 above the lidar"),
        "scale_height_km": _number("height over which that density falls by e"),
        "temperature_K": _number("neutral temperature"),
    },
    "density_factors.csv": {
        "name": _text("rise between two altitudes, altitude of a given rise, scale height, or an index used"),
        "value": _number("its value", "the profile does not reach it"),
        "unit": _text("unit of value"),
    },
}


def breaches(table: pd.DataFrame, name: str) -> list[str]:
    """What in a derived table is of another kind than its schema says, or empty where it must not be.

    Parameters
    ----------
    table
        as `io.read_csv` gives it.
    name
        file, such as "beta.csv".
    """
    found = []
    for column, entry in MEANINGS[name].items():
        values = table[column]
        if entry.empty == NEVER and values.isna().any():
            found.append(f"{name}: {column} is empty in {int(values.isna().sum())} rows")
        if not _is_kind(values.dropna(), entry.kind):
            found.append(f"{name}: {column} is not {entry.kind}")
    return found


def _is_kind(values: pd.Series, kind: Kind) -> bool:
    if values.empty:
        return True
    if kind == "time":
        return bool(pd.api.types.is_datetime64_any_dtype(values))
    if kind == "date":
        return bool(values.astype(str).str.fullmatch(r"\d{4}-\d{2}-\d{2}").all())
    if kind == "true or false":
        return bool(values.astype(str).isin(["True", "False"]).all())
    numeric = pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values)
    if kind == "text":
        return not numeric
    return bool(numeric and (kind == "number" or (values % 1 == 0).all()))
