"""What a file or a description says of errors, flags and heights is used: expected values follow from the words."""

import netCDF4
import numpy as np
import pytest
import scipy.io

from metalclouds import io
from metalclouds.ingest.settings import IngestSettings
from tests.ingest.papers import read_any

HEIGHTS = np.arange(80.0, 140.0, 1.0)
HOURS = np.arange(12.0, 14.0, 0.1)
LAYER = 300.0 * np.exp(-(((HEIGHTS - 92.0) / 4.0) ** 2)) + 5.0
RNG = np.random.default_rng(8)
DENSITY = LAYER * RNG.uniform(0.95, 1.05, (HOURS.size, HEIGHTS.size)) + RNG.normal(
    0.0, 3.0, (HOURS.size, HEIGHTS.size)
)
ERROR = np.abs(DENSITY) * 0.08 + 2.0
ASKED = IngestSettings.model_validate({"lidar": {"species": "Ca+"}})


def written(path, unit, in_file, error_name="ca_ion_density_error", **attributes):
    """A night whose errors are as `in_file`, with a unit and other attributes of theirs."""
    with netCDF4.Dataset(path, "w") as file:
        file.createDimension("time", HOURS.size)
        file.createDimension("altitude", HEIGHTS.size)
        file.createVariable("time", "f8", ("time",))[:] = HOURS
        file["time"].units = "hours since 2021-05-10 00:00:00"
        file.createVariable("altitude", "f8", ("altitude",))[:] = HEIGHTS
        file["altitude"].units = "km"
        file.createVariable("ca_ion_density", "f8", ("time", "altitude"))[:] = DENSITY
        file["ca_ion_density"].units = "cm-3"
        file.createVariable(error_name, "f8", ("time", "altitude"))[:] = in_file
        file[error_name].setncatts({**({"units": unit} if unit else {}), **attributes})
    return path


def errors_of(path):
    (night,) = read_any(path, ASKED)
    return night["ca_ion_number_density_error"].values


@pytest.mark.parametrize(
    ("unit", "attributes", "in_file"),
    [
        ("percent", {}, ERROR / np.abs(DENSITY) * 100),
        ("%", {"long_name": "relative error"}, ERROR / np.abs(DENSITY) * 100),
        ("", {"long_name": "uncertainty in per cent of the density"}, ERROR / np.abs(DENSITY) * 100),
        ("1", {"long_name": "relative uncertainty"}, ERROR / np.abs(DENSITY)),
        ("m-3", {}, ERROR * 1e6),
        ("", {"long_name": "1-sigma error (68 % confidence)"}, ERROR),
    ],
)
def test_errors_are_in_their_own_unit(tmp_path, unit, attributes, in_file):
    found = errors_of(written(tmp_path / "ca_20210510.nc", unit, in_file, **attributes))
    np.testing.assert_allclose(found, ERROR, rtol=1e-5)


def test_errors_of_an_unknown_unit_are_left_out_and_that_is_said(tmp_path):
    (night,) = read_any(written(tmp_path / "ca_20210510.nc", "counts", ERROR), ASKED)
    assert "ca_ion_number_density_error" not in night
    assert "error left out" in night.attrs["decisions"]


@pytest.mark.parametrize(
    ("line", "log"),
    [
        ("CaP: density in cm^-3\n- errCaP: error in percent", False),
        ("CaP: density, cm^-3; errCaP: its standard error, in %", False),
        ("CaP: log10 of the density in cm^-3; errCaP: error in percent", True),
    ],
)
def test_a_description_says_that_errors_are_in_per_cent(tmp_path, line, log):
    values = np.where(DENSITY > 0, DENSITY, np.nan)
    content = {"UT": HOURS, "alt": HEIGHTS, "CaP": np.log10(values) if log else values}
    scipy.io.savemat(tmp_path / "ca_20210510.mat", {**content, "errCaP": ERROR / np.abs(DENSITY) * 100})
    (tmp_path / "README.md").write_text(line + "\n")
    settings = IngestSettings.model_validate({"lidar": {"species": "Ca+"}})
    (night,) = read_any(tmp_path, settings, "lidar")
    found, known = night["ca_ion_number_density_error"].values, np.isfinite(io.number_density(night)[0].values)
    np.testing.assert_allclose(found[known], ERROR[known], rtol=1e-4)


@pytest.mark.parametrize(
    ("attributes", "bad"),
    [
        ({"flag_values": np.array([0, 1, 2], "i1"), "flag_meanings": "good suspect bad"}, [2]),
        ({"flag_values": np.array([0, 1, 2], "i1"), "flag_meanings": "bad good good"}, [0]),
        ({"long_name": "0 good, 1 probably bad, 2 not valid"}, [2]),
        ({}, []),
    ],
)
def test_flags_are_used_as_their_attributes_explain_them(tmp_path, attributes, bad):
    path = written(tmp_path / "ca_20210510.nc", "cm-3", ERROR)
    flags = np.zeros(DENSITY.shape, int)
    flags[3:6], flags[9:11] = 2, 1
    with netCDF4.Dataset(path, "a") as file:
        file.createVariable("quality_flag", "i1", ("time", "altitude"))[:] = flags
        file["quality_flag"].setncatts(attributes)
    (night,) = read_any(path, ASKED)
    found = np.isnan(io.number_density(night)[0].values)
    np.testing.assert_array_equal(found, np.isin(flags, bad))


def test_flags_are_used_as_a_description_explains_them(tmp_path):
    flags = np.zeros(HOURS.size)
    flags[4] = 2
    content = {"UT": HOURS, "alt": HEIGHTS, "CaP": DENSITY, "qc_CaP": flags}
    scipy.io.savemat(tmp_path / "ca_20210510.mat", content)
    (tmp_path / "README.md").write_text("CaP: density, cm^-3\nqc_CaP: 0 good, 1 thin clouds, 2 bad\n")
    (night,) = read_any(tmp_path, ASKED, "lidar")
    lost = np.isnan(io.number_density(night)[0].values).all(axis=1)
    assert lost.nonzero()[0].tolist() == [4]


@pytest.mark.parametrize(
    ("words", "added"),
    [
        ("height above ground level", 2.7),
        ("altitude above the local ground", 2.7),
        ("Höhe über Grund", 2.7),
        ("height above mean sea level", 0.0),
        ("altitude (range 75 to 200 km) of the bin centres", 0.0),
        ("range from the lidar", 2.7),
    ],
)
def test_heights_are_above_what_their_words_say(tmp_path, words, added):
    path = written(tmp_path / "ca_20210510.nc", "cm-3", ERROR)
    with netCDF4.Dataset(path, "a") as file:
        file["altitude"].long_name = words
    site = {"latitude": 40.4, "longitude": 116.0, "altitude_km": 2.7}
    (night,) = read_any(
        path, IngestSettings.model_validate({"lidar": {"species": "Ca+", "site": site, "clock": "UT"}})
    )
    np.testing.assert_allclose(night["altitude"].values, HEIGHTS + added)
