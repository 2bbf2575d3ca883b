"""Two copies of a small invented run; one thing is changed, and compare must say so."""

import html
import json
import shutil
from pathlib import Path

import netCDF4
import numpy as np
import pandas as pd
import pytest
import xarray as xr
from PIL import Image

from metalclouds import io
from metalclouds.cli import main
from metalclouds.compare.folders import compare_folders
from metalclouds.compare.model import fits, load_tolerances
from metalclouds.errors import ConfigError
from tests.claims import campaign

TOLERANCES = load_tolerances()
PROVENANCE = io.provenance(title="invented", source="invented", synthetic=True, inputs={})


@pytest.fixture(scope="module")
def original(tmp_path_factory):
    folder = campaign.write_run(tmp_path_factory.mktemp("compare") / "a", "twin")
    values = np.linspace(1.0, 2.0, 12).reshape(3, 4)
    mask = np.zeros((3, 4), dtype=np.uint8)
    dataset = xr.Dataset({"significance": (("time", "altitude"), values), "mic_mask": (("time", "altitude"), mask)},
                         attrs=PROVENANCE)  # fmt: skip
    io.write_netcdf(folder / "detect/cases/2021-01-08.nc", dataset)
    io.write_netcdf(folder / "derive/monthly_density.nc", dataset.rename(significance="column"))
    io.write_json(folder / "claims/verdicts.json", [
        {"id": "N1", "verdict": "recovered", "value": 257.0, "reason": "nights: 257."},
        {"id": "N2", "verdict": "recovered", "value": 37.0, "reason": "nights: 37."},
    ])  # fmt: skip
    (folder / "figures").mkdir()
    Image.new("RGB", (60, 40), "white").save(folder / "figures/figure1.png")
    io.write_json(folder / "run.json", {"times": 1})
    return folder


@pytest.fixture
def pair(original, tmp_path):
    return original, Path(shutil.copytree(original, tmp_path / "b"))


def compared(pair, **options):
    return compare_folders(*pair, TOLERANCES, **options)


def rewrite_netcdf(path, change):
    dataset = io.read_netcdf(path)
    change(dataset)
    for name in dataset.variables:
        dataset[name].attrs = {}
    io.write_netcdf(path, dataset)


def rewrite_csv(path, change):
    table = io.read_csv(path)
    result = change(table)
    io.write_csv(path, table if result is None else result)


def test_copies_are_the_same(pair):
    result = compared(pair)
    assert result.exit_code == 0
    files = [path for path in pair[0].rglob("*") if path.is_file() and path.name != "run.json"]
    assert result.compared == result.identical == len(files) > 30
    assert not result.differences
    assert list(result.excused) == ["run.json"]


def test_one_ulp_is_listed_as_tolerated(pair):
    def change(dataset):
        values = dataset["column"].values
        values[1, 2] = np.nextafter(values[1, 2], 9.0)

    rewrite_netcdf(pair[1] / "derive/monthly_density.nc", change)
    result = compared(pair)
    assert result.exit_code == 0
    (found,) = result.tolerated
    assert (found.file, found.where) == ("derive/monthly_density.nc", "column[1, 2]")
    assert found.what == "1 of 12 values differ"
    assert float(found.b) - float(found.a) == np.spacing(float(found.a))
    assert found.why


def test_a_change_beyond_the_tolerance_moves(pair):
    rewrite_netcdf(pair[1] / "derive/monthly_density.nc", lambda one: one["column"].values.__setitem__((0, 0), 1.001))
    result = compared(pair)
    assert result.exit_code == 1
    assert [one.where for one in result.moved] == ["column[0, 0]"]


def test_a_number_turned_to_nan_moves(pair):
    rewrite_netcdf(
        pair[1] / "detect/cases/2021-01-08.nc", lambda one: one["significance"].values.__setitem__((2, 1), np.nan)
    )
    (found,) = compared(pair).moved
    assert found.b == "nan"


def test_one_mask_cell_of_a_small_night_moves(pair):
    rewrite_netcdf(pair[1] / "detect/cases/2021-01-08.nc", lambda one: one["mic_mask"].values.__setitem__((0, 0), 2))
    assert [one.where for one in compared(pair).moved] == ["mic_mask[0, 0]"]


def test_one_lost_stripe_is_caught_and_renames_nothing(pair):
    def change(table):
        kept = table.drop(index=3).reset_index(drop=True)
        return kept.assign(id=kept.groupby("night").cumcount())

    rewrite_csv(pair[1] / "detect/stripes.csv", change)
    profiles = io.read_csv(pair[1] / "detect/stripe_profiles.csv")
    first = profiles["night"] == profiles["night"].iloc[0]
    profiles = profiles[~(first & (profiles["id"] == 3))]
    profiles["id"] = np.where(first[profiles.index] & (profiles["id"] > 3), profiles["id"] - 1, profiles["id"])
    io.write_csv(pair[1] / "detect/stripe_profiles.csv", profiles)
    result = compared(pair)
    assert result.exit_code == 1
    stripes = [one for one in result.moved if one.file == "detect/stripes.csv"]
    assert [(one.where, one.what) for one in stripes] == [("2021-01-08 3", "row in the first run only")]
    assert {one.what for one in result.moved if one.file != "detect/stripes.csv"} == {"row in the first run only"}


def test_one_shifted_slowness_is_named(pair):
    rewrite_csv(pair[1] / "detect/stripes.csv", lambda one: one.__setitem__(
        "slowness_s_per_km", one["slowness_s_per_km"].where(one.index != 7, 9.0)))  # fmt: skip
    changed = io.read_csv(pair[0] / "detect/stripes.csv").loc[7]
    (found,) = compared(pair).moved
    assert found.where == f"slowness_s_per_km of {changed['night']} {changed['id']}"
    assert found.b == "9.0"


def test_one_changed_verdict_moves(pair):
    verdicts = io.read_json(pair[1] / "claims/verdicts.json")
    verdicts[1]["verdict"] = "not_recovered"
    verdicts[1]["reason"] = "nights: 31."
    io.write_json(pair[1] / "claims/verdicts.json", verdicts)
    result = compared(pair)
    assert result.exit_code == 1
    assert [(one.where, one.what, one.a, one.b) for one in result.moved] == [
        ("N2.verdict", "verdict changed", "recovered", "not_recovered")
    ]
    assert [one.where for one in result.tolerated] == ["N2.reason"]


def test_rows_are_matched_by_their_key_not_their_place(pair):
    rewrite_csv(pair[1] / "derive/columns.csv", lambda one: one.iloc[::-1])
    assert compared(pair).exit_code == 0


def test_time_and_text_columns_are_exact(pair):
    rewrite_csv(pair[1] / "detect/events.csv", lambda one: one.__setitem__(
        "start_utc", one["start_utc"] + pd.Timedelta(seconds=1)))  # fmt: skip
    result = compared(pair)
    assert len(result.moved) == len(pd.read_csv(pair[1] / "detect/events.csv"))
    assert result.moved[0].where.startswith("start_utc of 2021")


@pytest.mark.parametrize(("pixels", "code"), [(4, 0), (400, 1)])
def test_pictures_by_the_share_of_their_pixels(pair, pixels, code):
    picture = Image.open(pair[1] / "figures/figure1.png")
    for i in range(pixels):
        picture.putpixel((i % 60, i // 60), (0, 0, 0))
    picture.save(pair[1] / "figures/figure1.png")
    result = compared(pair)
    assert result.exit_code == code
    assert len(result.differences) == 1


def test_a_missing_file_cannot_be_compared(pair):
    (pair[1] / "derive/beta.csv").unlink()
    result = compared(pair)
    assert result.exit_code == 2
    assert [(one.file, one.what) for one in result.not_compared] == [("derive/beta.csv", "missing in the second run")]


def test_a_broken_file_cannot_be_compared(pair):
    (pair[1] / "claims/verdicts.json").write_text("{", encoding="utf-8")
    assert [one.file for one in compared(pair).not_compared] == ["claims/verdicts.json"]


def test_what_may_differ_is_not_compared_but_listed(pair):
    io.write_json(pair[1] / "run.json", {"times": 2})
    (pair[1] / "logs").mkdir()
    (pair[1] / "logs/claims.log").write_text("x", encoding="utf-8")
    result = compared(pair)
    assert result.exit_code == 0
    assert set(result.excused) == {"run.json", "logs/claims.log"}
    assert all(result.excused.values())


def test_a_reference_may_hold_a_part_of_a_run(pair, tmp_path):
    reference = tmp_path / "reference"
    (reference / "derive").mkdir(parents=True)
    shutil.copy(pair[0] / "derive/nights.csv", reference / "derive")
    (reference / "reference.txt").write_text("derive/nights.csv  # the counts\n", encoding="utf-8")
    assert compare_folders(reference, pair[1], TOLERANCES).exit_code == 0
    assert compare_folders(reference, pair[1], TOLERANCES, ["derive/*.csv"]).exit_code == 2
    (pair[1] / "derive/nights.csv").unlink()
    assert compare_folders(reference, pair[1], TOLERANCES).exit_code == 2


def reference_of(folder, tmp_path, *lines):
    reference = tmp_path / "reference"
    (reference / "derive").mkdir(parents=True)
    shutil.copy(folder / "derive/nights.csv", reference / "derive")
    (reference / "reference.txt").write_text("\n".join(lines), encoding="utf-8")
    return reference


@pytest.mark.parametrize("turned", [False, True])
def test_a_part_is_compared_whichever_folder_comes_first(pair, tmp_path, turned):
    folders = [pair[1], reference_of(pair[0], tmp_path, "# why", "derive/nights.csv")]
    result = compare_folders(*folders[:: -1 if turned else 1], TOLERANCES)
    assert (result.exit_code, result.compared) == (0, 1)
    assert "derive/beta.csv" in result.left_out
    rewrite_csv(pair[1] / "derive/nights.csv", lambda one: one.__setitem__("hours", one["hours"] * 2.0))
    assert compare_folders(*folders, TOLERANCES).exit_code == 1


def test_a_file_or_line_of_a_reference_that_is_never_compared_is_named(pair, tmp_path):
    reference = reference_of(pair[0], tmp_path, "derive/nights.csv", "claims/verdict.json")
    shutil.copy(pair[0] / "derive/beta.csv", reference / "derive")
    result = compare_folders(reference, pair[1], TOLERANCES)
    assert result.exit_code == 2
    assert {(one.file, one.where) for one in result.not_compared} == {
        ("derive/beta.csv", ""), ("reference.txt", "claims/verdict.json")}  # fmt: skip


def test_nothing_in_common_is_no_agreement(tmp_path):
    for name in "ab":
        (tmp_path / name).mkdir()
    assert compare_folders(tmp_path / "a", tmp_path / "b", TOLERANCES).exit_code == 2


def test_command_writes_json_and_page(pair, tmp_path, capsys):
    rewrite_csv(pair[1] / "derive/nights.csv", lambda one: one.__setitem__("hours", one["hours"] * 2.0))
    out, page = tmp_path / "d.json", tmp_path / "d.html"
    assert main(["compare", str(pair[0]), str(pair[1]), "--json", str(out), "--html", str(page)]) == 1
    printed = capsys.readouterr().out
    assert "changed: derive/nights.csv hours of 2020-" in printed
    content = json.loads(out.read_text())
    assert (content["exit_code"], len(content["moved"])) == (1, 1)
    shown = page.read_text(encoding="utf-8")
    assert "Two runs compared: changed" in shown
    moved = shown.split("Changed by more than the tolerance (1)")[1].split("Different within the tolerance (0)")[0]
    assert "hours of 2020-" in moved
    assert "<code>run.json</code>" in shown.split("Not compared, since they may differ (1)")[1]


def test_command_says_which_claims_moved_and_which_verdicts_turned(tmp_path, capsys):
    for name, value, verdict in (("reference", 257.0, "recovered"), ("run", 250.0, "not_recovered")):
        table = pd.DataFrame({"id": ["N1", "N2"], "verdict": [verdict, "recovered"], "value": [value, value / 7.0]})
        io.write_csv(tmp_path / name / "claims/verdicts.csv", table)
    (tmp_path / "reference/reference.txt").write_text("claims/*.csv\n")
    assert main(["compare", str(tmp_path / "reference"), str(tmp_path / "run")]) == 1
    printed = capsys.readouterr().out
    assert "verdict of N1: text differs: recovered -> not_recovered" in printed
    assert "claims that changed: N1, N2; verdicts that changed: N1\n" in printed
    assert "write the reference anew" in printed


def test_a_verdict_that_turned_is_said_where_the_tables_have_other_columns(tmp_path, capsys):
    for name, verdict, more in (("reference", "recovered", {}), ("run", "not_testable", {"rule": ["", ""]})):
        entries = {"id": ["T4", "T5"], "verdict": [verdict, "recovered"]}
        io.write_csv(tmp_path / name / "claims/verdicts.csv", pd.DataFrame(entries | more))
        rows = [{"id": one, "verdict": said} for one, said in zip(*entries.values(), strict=True)]
        io.write_json(tmp_path / name / "claims/verdicts.json", rows + [{"id": "S14", "verdict": "met"}] * bool(more))
    (tmp_path / "reference/reference.txt").write_text("claims/*\n")
    assert main(["compare", str(tmp_path / "reference"), str(tmp_path / "run")]) == 1
    assert "claims that changed: S14, T4; verdicts that changed: S14, T4\n" in capsys.readouterr().out


def test_settings_that_differ_are_named(tmp_path, capsys):
    """Of a run they stand in run.json, of a reference in settings.json; the name of a run is no such setting."""
    for name, minutes, run in (("reference", 30, "twin"), ("run", 50, "small")):
        io.write_csv(
            tmp_path / name / "derive/es_response.csv", pd.DataFrame({"event": ["a"], "value": [minutes / 1.0]})
        )
        settings = {"run": run, "derive": {"es": {"before_minutes": minutes, "quantile": 0.5}}}
        file = "settings.json" if name == "reference" else "run.json"
        io.write_json(tmp_path / name / file, settings if name == "reference" else {"configuration": settings})
    (tmp_path / "reference/reference.txt").write_text("derive/*.csv\n")
    page = tmp_path / "d.html"
    assert main(["compare", str(tmp_path / "reference"), str(tmp_path / "run"), "--html", str(page)]) == 1
    said = "settings that are not those of the first run: derive.es.before_minutes: 30 -> 50"
    assert f"{said}\n" in capsys.readouterr().out
    assert html.escape(said) in page.read_text(encoding="utf-8")


def test_claims_that_were_not_compared_are_not_called_unchanged(pair, capsys):
    for folder in pair:
        io.write_csv(folder / "claims/verdicts.csv", pd.DataFrame({"id": ["N1"], "verdict": ["recovered"]}))
        io.write_json(folder / "claims/verdicts.json", [{"id": "N1", "verdict": "recovered"}])
    rewrite_csv(pair[1] / "derive/nights.csv", lambda one: one.__setitem__("hours", one["hours"] * 2.0))
    assert main(["compare", str(pair[0]), str(pair[1]), "--only", "derive/*.csv"]) == 1
    printed = capsys.readouterr().out
    assert "claims and verdicts: not compared\n" in printed
    assert "claims that changed" not in printed


def test_command_without_a_folder_fails_with_2(pair, tmp_path, capsys):
    assert main(["compare", str(pair[0]), str(tmp_path / "none")]) == 2
    assert "no such result folder" in capsys.readouterr().err


def test_wrong_tolerances_are_named(tmp_path):
    path = tmp_path / "t.yaml"
    path.write_text("numbers: [{pattern: a, relative: -1, why: x}]\n", encoding="utf-8")
    with pytest.raises(ConfigError) as error:
        load_tolerances(path)
    assert "numbers.0.relative" in str(error.value)
    assert "pictures" in str(error.value)


@pytest.mark.parametrize(
    ("name", "pattern", "result"),
    [
        ("a/b/c.ipynb", "**/*.ipynb", True),
        ("c.ipynb", "**/*.ipynb", True),
        ("logs/x/y.log", "logs/**", True),
        ("figures/a/b.html", "figures/*.html", False),
        ("xfigures/b.html", "figures/*.html", False),
    ],
)
def test_patterns(name, pattern, result):
    assert fits(name, pattern) is result


def test_a_fill_value_that_is_no_number_is_the_same_in_both(pair):
    """Single-precision NaN as an attribute, in files whose bytes differ for another reason."""
    for folder, history in zip(pair, ("one", "two"), strict=True):
        with netCDF4.Dataset(folder / "derive/fill.nc", "w") as file:
            file.history = history
            file.createDimension("x", 1)
            file.createVariable("v", "f4", ("x",), fill_value=np.float32("nan"))[:] = 1.0
    assert [one.where for one in compared(pair).differences if one.file == "derive/fill.nc"] == ["attribute history"]
    for folder in pair:
        (folder / "derive/fill.nc").unlink()
