"""The page of somebody's own nights: theirs, and nothing of the paper's."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pandas as pd
import pytest

from metalclouds import io
from metalclouds.report import own
from metalclouds.report.page import build
from tests.figures import fake_run

PAPERS = re.compile(
    r"Yanqing|Changping|Xinglong|Beijing|Ca\s?\+|Ca⁺|\b202[0-2]-|Chen et al|40\.[234]°|11[67]\.\d°|the paper says"
)
NIGHTS = [case["night"] for case in fake_run.CASES[:2]]


@pytest.fixture(scope="module")
def folder(runs, tmp_path_factory):
    """A run on a local folder: sodium in Colorado on nights of its own."""
    made = Path(shutil.copytree(runs["paper"], tmp_path_factory.mktemp("own") / "local-mine"))
    for stage in ("figures", "detect", "derive", "ingest", "report"):
        shutil.rmtree(made / stage, ignore_errors=True)
    run = fake_run.move(fake_run.build(made, step_s=600.0, step_km=4.8), "Na", 40.6, -105.1)
    manifest = {"source": "local", "synthetic": False, "title": "Na lidar of Fort Collins", "record": {}}
    manifest |= {"files": [], "unavailable": [], "damaged": []}
    io.write_json(run / "raw/manifest.json", manifest)
    for path in (run / "raw/inventory").glob("*.json"):
        io.write_json(path, io.read_json(path) | {"synthetic": False, "source": "files of my own"})
    verdicts = [one | {"verdict": "not_testable", "status": "other_data"} for one in
                io.read_json(run / "claims/verdicts.json")]  # fmt: skip
    io.write_json(run / "claims/verdicts.json", verdicts)
    io.write_json(run / "run.json", {"configuration": {"cases": fake_run.CASES}})
    _nights().to_csv(run / "detect/nights.csv", index=False)
    build(run, {}, run / "report")
    return run


def _nights() -> pd.DataFrame:
    """Two nights: one with stripes, one without a usable profile."""
    rows = [
        {"night": NIGHTS[0], "observed": True, "hours": 6.5, "profiles": 600, "profiles_bad": 10, "stripes": 7},
        {"night": NIGHTS[1], "observed": False, "hours": 0.0, "profiles": 40, "profiles_bad": 40, "stripes": 0},
    ]
    table = own.DETECT_NIGHTS.empty()
    return pd.DataFrame([{name: row.get(name) for name in table.columns} for row in rows])


def _words(path: Path) -> str:
    html = re.sub(r"<(script|style|pre)\b.*?</\1>", " ", path.read_text(encoding="utf-8"), flags=re.S)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def test_the_front_page_is_of_the_nights_at_hand(folder):
    words = _words(folder / "report/index.html")
    assert "Na lidar of Fort Collins" in words
    assert "Na lidar, 40.6°N, 105.1°W" in words
    assert all(night in words for night in NIGHTS)
    assert "none of its 40 profiles can be used" in words
    assert "claims" not in words.lower()


@pytest.mark.parametrize("page", ["index", *(f"figure{number}" for number in range(1, 7))])
def test_no_page_names_what_is_the_papers(folder, page):
    assert PAPERS.findall(_words(folder / f"report/{page}.html")) == []


ROW = {"profiles": 600, "profiles_bad": 20, "score_150": 3.1, "noise_floor_cm3": 0.4, "observed": True}


@pytest.mark.parametrize(
    ("change", "clouds", "wanted"),
    [
        ({"profiles_bad": 600}, 0, "none of its 600 profiles"),
        ({}, 3, "3 structures were taken for clouds"),
        ({}, 1, "one structure was taken for clouds"),
        ({}, 0, "nothing stands out of the noise (largest sum 3.1 standard deviations; noise of a cell 0.4 cm-3)"),
        ({"observed": False}, 0, "too few usable hours"),
        ({"score_150": float("nan")}, 0, "no cell above the boundary was observed"),
    ],
)
def test_no_stripes_come_with_their_reason(change, clouds, wanted):
    assert wanted in own.why_none(pd.Series(ROW | change), clouds)
