"""The density of another species than Ca+ is never called Ca+: in files, labels and titles."""

from __future__ import annotations

import netCDF4
import numpy as np
import pytest
import xarray as xr

from metalclouds import io
from metalclouds.schema.variables import density_name, density_variable


@pytest.mark.parametrize(
    ("species", "name"),
    [
        ("Ca+", "ca_ion_number_density"),
        ("Na", "na_number_density"),
        ("Fe", "fe_number_density"),
        ("Fe+", "fe_ion_number_density"),
        ("Ca", "ca_number_density"),
    ],
)
def test_name_of_a_density(species, name):
    assert density_name(species) == name


def night_of(species: str) -> xr.Dataset:
    values = np.array([[2500.0, 4100.5], [2400.0, np.nan]], "float32")
    attributes = io.provenance(title="t", source="s", synthetic=False, inputs={}, species=species)
    return xr.Dataset(
        {
            "ca_ion_number_density": (("time", "altitude"), values),
            "ca_ion_number_density_error": (("time", "altitude"), 0.1 * values),
        },
        attrs=attributes,
    )


def test_a_file_calls_the_density_by_its_species(tmp_path):
    io.write_netcdf(tmp_path / "na.nc", night_of("Na"))
    with netCDF4.Dataset(tmp_path / "na.nc") as file:
        assert set(file.variables) == {"na_number_density", "na_number_density_error"}
        assert file["na_number_density"].long_name == "number density of Na"
        assert file["na_number_density"].units == "cm-3"
        assert file["na_number_density_error"].long_name == "standard error of the number density of Na"


def test_memory_has_one_name_for_all_species(tmp_path):
    """What is read is what was written, and a second writing gives the same bytes."""
    io.write_netcdf(tmp_path / "na.nc", night_of("Na"))
    night = io.read_netcdf(tmp_path / "na.nc")
    np.testing.assert_array_equal(night["ca_ion_number_density"], night_of("Na")["ca_ion_number_density"])
    io.write_netcdf(tmp_path / "again.nc", night)
    assert (tmp_path / "na.nc").read_bytes() == (tmp_path / "again.nc").read_bytes()


def test_density_of_a_file_opened_by_other_software(tmp_path):
    io.write_netcdf(tmp_path / "fe.nc", night_of("Fe"))
    with xr.open_dataset(tmp_path / "fe.nc") as night:
        density, error = io.number_density(night)
    assert density.values[0].tolist() == pytest.approx([2500.0, 4100.5])
    assert error.values[0].tolist() == pytest.approx([250.0, 410.05])


def test_label_has_the_species():
    assert density_variable("Na").label == "Na density (cm$^{-3}$)"
    assert density_variable("Fe+").label == "Fe$^+$ density (cm$^{-3}$)"
