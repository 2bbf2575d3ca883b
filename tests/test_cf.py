"""Our netCDF products before a judge of conventions: the CF test of compliance-checker, and what ACDD recommends."""

from __future__ import annotations

from pathlib import Path

import netCDF4
import numpy as np
import pytest
import xarray as xr

from metalclouds import io
from metalclouds.detect.settings import DetectSettings
from tests.cf import complaints
from tests.figures import fake_run
from tests.ingest.papers import read_any

DATA = Path(__file__).parent / "data"
REAL = {
    "fpi": DATA / "fpi/bfp220301g.7100.txt",
    "tec": DATA / "tec/codg0080.20i.Z",
    "ionosonde": DATA / "ionosonde/DPS4D_Kirtland0_2023-10-14_160000.nc",
}
MADE = ("ingest/lidar", "ingest/fpi", "ingest/ionosonde", "detect", "derive")
RECOMMENDED = {
    "title", "summary", "keywords", "license", "institution", "id", "processing_level", "source", "history",
    "Conventions", "creator_name",
}  # fmt: skip


@pytest.fixture(scope="module")
def products(tmp_path_factory) -> dict[str, Path]:
    """A product of each kind: of a made-up run, and of real files of three instruments as ingest reads them."""
    from metalclouds.detect.night import detect_night

    base = tmp_path_factory.mktemp("cf")
    run = fake_run.build(base / "run", step_s=600.0, step_km=4.8)
    found = {stage: sorted((run / stage).rglob("*.nc"))[0] for stage in MADE}
    for name, source in REAL.items():
        found[f"real {name}"] = base / f"real_{name}.nc"
        io.write_netcdf(found[f"real {name}"], read_any(source, instrument=name)[0])
    found["detection"] = base / "detection.nc"
    night = io.read_netcdf(found["ingest/lidar"])
    io.write_netcdf(found["detection"], detect_night(night, DetectSettings()).dataset)
    return found


KINDS = [*MADE, *(f"real {name}" for name in REAL), "detection"]


@pytest.mark.parametrize("kind", KINDS)
def test_products_pass_the_cf_check(products, kind):
    assert complaints(products[kind]) == []


@pytest.mark.parametrize("kind", KINDS)
def test_products_say_what_acdd_recommends(products, kind):
    with xr.open_dataset(products[kind]) as product:
        assert RECOMMENDED - product.attrs.keys() == set()
        assert " " not in product.attrs["id"]
        assert "date_created" not in product.attrs, "equal runs give equal files"
        if "time" in product.coords and np.issubdtype(product["time"].dtype, np.datetime64):
            assert {"time_coverage_start", "time_coverage_end"} <= product.attrs.keys()
        if "altitude" in product.coords and product["altitude"].dims == ("altitude",):
            assert product["altitude"].attrs["positive"] == "up"


@pytest.mark.parametrize(
    ("name", "attribute", "value"),
    [("altitude", "positive", None), ("altitude", "units", "heaps"), ("photon_counts", "units", "heaps")],
)
def test_the_check_finds_a_breach(products, tmp_path, name, attribute, value):
    path = tmp_path / "worse.nc"
    path.write_bytes(products["ingest/lidar"].read_bytes())
    with netCDF4.Dataset(path, "a") as file:
        if value is None:
            file[name].delncattr(attribute)
        else:
            file[name].setncattr(attribute, value)
    assert any(weight == 3 and name in text for weight, _, text in complaints(path))
