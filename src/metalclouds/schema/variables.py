"""One table of variables: names, units, labels and valid ranges for readers, writers, axes and tests."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import xarray as xr


@dataclass(frozen=True)
class Variable:
    """A physical quantity as it stands in files and on axes."""

    units: str
    long_name: str
    label: str = ""
    standard_name: str = ""
    valid_range: tuple[float, float] | None = None
    flags: dict[str, int] = field(default_factory=dict)

    def attributes(self, dtype: np.dtype) -> dict:
        """CF attributes; the valid range is given in the variable's own type."""
        attrs: dict = {"long_name": self.long_name}
        if self.units:
            attrs["units"] = self.units
        if self.standard_name:
            attrs["standard_name"] = self.standard_name
        if self.standard_name == "altitude":
            attrs["positive"] = "up"
        if self.valid_range is not None and dtype.kind in "iuf":
            attrs["valid_range"] = np.array(self.valid_range, dtype=dtype)
        if self.flags:
            attrs["flag_values"] = np.array(list(self.flags.values()), dtype=dtype)
            attrs["flag_meanings"] = " ".join(self.flags)
        return attrs


MASK_FLAGS = {"clear": 0, "cloud": 1, "stripe": 2, "no_data": 3}
PROFILE_FLAGS = {"good": 0, "burst": 1, "low_signal": 2, "twilight": 3, "no_background": 4}
ES_FLAGS = {"absent": 0, "present": 1, "not_observed": 2}
YES_NO_FLAGS = {"no": 0, "yes": 1, "not_observed": 2}

VARIABLES: dict[str, Variable] = {
    # coordinates (xarray writes units and calendar of time itself)
    "time": Variable("", "time (UTC), middle of the accumulation", "UT", "time"),
    "altitude": Variable("km", "altitude above sea level", "altitude (km)", "altitude", (0.0, 2000.0)),
    "latitude": Variable("degrees_north", "latitude", "latitude (°N)", "latitude", (-90.0, 90.0)),
    "longitude": Variable("degrees_east", "longitude", "longitude (°E)", "longitude", (-180.0, 360.0)),
    # lidar
    "photon_counts": Variable("1", "photon counts in a profile and altitude bin", "counts", "", (0.0, 65534.0)),
    "integration_time": Variable("s", "time over which a profile was accumulated", valid_range=(0.0, 7200.0)),
    "background_counts": Variable(
        "1", "mean counts in a bin without resonance signal", "background counts", "", (0.0, 65535.0)
    ),
    "background_counts_error": Variable("1", "standard error of background_counts"),
    "calibration_factor": Variable("cm-3 km-2", "density for one count at a range of one kilometre"),
    "air_return_density": Variable("cm-3", "density that the light scattered by air would be taken for"),
    "ca_ion_number_density": Variable(
        "cm-3", "number density of Ca+ ions", "Ca$^+$ density (cm$^{-3}$)", "", (-1e7, 1e7)
    ),
    "ca_ion_number_density_error": Variable("cm-3", "standard error of the number density of Ca+ ions"),
    # detection
    "significance": Variable("1", "excess over the background in standard deviations", "significance"),
    "mic_mask": Variable("1", "what a cell holds", flags=MASK_FLAGS),
    "profile_flag": Variable("1", "use of a profile", flags=PROFILE_FLAGS),
    "background": Variable("1", "background found in a profile, counts in an altitude bin of the source"),
    # wind
    "emission_wavelength": Variable("nm", "wavelength of the airglow emission"),
    "eastward_wind": Variable(
        "m s-1", "eastward wind", "eastward wind (m s$^{-1}$)", "eastward_wind", (-1000.0, 1000.0)
    ),
    "northward_wind": Variable(
        "m s-1", "northward wind", "northward wind (m s$^{-1}$)", "northward_wind", (-1000.0, 1000.0)
    ),
    "eastward_wind_error": Variable("m s-1", "standard error of the eastward wind", valid_range=(0.0, 1000.0)),
    "northward_wind_error": Variable("m s-1", "standard error of the northward wind", valid_range=(0.0, 1000.0)),
    "upward_wind": Variable(
        "m s-1", "upward wind", "upward wind (m s$^{-1}$)", "upward_air_velocity", (-1000.0, 1000.0)
    ),
    "upward_wind_error": Variable("m s-1", "standard error of the upward wind", valid_range=(0.0, 1000.0)),
    # total electron content
    "vertical_tec": Variable(
        "1e16 m-2", "vertical total electron content", "vertical TEC (TECU)", "", (-50.0, 500.0)
    ),
    "vertical_tec_count": Variable("1", "number of observations in the cell"),
    "slant_tec": Variable("1e16 m-2", "slant total electron content", "slant TEC (TECU)"),
    "observation_time": Variable("", "time of the observation (UTC)"),
    "observation_vertical_tec": Variable("1e16 m-2", "vertical total electron content of one observation"),
    "pierce_latitude": Variable("degrees_north", "latitude of the pierce point", valid_range=(-90.0, 90.0)),
    "pierce_longitude": Variable("degrees_east", "longitude of the pierce point", valid_range=(-180.0, 360.0)),
    "elevation": Variable("degree", "elevation of the satellite at the receiver", valid_range=(0.0, 90.0)),
    # ionosonde
    "foEs": Variable("MHz", "critical frequency of sporadic E, ordinary wave", "foEs (MHz)", "", (0.0, 40.0)),
    "hEs": Variable("km", "virtual height of sporadic E", "h'Es (km)", "", (60.0, 200.0)),
    "fbEs": Variable("MHz", "blanketing frequency of sporadic E", "fbEs (MHz)", "", (0.0, 40.0)),
    "foF2": Variable("MHz", "critical frequency of the F2 layer, ordinary wave", "foF2 (MHz)", "", (0.0, 40.0)),
    "hF2": Variable("km", "virtual height of the F2 layer", "h'F2 (km)", "", (100.0, 1400.0)),
    "es_status": Variable("1", "sporadic E in a sounding; absent means below the sounder's limit", flags=ES_FLAGS),
    "spread_f": Variable("1", "spread F in a sounding", flags=YES_NO_FLAGS),
    "ionogram_time": Variable("", "time of the ionogram (UTC)"),
    "frequency": Variable("MHz", "sounding frequency", "frequency (MHz)", "", (0.0, 40.0)),
    "virtual_height": Variable("km", "virtual height of the echo", "virtual height (km)", "", (0.0, 2000.0)),
    "echo_amplitude": Variable(
        "1", "amplitude of the ordinary echo above the noise, in dB; 0 where there is none", "amplitude (dB)"
    ),
    "echo_amplitude_x": Variable("1", "amplitude of the extraordinary echo above the noise, in dB", "amplitude (dB)"),
    # statistics
    "month": Variable("1", "calendar month, 1 to 12", "month"),
}

# What a lidar's density is called in memory, whatever the species; a file calls it by its own species.
AIR_RETURN = "air_return_density"
DENSITY = "ca_ion_number_density"
DENSITY_SPECIES = "Ca+"


def density_name(species: str) -> str:
    """Name of a species' density in files: `na_number_density` of Na, `fe_ion_number_density` of Fe+."""
    words = re.sub(r"[^a-z0-9]+", "_", species.lower().replace("+", "_ion ")).strip("_")
    return f"{words or 'metal'}_number_density"


def density_variable(species: str) -> Variable:
    """Units, name and axis label of a species' density."""
    if species == DENSITY_SPECIES:
        return VARIABLES[DENSITY]
    return Variable("cm-3", f"number density of {species}", f"{with_charge(species)} density (cm$^{{-3}}$)")


def with_charge(species: str) -> str:
    """A species as it stands on a figure, its charge raised."""
    return species.replace("+", "$^+$")


def named_by_species(dataset: xr.Dataset) -> xr.Dataset:
    """A dataset as files have it: density and its error called by the attribute `species`.

    Parameters
    ----------
    dataset
        a lidar night with the density under the contract's name; any other is returned as it is.

    Returns
    -------
    Dataset
        the same data.
    """
    species = str(dataset.attrs.get("species", DENSITY_SPECIES))
    new, entry = density_name(species), density_variable(species)
    if new == DENSITY or DENSITY not in dataset:
        return dataset
    out = dataset.rename({old: old.replace(DENSITY, new) for old in (DENSITY, f"{DENSITY}_error") if old in dataset})
    out[new].attrs.update(entry.attributes(out[new].dtype))
    if f"{new}_error" in out:
        out[f"{new}_error"].attrs.update(units=entry.units, long_name=f"standard error of the {entry.long_name}")
    return out


def named_by_contract(dataset: xr.Dataset) -> xr.Dataset:
    """A dataset as the stages have it in memory: the density of whatever species under the contract's name.

    Parameters
    ----------
    dataset
        a lidar night as its file has it; any other is returned as it is.

    Returns
    -------
    Dataset
        the same data.
    """
    own = density_name(str(dataset.attrs.get("species", DENSITY_SPECIES)))
    if own == DENSITY or own not in dataset:
        return dataset
    return dataset.rename({old: old.replace(own, DENSITY) for old in (own, f"{own}_error") if old in dataset})
