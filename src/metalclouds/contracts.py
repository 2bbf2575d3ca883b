"""What each product must hold: the agreements through which the stages meet."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

from metalclouds.constants import INSTRUMENTS as INSTRUMENTS
from metalclouds.errors import ContractError
from metalclouds.variables import VARIABLES


@dataclass(frozen=True)
class Product:
    """Required dims of required variables; optional ones are checked where present."""

    variables: dict[str, tuple[str, ...]]
    optional: dict[str, tuple[str, ...]]
    attributes: tuple[str, ...]
    one_of: tuple[tuple[str, ...], ...] = ()


_TZ = ("time", "altitude")
_TLL = ("time", "latitude", "longitude")
_TE = ("time", "emission")
_ION = ("ionogram_time", "frequency", "virtual_height")

LIDAR = Product(
    variables={"time": ("time",), "altitude": ("altitude",), "integration_time": ("time",)},
    optional={
        "photon_counts": _TZ,
        "background_counts": ("time",),
        "background_counts_error": ("time",),
        "calibration_factor": ("time",),
        "ca_ion_number_density": _TZ,
        "ca_ion_number_density_error": _TZ,
    },
    attributes=(
        "night",
        "quantity",
        "negatives",
        "species",
        "station_latitude",
        "station_longitude",
        "station_altitude_km",
        "decisions",
    ),
    one_of=(("photon_counts", "background_counts", "calibration_factor"), ("ca_ion_number_density",)),
)
TEC = Product(
    variables={
        "time": ("time",),
        "latitude": ("latitude",),
        "longitude": ("longitude",),
        "vertical_tec": _TLL,
        "vertical_tec_count": _TLL,
    },
    optional={
        "observation_time": ("observation",),
        "pierce_latitude": ("observation",),
        "pierce_longitude": ("observation",),
        "elevation": ("observation",),
        "observation_vertical_tec": ("observation",),
    },
    attributes=("night", "pierce_point_altitude_km", "mapping_function", "elevation_rule", "decisions"),
)
FPI = Product(
    variables={
        "time": ("time",),
        "emission_wavelength": ("emission",),
        "altitude": ("emission",),
        "eastward_wind": _TE,
        "northward_wind": _TE,
        "eastward_wind_error": _TE,
        "northward_wind_error": _TE,
    },
    optional={"upward_wind": _TE, "upward_wind_error": _TE},
    attributes=("night", "station_latitude", "station_longitude", "decisions"),
)
IONOSONDE = Product(
    variables={
        "time": ("time",),
        "foEs": ("time",),
        "hEs": ("time",),
        "fbEs": ("time",),
        "foF2": ("time",),
        "hF2": ("time",),
        "es_status": ("time",),
        "spread_f": ("time",),
    },
    optional={
        "ionogram_time": ("ionogram_time",),
        "frequency": ("frequency",),
        "virtual_height": ("virtual_height",),
        "echo_amplitude": _ION,
        "echo_amplitude_x": _ION,
    },
    attributes=("night", "station_latitude", "station_longitude", "foEs_limit_MHz", "decisions"),
)
DETECT = Product(
    variables={
        "time": ("time",),
        "altitude": ("altitude",),
        "significance": _TZ,
        "mic_mask": _TZ,
        "background": ("time",),
        "profile_flag": ("time",),
    },
    optional={},
    attributes=("night", "species"),
)
MONTHLY_DENSITY = Product(
    variables={
        "month": ("month",),
        "altitude": ("altitude",),
        "ca_ion_number_density": ("month", "altitude"),
    },
    optional={},
    attributes=(),
)
# Mean density profile of each night, of all its used profiles.
NIGHTLY_DENSITY = Product(
    variables={"night": ("night",), "altitude": ("altitude",), "ca_ion_number_density": ("night", "altitude")},
    optional={},
    attributes=(),
)
# Vertical TEC and its excess over the background at the times of Figure 2, one map a panel.
TEC_MAPS = Product(
    variables={
        "time": ("panel",),
        "latitude": ("latitude",),
        "longitude": ("longitude",),
        "vertical_tec": ("panel", "latitude", "longitude"),
        "tec_excess": ("panel", "latitude", "longitude"),
    },
    optional={},
    attributes=(),
)

INGEST = {"lidar": LIDAR, "tec": TEC, "fpi": FPI, "ionosonde": IONOSONDE}

# ---- tables: column -> unit ("" where it has none) -------------------------------------------------------

STRIPES = {
    "night": "",
    "id": "",
    "time_bottom": "UTC",
    "time_top": "UTC",
    "bottom_km": "km",
    "top_km": "km",
    "slowness_s_per_km": "s km-1",
    "slowness_sigma_s_per_km": "s km-1",
    "width_s": "s",
    "peak_density_cm3": "cm-3",
    "significance": "1",
    "group": "",
    "resolved": "",
    "wind_m_s": "m s-1",
    "wind_sigma_m_s": "m s-1",
    "beta_deg": "degree",
    "beta_low_deg": "degree",
    "beta_high_deg": "degree",
    "beta_kind": "value|lower_limit|upper_limit|no_wind",
    # after the columns that scripts rely on:
    "bottom_sigma_km": "km",
    "top_sigma_km": "km",
    "width_sigma_s": "s",
    "curvature_s_per_km2": "s km-2",
    "curvature_sigma_s_per_km2": "s km-2",
    "reaches_main_layer": "",
}
# Width and peak density along each stripe.
STRIPE_PROFILES = {
    "night": "",
    "id": "",
    "altitude_km": "km",
    "width_s": "s",
    "width_sigma_s": "s",
    "peak_density_cm3": "cm-3",
    "peak_density_sigma_cm3": "cm-3",
}
EVENTS = {
    "night": "",
    "event": "",
    "kind": "cloud|direct_connection|descending_merge",
    "start_utc": "UTC",
    "end_utc": "UTC",
    "bottom_km": "km",
    "top_km": "km",
    "start_altitude_km": "km",
    "end_altitude_km": "km",
    "descent_m_s": "m s-1",
    "significance": "1",
    "p_false": "1",
    "peak_density_cm3": "cm-3",
    "detached": "",
}
DETECT_NIGHTS = {
    "night": "",
    "observed": "",
    "hours": "h",
    "above_150": "",
    "p_false": "1",
    "clear_200_300": "",
    "p_false_clear": "1",
    "connection_utc": "UTC",
    "connection_kind": "none|direct|descending",
    "cloud_hours": "h",
    "cloud_start_utc": "UTC",
    "cloud_end_utc": "UTC",
    "cloud_bottom_km": "km",
    "cloud_top_km": "km",
    "stripes": "1",
    "stripe_signal_share": "1",
    "stripe_signal_share_sigma": "1",
    "parallelism_s_per_km": "s km-1",
    "noise_floor_cm3": "cm-3",
    "profiles": "1",
    "profiles_bad": "1",
    # the statistics behind the two decisions, so that a threshold can be moved afterwards
    "score_150": "1",
    "score_200_300": "1",
}
NIGHTS = {
    "night": "",
    "observed": "",
    "hours": "h",
    "above_150": "",
    "clear_200_300": "",
    "connection_utc": "UTC",
    "cloud_hours": "h",
    "p_false": "1",
    "year": "",
    "month": "",
    "cloud_bottom_km": "km",
    "cloud_top_km": "km",
    "noise_floor_cm3": "cm-3",
    "column_density_cm2": "cm-2",
}
COLUMNS = {
    "night": "",
    "profiles": "1",
    "hours": "h",
    "column_density_cm2": "cm-2",
    "column_density_error_cm2": "cm-2",
    "centroid_km": "km",
    "centroid_error_km": "km",
    "rms_width_km": "km",
    "rms_width_error_km": "km",
    "main_layer_present_share": "1",
    "main_layer_density_cm3": "cm-3",
    "cloud_density_cm3": "cm-3",
    "cloud_density_error_cm3": "cm-3",
    "negatives": "kept|corrected|lost",
}
MONTHLY = {
    "month": "",
    "nights_observed": "1",
    "nights_above_150": "1",
    "nights_clear_200_300": "1",
    "occurrence": "1",
    "occurrence_low": "1",
    "occurrence_high": "1",
    "hours": "h",
    "occurrence_per_hour": "h-1",
    "false_nights_expected": "1",
    "column_density_cm2": "cm-2",
    "column_low_cm2": "cm-2",
    "column_high_cm2": "cm-2",
    "column_nights": "1",
    "density_cm3": "cm-3",
    "density_low_cm3": "cm-3",
    "density_high_cm3": "cm-3",
}
OCCURRENCE_BY_YEAR = {
    "year": "",
    "month": "",
    "nights_observed": "1",
    "nights_above_150": "1",
    "nights_clear_200_300": "1",
    "occurrence": "1",
    "occurrence_low": "1",
    "occurrence_high": "1",
}
CLEAR_THRESHOLD = {"threshold": "1", "nights_above_150": "1", "nights_clear_200_300": "1"}
CORRELATION = {"name": "", "value": "1", "low": "1", "high": "1", "p": "1", "n": "1", "method": ""}
BETA = {
    "night": "",
    "id": "",
    "length_km": "km",
    "slowness_s_per_km": "s km-1",
    "wind_m_s": "m s-1",
    "wind_sigma_m_s": "m s-1",
    "beta_deg": "degree",
    "beta_low_deg": "degree",
    "beta_high_deg": "degree",
    "beta_kind": "",
    "beta_zonal_deg": "degree",
    "beta_ion_deg": "degree",
    "azimuth_deg": "degree",
    "long": "",
    "marked": "",
}
STRIPE_PAIR = {"name": "", "value": "", "low": "", "high": "", "unit": "", "n": ""}
TEC_ENHANCEMENT = {
    "night": "",
    "method": "",
    "onset_utc": "UTC",
    "onset_error_minutes": "min",
    "peak_utc": "UTC",
    "end_utc": "UTC",
    "end_error_minutes": "min",
    "axis_longitude": "degrees_east",
    "axis_longitude_error": "degree",
    "latitude_south": "degrees_north",
    "latitude_north": "degrees_north",
    "width_km": "km",
    "peak_tecu": "TECU",
    "peak_error_tecu": "TECU",
    "area_km2": "km2",
    "lidar_distance_km": "km",
    "significance": "1",
    "sunrise_250km_utc": "UTC",
    "left_out": "satellite left out, empty for none",
    "found": "",
}
TEC_SERIES = {
    "night": "",
    "time_utc": "UTC",
    "method": "",
    "excess_tecu": "TECU",
    "excess_error_tecu": "TECU",
    "vertical_tec_tecu": "TECU",
}
ES_CASES = {
    "night": "",
    "time_utc": "UTC",
    "foEs_MHz": "MHz",
    "es_status": "",
    "hEs_km": "km",
    "fbEs_MHz": "MHz",
    "blanketing": "",
    "double_es": "",
    "upper_hEs_km": "km",
    "spread_f": "",
    "scaled_foEs_MHz": "MHz",
    "scaled_hEs_km": "km",
}
ES_RESPONSE = {
    "night": "",
    "event": "",
    "kind": "",
    "connection_utc": "UTC",
    "end_utc": "UTC",
    "foEs_before_MHz": "MHz",
    "foEs_during_MHz": "MHz",
    "foEs_after_MHz": "MHz",
    "rise_during_MHz": "MHz",
    "rise_during_low_MHz": "MHz",
    "rise_during_high_MHz": "MHz",
    "rise_after_MHz": "MHz",
    "soundings_before": "1",
    "soundings_during": "1",
    "soundings_after": "1",
    "absent_before": "1",
    "absent_during": "1",
    "absent_after": "1",
    "p": "1",
}
SUPERPOSED_EPOCH = {
    "lag_minutes": "min",
    "foEs_MHz": "MHz",
    "low_MHz": "MHz",
    "high_MHz": "MHz",
    "random_MHz": "MHz",
    "random_low_MHz": "MHz",
    "random_high_MHz": "MHz",
    "connections": "1",
}
DENSITY_PROFILE = {
    "altitude_km": "km",
    "density_kg_m3": "kg m-3",
    "scale_height_km": "km",
    "temperature_K": "K",
}
DENSITY_FACTORS = {"name": "", "value": "", "unit": ""}

DERIVE = {
    "nights.csv": NIGHTS,
    "columns.csv": COLUMNS,
    "monthly.csv": MONTHLY,
    "occurrence_by_year.csv": OCCURRENCE_BY_YEAR,
    "clear_threshold.csv": CLEAR_THRESHOLD,
    "correlation.csv": CORRELATION,
    "beta.csv": BETA,
    "stripe_pair.csv": STRIPE_PAIR,
    "tec_enhancement.csv": TEC_ENHANCEMENT,
    "tec_series.csv": TEC_SERIES,
    "es_cases.csv": ES_CASES,
    "es_response.csv": ES_RESPONSE,
    "superposed_epoch.csv": SUPERPOSED_EPOCH,
    "density_profile.csv": DENSITY_PROFILE,
    "density_factors.csv": DENSITY_FACTORS,
}
DETECT_TABLES = {
    "stripes.csv": STRIPES,
    "stripe_profiles.csv": STRIPE_PROFILES,
    "events.csv": EVENTS,
    "nights.csv": DETECT_NIGHTS,
}


def empty_table(columns: dict[str, str]) -> pd.DataFrame:
    """A table with the contract's columns and no rows."""
    return pd.DataFrame({name: [] for name in columns})


def check_table(table: pd.DataFrame, columns: dict[str, str], name: str | Path) -> pd.DataFrame:
    """Return the table with its columns in the order of the contract.

    Raises
    ------
    ContractError
        If a column is missing or one is there that the contract does not know.
    """
    missing = [column for column in columns if column not in table]
    unknown = [column for column in table if column not in columns]
    if missing or unknown:
        raise ContractError(
            "columns differ from the contract",
            file=name,
            given=f"missing {missing}, unknown {unknown}",
            rule="docs/products.md",
        )
    return table[list(columns)]


def check_dataset(dataset: xr.Dataset, product: Product, name: str | Path) -> xr.Dataset:
    """Return the dataset unchanged if it keeps the contract of its product.

    Checks the dims of each variable, the attributes, that time and altitude increase, and the valid ranges.

    Raises
    ------
    ContractError
        With all the breaches found.
    """
    faults: list[str] = []
    for variable, dims in product.variables.items():
        if variable not in dataset.variables:
            faults.append(f"variable {variable} is missing")
        elif dataset[variable].dims != dims:
            faults.append(f"{variable} has dims {dataset[variable].dims}, not {dims}")
    for variable, dims in product.optional.items():
        if variable in dataset.variables and dataset[variable].dims != dims:
            faults.append(f"{variable} has dims {dataset[variable].dims}, not {dims}")
    if product.one_of and not any(all(v in dataset.variables for v in group) for group in product.one_of):
        faults.append(f"none of the groups {product.one_of} is complete")
    faults += [f"attribute {key} is missing" for key in product.attributes if key not in dataset.attrs]
    for axis in ("time", "altitude"):
        if axis in dataset.dims and axis in dataset.variables and dataset.sizes[axis] > 1:
            values = dataset[axis].values
            wrong = ~(np.diff(values.astype("int64" if axis == "time" else float)) > 0)
            if wrong.any():
                first = int(np.argmax(wrong))
                faults.append(
                    f"{axis} does not increase in {wrong.sum()} places, first from index {first}: "
                    f"{values[first]}, {values[first + 1]}"
                )
    for label in dataset.variables:
        entry = VARIABLES.get(str(label))
        if entry is None or entry.valid_range is None or dataset[label].dtype.kind not in "iuf":
            continue
        # fmin and fmax leave NaN out.
        values, (low, high) = dataset[label].values, entry.valid_range
        if not values.size:
            continue
        least, largest = np.fmin.reduce(values, axis=None), np.fmax.reduce(values, axis=None)
        if least < low or largest > high:
            faults.append(f"{label} spans {least} to {largest}, outside {entry.valid_range}")
    if faults:
        raise ContractError("; ".join(faults), file=name, rule="the contracts in docs/architecture.md")
    return dataset
