"""What each netCDF product must hold: the agreements through which the stages meet."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import xarray as xr

from metalclouds.constants import INSTRUMENTS as INSTRUMENTS
from metalclouds.errors import ContractError
from metalclouds.schema.variables import VARIABLES


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
        "air_return_density": ("altitude",),
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
    attributes=("night", "species", "method"),
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


def check_dataset(dataset: xr.Dataset, product: Product, name: str | Path) -> xr.Dataset:
    """Return the dataset unchanged if it keeps the contract of its product.

    Checks the dims of each variable, the attributes, that time and altitude increase, and the valid ranges.

    Parameters
    ----------
    dataset
        the product, with the dims of its declaration.
    name
        file or name that an error shows.

    Returns
    -------
    Dataset
        the same object.

    Raises
    ------
    ContractError
        With all the breaches found.
    """
    faults = [
        *_wrong_dims(dataset, product),
        *(f"attribute {key} is missing" for key in product.attributes if key not in dataset.attrs),
        *(fault for axis in ("time", "altitude") for fault in _not_increasing(dataset, axis)),
        *(fault for label in dataset.variables for fault in _out_of_range(dataset, str(label))),
    ]
    if faults:
        raise ContractError("; ".join(faults), file=name, rule="the contracts in docs/architecture.md")
    return dataset


def _wrong_dims(dataset: xr.Dataset, product: Product) -> Iterator[str]:
    yield from (f"variable {name} is missing" for name in product.variables if name not in dataset.variables)
    for name, dims in (product.variables | product.optional).items():
        if name in dataset.variables and (found := dataset.variables[name].dims) != dims:
            yield f"{name} has dims {found}, not {dims}"
    complete = (all(name in dataset.variables for name in group) for group in product.one_of)
    if product.one_of and not any(complete):
        yield f"none of the groups {product.one_of} is complete"


def _not_increasing(dataset: xr.Dataset, axis: str) -> Iterator[str]:
    if axis not in dataset.dims or axis not in dataset.variables or dataset.sizes[axis] < 2:
        return
    values = dataset.variables[axis].values
    wrong = ~(np.diff(values.astype("int64" if axis == "time" else float)) > 0)
    if wrong.any():
        first = int(np.argmax(wrong))
        yield (
            f"{axis} does not increase in {wrong.sum()} places, first from index {first}: "
            f"{values[first]}, {values[first + 1]}"
        )


def _out_of_range(dataset: xr.Dataset, name: str) -> Iterator[str]:
    entry, values = VARIABLES.get(name), dataset.variables[name].values
    if entry is None or entry.valid_range is None or values.dtype.kind not in "iuf" or not values.size:
        return
    low, high = entry.valid_range
    # fmin and fmax leave NaN out.
    least, largest = np.fmin.reduce(values, axis=None), np.fmax.reduce(values, axis=None)
    if least < low or largest > high:
        yield f"{name} spans {least} to {largest}, outside {entry.valid_range}"
