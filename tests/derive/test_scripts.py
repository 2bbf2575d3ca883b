"""The scripts of the rules, run as Snakemake runs them, on a small campaign: what they write keeps the contracts."""

from __future__ import annotations

import runpy
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from metalclouds import io
from metalclouds.derive.settings import DeriveSettings
from metalclouds.schema.datasets import MONTHLY_DENSITY, NIGHTLY_DENSITY, check_dataset
from metalclouds.schema.tables import COLUMNS, DENSITY_FACTORS, DENSITY_PROFILE, DERIVE_TABLES, STRIPES  # fmt: skip
from tests.derive import scenes
from tests.derive.tables import detected_nights
from tests.derive.test_beta import fpi, stripe_table

SCRIPTS = Path(__file__).parents[2] / "workflow" / "scripts"
SETTINGS = DeriveSettings().model_dump(mode="json")
ALTITUDE = np.arange(76.0, 300.0, 0.6)
NIGHTS = ["2021-05-10", "2021-05-11", "2021-05-12", "2021-05-13", "2021-06-03"]


class Named(list):
    """Inputs and outputs as a rule gives them: by name and by number."""

    def __init__(self, **entries) -> None:
        super().__init__(entries.values())
        self.__dict__.update(entries)


def execute(rule: str, folder: Path, inputs: dict, outputs: dict, **params) -> None:
    """Run one script with the object that Snakemake would give it."""
    snakemake = SimpleNamespace(
        rule=rule, input=Named(**inputs), output=Named(**outputs), params=SimpleNamespace(**params), threads=1,
        log=[str(folder / "logs" / f"{rule}.log")], config={"parallel": {"dask": "none"}},
    )  # fmt: skip
    runpy.run_path(str(SCRIPTS / f"{rule}.py"), init_globals={"snakemake": snakemake})
    for path in map(Path, snakemake.output):
        if path.name in DERIVE_TABLES:
            assert DERIVE_TABLES[path.name].breaches(io.read_csv(path)) == []


def index_of(folder: Path, stage: str, nights: list[str]) -> str:
    """Batch index of a stage; the files' hashes play no part here."""
    entries = [{"night": night, "path": f"../{night}.nc", "sha256": "-"} for night in nights]
    io.write_json(folder / stage / "batches" / "rest.json", {"nights": entries})
    return str(folder / stage / "batches" / "rest.json")


def outputs_of(folder: Path, **names: str) -> dict[str, str]:
    return {key: str(folder / "derive" / name) for key, name in names.items()}


def derive(folder: Path, nights: list[str], stripes: pd.DataFrame, wind: list[str]) -> dict[str, str]:
    """Run all scripts over a run's folder; the outputs by name."""
    lidar, detect = index_of(folder, "ingest/lidar", nights), index_of(folder, "detect", nights)
    winds = index_of(folder, "ingest/fpi", wind)
    detected = detected_nights(nights, above_150=[night > "2021-05-11" for night in nights])
    io.write_csv(folder / "detect" / "nights.csv", detected)
    io.write_csv(folder / "detect" / "stripes.csv", stripes)
    made = outputs_of(
        folder, columns="columns.csv", nightly_density="nightly_density.nc", nights="nights.csv",
        by_year="occurrence_by_year.csv", threshold="clear_threshold.csv", monthly="monthly.csv",
        density="monthly_density.nc", correlation="correlation.csv", beta="beta.csv", pair="stripe_pair.csv",
        steps="wind_steps.csv",
        profile="density_profile.csv", factors="density_factors.csv",
    )  # fmt: skip
    pick = lambda *names: {name: made[name] for name in names}  # noqa: E731
    run = {"run_dir": str(folder)}
    execute("columns", folder, {"lidar": [lidar], "detect": [detect]}, pick("columns", "nightly_density"),
            settings=SETTINGS["columns"], **run)  # fmt: skip
    execute("nights", folder, {"detected": folder / "detect" / "nights.csv", **pick("columns")},
            pick("nights", "by_year", "threshold"), settings=SETTINGS["occurrence"])  # fmt: skip
    execute("monthly", folder, pick("nights", "columns", "nightly_density"), pick("monthly", "density"),
            settings=SETTINGS["occurrence"], p_false=0.005)  # fmt: skip
    quick = {**SETTINGS["correlation"], "permutations": 99, "chance_curves": 1000}
    execute("correlation", folder, pick("nights", "monthly"), pick("correlation"), settings=quick)
    execute("beta", folder,
            {"stripes": folder / "detect" / "stripes.csv", "nights": folder / "detect" / "nights.csv",
             "detect": [detect], "wind": [winds]},
            pick("beta", "pair", "steps"), settings=SETTINGS["beta"], trail={},
            cases=[{"panel": "f", "night": "2021-05-10"}],
            **run)  # fmt: skip
    execute("density_profile", folder, {}, pick("profile", "factors"), settings=SETTINGS["atmosphere"],
            nights=["2021-05-10"], night="2021-05-10", site=[40.4, 116.0])  # fmt: skip
    return made


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("run")
    for seed, night in enumerate(NIGHTS):
        density = np.tile(scenes.gaussian_layer(ALTITUDE, peak=50.0 * (seed + 1)), (60, 1))
        lidar = scenes.counts_night(density, ALTITUDE, seed, night=night)
        scenes.written(folder, "ingest/lidar", lidar)
        scenes.written(folder, "detect", scenes.detected(lidar))
    wind = fpi(0.0, 60.0)
    wind.attrs.update(scenes.attributes("2021-05-10", "wind"))
    scenes.written(folder, "ingest/fpi", wind)
    stripes = stripe_table(
        id=[f"{NIGHTS[0]}-{number:03d}" for number in range(2)], slowness_s_per_km=np.array([-1.7, -1.5])
    )
    return derive(folder, NIGHTS, stripes, ["2021-05-10"])


def test_tables_keep_their_contracts(made) -> None:
    tables = {Path(path).name: path for path in made.values() if path.endswith(".csv")}
    assert set(tables) == {
        "columns.csv", "nights.csv", "occurrence_by_year.csv", "clear_threshold.csv", "monthly.csv",
        "correlation.csv", "beta.csv", "stripe_pair.csv", "wind_steps.csv", "density_profile.csv",
        "density_factors.csv",
    }  # fmt: skip
    for name, path in tables.items():
        assert len(DERIVE_TABLES[name].ordered(io.read_csv(path))) > 0, name
    check_dataset(io.read_netcdf(made["nightly_density"]), NIGHTLY_DENSITY, "nightly_density.nc")
    check_dataset(io.read_netcdf(made["density"]), MONTHLY_DENSITY, "monthly_density.nc")


def test_tables_hold_what_the_nights_held(made) -> None:
    columns = io.read_csv(made["columns"])
    assert columns["night"].tolist() == NIGHTS
    ratio = columns["column_density_cm2"] / columns["column_density_cm2"].iloc[0]
    assert ratio.tolist() == pytest.approx([1, 2, 3, 4, 5], rel=0.02)
    monthly = io.read_csv(made["monthly"]).set_index("month")
    assert monthly.loc[5, ["nights_observed", "nights_above_150"]].tolist() == [4, 2]
    assert monthly.loc[5, "column_density_cm2"] == pytest.approx(columns["column_density_cm2"][:4].mean())
    density = io.read_netcdf(made["density"])["ca_ion_number_density"]
    assert float(density.sel(month=6).max()) == pytest.approx(250.0, rel=0.05)
    assert density.attrs.get("units") == "cm-3"
    pair = io.read_csv(made["pair"]).set_index("name")
    assert pair.loc["profile_length", "value"] == 33.0
    assert pair.loc["slowness_difference", "value"] == pytest.approx(0.2)


def test_a_second_run_gives_the_same_bytes(made, tmp_path) -> None:
    folder = Path(made["columns"]).parents[1]
    before = {name: Path(path).read_bytes() for name, path in made.items()}
    again = derive(folder, NIGHTS, io.read_csv(folder / "detect" / "stripes.csv"), ["2021-05-10"])
    for name, path in again.items():
        assert Path(path).read_bytes() == before[name], name


def test_absent_instruments_leave_headers_and_no_error(tmp_path) -> None:
    made = derive(tmp_path, [], STRIPES.empty(), [])
    filled = {"density_profile.csv": DENSITY_PROFILE, "density_factors.csv": DENSITY_FACTORS}
    for path in (Path(path) for path in made.values() if path.endswith(".csv")):
        table = DERIVE_TABLES[path.name].ordered(io.read_csv(path))
        assert table.empty != (path.name in filled), path.name
    check_dataset(io.read_netcdf(made["density"]), MONTHLY_DENSITY, "monthly_density.nc")
    assert list(io.read_csv(made["columns"])) == list(COLUMNS)


def test_the_script_of_the_feet_writes_both_tables(tmp_path) -> None:
    lidar = scenes.counts_night(np.tile(scenes.gaussian_layer(ALTITUDE, peak=50.0), (60, 1)), ALTITUDE, 1)
    night = str(lidar.attrs["night"])
    scenes.written(tmp_path, "ingest/lidar", lidar)
    scenes.written(tmp_path, "detect", scenes.detected(lidar))
    io.write_csv(tmp_path / "detect" / "stripes.csv", stripe_table(id=[], slowness_s_per_km=np.empty(0)))
    made = outputs_of(tmp_path, feet="stripe_feet.csv", maxima="layer_maxima.csv")
    given = {
        "stripes": tmp_path / "detect" / "stripes.csv",
        "lidar": [index_of(tmp_path, "ingest/lidar", [night])], "detect": [index_of(tmp_path, "detect", [night])],
    }  # fmt: skip
    execute("stripe_feet", tmp_path, given, made, settings=SETTINGS["feet"])
    assert io.read_csv(made["feet"]).empty
    maxima = DERIVE_TABLES["layer_maxima.csv"].read(made["maxima"])
    assert (maxima.groupby("time_utc")["prominence_cm3"].max() > 20.0).all()
