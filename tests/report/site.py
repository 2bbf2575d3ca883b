"""An invented run with its pages."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

from metalclouds import io
from metalclouds.claims.run import run
from metalclouds.claims.settings import ClaimsSettings
from metalclouds.report import own
from metalclouds.report.page import build
from metalclouds.schema.documents import FigureRecord
from tests.claims import campaign
from tests.figures import fake_run

CLAIMS = Path(__file__).parents[2] / "config" / "claims.yaml"
PAGES = ("index", *(f"figure{number}" for number in range(1, 7)))
# A picture of one pixel.
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360606060000000050001"
    "a5f645400000000049454e44ae426082"
)


def _maps():
    """Two small maps with a gap."""
    values = np.arange(24, dtype=np.float32).reshape(2, 3, 4)
    values[0, 1, 2] = np.nan
    times = pd.to_datetime(["2021-06-18 12:18", "2021-06-18 13:06"])
    return xr.Dataset(
        {"vertical_tec": (("panel", "latitude", "longitude"), values), "time": ("panel", times)},
        coords={"panel": ["a", "b"], "latitude": [20.0, 30.0, 40.0], "longitude": [90.0, 100.0, 110.0, 120.0]},
    )


def _sensitivity(ids):
    """Two settings: the first moves N2, S4 and S5, the second nothing; the other claims stay."""
    changed = {
        "N2": [{"setting": "detect.p_false", "value": 0.001, "verdict": "not_testable"}],
        "S4": [{"setting": "detect.p_false", "value": 0.001, "verdict": "not_recovered"},
               {"setting": "detect.p_false", "value": 0.02, "verdict": "not_testable"}],
    }  # fmt: skip
    survival = {"N2": "weakens", "S4": "turns", "F2a": "untried"}
    return {
        "settings": [
            {"setting": "detect.p_false", "words": "false alarms", "unit": "", "base": 0.005, "values": [0.001, 0.02],
             "claims": ["N2", "S4", "S5b"]},
            {"setting": "claims.seed", "words": "seed", "unit": "", "base": 1, "values": [2], "claims": []},
        ],
        "claims": [
            {"id": one, "verdict": "recovered", "survival": survival.get(one, "survives"), "tried": 2, "kept": 1,
             "settings": 1, "sentence": f"A sentence on {one}.", "changed_by": changed.get(one, [])}
            for one in ids
        ],
        "rows": [],
    }  # fmt: skip


def make(folder, source, absent=()):
    """Write an invented run, judge it, and build its pages."""
    campaign.write_run(folder, source, absent)
    run(campaign.files(folder), campaign.CASE_LIST, ClaimsSettings(), folder / "claims")
    record = {"doi": "10.5281/zenodo.15713532"} if source == "zenodo" else {}
    manifest = io.read_json(folder / "raw/manifest.json")
    io.write_json(folder / "raw/manifest.json", manifest | {"record": record})
    (folder / "figures").mkdir()
    for number in range(1, 7):
        (folder / f"figures/figure{number}.png").write_bytes(PNG)
        (folder / f"figures/figure{number}.pdf").write_bytes(b"%PDF")
    (folder / "figures/figure1.caption.txt").write_text("A caption <with> brackets & numbers.\n", encoding="utf-8")
    FigureRecord("figure1", "", "figure1.csv", {"ingest/lidar/cases/2021-01-08.nc": "ab" * 32}, "0", "", False).write(
        folder / "figures/figure1.json"
    )
    (folder / "figures/figure4.csv").write_text("month,occurrence\n1,0.5\n2,\n3,0.25\n", encoding="utf-8")
    (folder / "figures/figure5.csv").write_text(
        "panel,series,x,y,y_error\nc,density,70,1e-4,\nc,density,300,1e-11,\n"
        "d,wind (m s-1),14,50,8\nd,wind (m s-1),15,60,9\n",
        encoding="utf-8",
    )
    if source == "twin":
        # 40 nights in place of 37; the marked stripes as they are; the first stripe two minutes earlier.
        known = {"N2": {"nights with Ca+ above 150 km": 40.0}, "S4": {"first marked stripe": 5.82},
                 "L3b": {"1b first stripe to the layer": 13.0 + 58 / 60}}  # fmt: skip
        io.write_json(folder / "evaluate.json", {"statements": known})
        ids = [one["id"] for one in io.read_json(folder / "claims/verdicts.json")]
        io.write_json(folder / "claims/sensitivity.json", _sensitivity(ids))
    _maps().to_netcdf(folder / "figures/figure2.nc")
    io.write_json(folder / "run.json", {"configuration": {"figures": {"night_middle_km": 0.48}, "ingest": {}}})
    build(folder, {}, folder / "report")
    return folder


OWN_NIGHTS = [case["night"] for case in fake_run.CASES[:2]]


def make_own(paper, folder, with_lidar=True):
    """A run on a local folder, from the run `paper`: sodium in Colorado on nights of its own, or no lidar at all."""
    made = Path(shutil.copytree(paper, folder))
    for stage in ("figures", "detect", "derive", "ingest", "report"):
        shutil.rmtree(made / stage, ignore_errors=True)
    run_dir = fake_run.move(fake_run.build(made, step_s=600.0, step_km=4.8), "Na", 40.6, -105.1)
    manifest = {"source": "local", "synthetic": False, "title": "Na lidar of Fort Collins", "record": {}}
    io.write_json(run_dir / "raw/manifest.json", manifest | {"files": [], "unavailable": [], "damaged": []})
    for path in (run_dir / "raw/inventory").glob("*.json"):
        content = io.read_json(path) | {"synthetic": False, "source": "files of my own"}
        if path.stem == "lidar" and not with_lidar:
            content |= {"status": "absent", "batches": {}, "why": "the source has no lidar data"}
        io.write_json(path, content)
    verdicts = [one | {"verdict": "not_testable", "status": "other_data"} for one in
                io.read_json(run_dir / "claims/verdicts.json")]  # fmt: skip
    io.write_json(run_dir / "claims/verdicts.json", verdicts)
    io.write_json(run_dir / "run.json", {"configuration": {"cases": fake_run.CASES}})
    if with_lidar:
        _own_nights().to_csv(run_dir / "detect/nights.csv", index=False)
    else:
        shutil.rmtree(run_dir / "detect")
    build(run_dir, {}, run_dir / "report")
    return run_dir


def _own_nights():
    """Two nights: one with stripes, one without a usable profile."""
    rows = [
        {"night": OWN_NIGHTS[0], "observed": True, "hours": 6.5, "profiles": 600, "profiles_bad": 10, "stripes": 7},
        {"night": OWN_NIGHTS[1], "observed": False, "hours": 0.0, "profiles": 40, "profiles_bad": 40, "stripes": 0},
    ]
    table = own.DETECT_NIGHTS.empty()
    return pd.DataFrame([{name: row.get(name) for name in table.columns} for row in rows])
