"""The density of another species than Ca+ is never called Ca+: in files, labels and titles."""

from __future__ import annotations

import netCDF4
import numpy as np
import pytest
import scipy.io
import xarray as xr

from metalclouds import io
from metalclouds.errors import UndecidedError
from metalclouds.schema.variables import density_name, density_variable
from tests.ingest.papers import read_any


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


HEIGHTS, HOURS = np.arange(80.0, 281.0), 12.0 + np.arange(60) / 12.0


def layer(size: float, peak_km: float) -> np.ndarray:
    noise = np.random.default_rng(int(peak_km)).normal(0.0, 1.0, (HOURS.size, HEIGHTS.size))
    return size * np.exp(-0.5 * ((HEIGHTS - peak_km) / 3.0) ** 2) + noise


def two_metals(folder, first: str, second: str):
    """A file with the layers of two metals; the second is meant by Ca+."""
    path = folder / "night_20210510.mat"
    scipy.io.savemat(path, {"UT": HOURS, "alt": HEIGHTS, first: layer(2000.0, 88.0), second: layer(700.0, 95.0)})
    return path


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Ca", "CaP"),
        ("density_neutral", "density_ion"),
        ("Fe", "density"),
        ("Fe", "Ca"),
        ("n_Fe", "n"),
        ("Na_density", "Ca_density"),
        ("ch1", "ch2"),
    ],
)
def test_which_of_two_metals_is_meant_is_asked_where_no_name_says_so(tmp_path, first, second):
    """Even where the size of one fits Ca+ alone: it may be what the size of another metal is."""
    path = two_metals(tmp_path, first, second)
    with pytest.raises(UndecidedError) as caught:
        read_any(path)
    assert f"signal: {second}" in str(caught.value)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("CaI", "CaII"),
        ("CaNeutral", "CaIon"),
        ("NaDensity", "CaII"),
        ("fe_density", "caplus_profile"),
        ("Ca", "Ca_plus"),
        ("Ca423", "Ca393"),
        ("n_372", "n_393"),
    ],
)
def test_a_name_that_says_the_ion_decides(tmp_path, first, second):
    (night,) = read_any(two_metals(tmp_path, first, second))
    density = io.number_density(night)[0].mean("time").values
    assert HEIGHTS[density.argmax()] == 95.0


def test_species_in_a_dimension(tmp_path):
    """density(species, time, altitude) with the names of the metals: the slice of the one that is asked for."""
    path = tmp_path / "night_20210510.nc"
    with netCDF4.Dataset(path, "w") as file:
        for name, size in (("species", 2), ("time", HOURS.size), ("altitude", HEIGHTS.size)):
            file.createDimension(name, size)
        file.createVariable("species", str, ("species",))[:] = np.array(["Ca", "Ca+"], object)
        file.createVariable("time", "f8", ("time",))[:] = HOURS
        file["time"].units = "hours since 2021-05-10 00:00:00"
        file.createVariable("altitude", "f8", ("altitude",))[:] = HEIGHTS
        file.createVariable("density", "f8", ("species", "time", "altitude"))[:] = np.stack(
            [layer(2000.0, 88.0), layer(700.0, 95.0)]
        )
        file["density"].units = "cm-3"
    (night,) = read_any(path)
    density = io.number_density(night)[0].mean("time").values
    assert HEIGHTS[density.argmax()] == 95.0


@pytest.mark.parametrize("wavelengths", [[372.0, 393.4], [589.2, 393.0]])
def test_channels_of_two_metals_are_not_summed(tmp_path, wavelengths):
    path = tmp_path / "counts_20210510.mat"
    counts = np.stack([np.round(np.abs(layer(2000.0, 88.0))), np.round(np.abs(layer(700.0, 95.0)))], axis=1)
    content = {"UT": HOURS, "alt": HEIGHTS, "counts": counts, "wavelength_nm": np.array(wavelengths)}
    scipy.io.savemat(path, content | {"calibration_factor": 1e-4, "background_counts": 0.0})
    (night,) = read_any(path)
    assert float(night["photon_counts"].max()) < 1000.0
    assert "393" in night.attrs["decisions"]
