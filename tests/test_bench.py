"""The bench on a run of two short nights, and its rules on numbers made by hand."""

from __future__ import annotations

import json

import numpy as np
import pytest

from metalclouds import bench, cli, io
from metalclouds.bench import detection, history, jobs, nights, processes
from metalclouds.bench.figures import Figure, from_rounds
from metalclouds.detect import batch
from metalclouds.detect.night import detect_night
from metalclouds.detect.settings import DetectSettings
from metalclouds.errors import ReadError
from tests.detect import scenes

NIGHTS = {
    "2021-01-10": scenes.Scene(seed=3, night="2021-01-10", end=14.0),
    "2021-01-11": scenes.Scene(
        seed=4, night="2021-01-11", end=14.0,
        stripes=tuple(scenes.Stripe(12.2 + 0.15 * n, 130.0, 230.0, 2.0, 40.0) for n in range(10)),
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A finished run, as far as the detection."""
    folder = tmp_path_factory.mktemp("run")
    paths = []
    for night, scene in NIGHTS.items():
        paths.append(folder / f"ingest/lidar/2021/{night}.nc")
        dataset = scenes.make_night(scene)
        attributes = io.provenance(title="a night", source="a scene", synthetic=True, inputs={})
        io.write_netcdf(paths[-1], dataset.assign_attrs(attributes))
    settings = DetectSettings()
    index = folder / "detect/batches/2021.json"
    batch.run_batch(paths, index, folder / "detect/2021", settings)
    batch.collect_tables([index], [], folder / "detect", {})
    return folder


def figure(key, value, low, high):
    return Figure(key, value, low, high, 5)


def test_a_figure_is_the_median_and_the_range_of_its_rounds():
    assert from_rounds("mask.all", [0.7, 0.5, 0.9]) == Figure("mask.all", 0.7, 0.5, 0.9, 3)


@pytest.mark.parametrize("rounds", [[], [1.0, np.nan]])
def test_no_figure_from_nothing(rounds):
    with pytest.raises(ValueError, match=r"mask\.all"):
        from_rounds("mask.all", rounds)


def test_a_limit_is_kept_from_the_right_side():
    assert figure("mask.all", 0.9, 0.8, 1.0).meets(1.0)
    assert not figure("mask.all", 1.1, 1.0, 1.2).meets(1.0)
    assert figure("workers.wall", 1.8, 1.7, 1.9).meets(1.7)
    assert not figure("workers.wall", 1.6, 1.5, 1.7).meets(1.7)
    assert figure("columns.all", 1.6, 1.5, 1.7).meets(None) is None


def test_a_ratio_weighs_the_kinds_of_nights_with_their_shares():
    # Quiet: 30 and 50 ms for 10 ms of reading; busy: 100 ms for 20 ms. 0.75 * 40 + 0.25 * 100 = 55 over 12.5.
    seconds = {
        "quiet": {"detect": np.array([[30.0], [50.0]]), "bare": np.array([[10.0], [10.0]])},
        "busy": {"detect": np.array([[100.0]]), "bare": np.array([[20.0]])},
    }
    assert detection.ratio("detect", seconds, {"quiet": 0.75, "busy": 0.25}) == pytest.approx([4.4])


@pytest.mark.parametrize(
    ("now", "worse"),
    [
        (figure("mask.all", 1.30, 1.25, 1.35), [True]),
        (figure("mask.all", 0.60, 0.55, 0.65), [False]),
        (figure("mask.all", 1.30, 1.05, 1.35), []),  # the ranges meet
        (figure("mask.all", 1.15, 1.12, 1.18), []),  # less than 20 %
        (figure("columns.all", 9.0, 8.9, 9.1), []),  # nothing to compare with
    ],
)
def test_what_counts_as_a_change(now, worse):
    before = {"mask.all": figure("mask.all", 1.0, 0.9, 1.1)}
    assert [change.worse for change in history.changes(before, [now], 0.2, True)] == worse


def test_less_speed_up_is_worse_and_seconds_of_another_machine_do_not_count():
    before = {"workers.wall": figure("workers.wall", 1.9, 1.8, 2.0), "compilation": figure("compilation", 5, 4, 6)}
    now = [figure("workers.wall", 1.2, 1.1, 1.3), figure("compilation", 20, 19, 21)]
    assert [change.key for change in history.changes(before, now, 0.2, False)] == ["workers.wall"]
    assert [change.key for change in history.changes(before, now, 0.2, True)] == ["compilation", "workers.wall"]


def test_nights_are_chosen_evenly_by_their_stripes(run):
    sample = nights.choose(run, 5)
    assert {kind: [path.stem for path in paths] for kind, paths in sample.paths.items()} == {
        "quiet": ["2021-01-10"], "busy": ["2021-01-11"],
    }  # fmt: skip
    assert sample.shares == {"quiet": 0.5, "busy": 0.5}
    assert nights.evenly(list("abcde"), 3) == ["a", "c", "e"]


def test_mask_and_decision_are_those_of_the_detection(run):
    dataset = io.read_netcdf(run / "ingest/lidar/2021/2021-01-10.nc")
    above, clear = detection.mask_and_decide(dataset, DetectSettings())
    row = detect_night(dataset, DetectSettings()).night.iloc[0]
    assert (above.score, above.p_false) == pytest.approx((row["score_150"], row["p_false"]))
    assert clear.score == pytest.approx(row["score_200_300"])


def test_a_night_as_density_keeps_its_density(run, tmp_path):
    path = detection.as_density(run / "ingest/lidar/2021/2021-01-11.nc", tmp_path)
    found = io.read_netcdf(path)
    expected, _ = io.number_density(io.read_netcdf(run / "ingest/lidar/2021/2021-01-11.nc"))
    np.testing.assert_array_equal(found["ca_ion_number_density"].values, expected.values)
    assert "photon_counts" not in found


@pytest.mark.slow
def test_the_command_measures_compares_and_keeps_a_history(run, tmp_path, capsys):
    # Detection cannot take a thousandth of the time of reading, nor a kilobyte: every figure became worse than these.
    keys = ("mask.all", "detect.quiet", "memory.night")
    entries = [{"key": key, "value": 1e-3, "low": 1e-3, "high": 1e-3, "rounds": 5} for key in keys]
    reference = tmp_path / "committed.json"
    reference.write_text(json.dumps({"machine": {"processor": "another"}, "figures": entries}))
    arguments = ["bench", "--run", str(run), "--out", str(tmp_path / "out"), "--reference", str(reference)]
    arguments += ["--nights", "1", "--rounds", "1", "--only", "memory"]
    assert cli.main([*arguments, "--only", "detection", "--only", "density"]) == 0
    assert "REGRESSION: detect.quiet" in capsys.readouterr().out
    written = json.loads((tmp_path / "out/figures.json").read_text())
    found = {entry["key"] for entry in written["figures"]}
    assert found >= {"detect.quiet", "detect.busy", "detect.mixture", "density.detect.busy", "memory.night"}
    assert {change["key"] for change in written["moved"]} == set(keys)
    assert str(run) not in json.dumps(written)
    assert (tmp_path / "out/page.png").read_bytes().startswith(b"\x89PNG")
    assert cli.main([*arguments, "--strict"]) == 1
    assert len(history.read(tmp_path / "out/history.jsonl")) == 2


def test_no_run_is_an_error_that_says_what_to_do(tmp_path, capsys):
    assert cli.main(["bench", "--run", str(tmp_path)]) == 2
    assert "make run" in capsys.readouterr().err
    (tmp_path / "x.json").write_text("{}")
    with pytest.raises(ReadError, match="not a file of measured figures"):
        history.read_figures(tmp_path / "x.json")


def test_an_unknown_part_is_named(run, tmp_path, capsys):
    assert cli.main(["bench", "--run", str(run), "--out", str(tmp_path), "--only", "detektion"]) == 2
    assert "detektion" in capsys.readouterr().err


def test_stages_of_a_run_come_from_its_benchmark_files(tmp_path):
    for name, rows in {"detect/cases": ["2.0\t300"], "detect/2021": ["9\t900", "4.0\t200"], "beta": ["2.0\t-"],
                       "figures/figure1": ["8.0\t400"]}.items():  # fmt: skip
        path = tmp_path / f"benchmarks/{name}.tsv"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n".join(["cpu_time\tmax_rss", *rows]) + "\n")
    found = {entry["stage"]: entry for entry in jobs.stages(tmp_path)}
    assert {stage: (entry["jobs"], entry["processor_s"], entry["memory_mb"]) for stage, entry in found.items()} == {
        "detect": (2, 6.0, 300.0), "derive": (1, 2.0, 0.0), "figures": (1, 8.0, 400.0),
    }  # fmt: skip
    assert found["figures"]["share"] == 0.5


def test_processor_time_of_a_child_counts_its_work():
    # The child itself spins for 0.3 s of its processor time; starting Python comes on top.
    spin = "import time\nwhile time.process_time() < 0.3: pass"
    assert processes.child_seconds(processes.python(spin)) >= 0.3


def test_starts_are_over_that_of_python():
    found = {figure.key: figure.value for figure in processes.starts(1)}
    assert set(found) == {"start.package", "start.command", "start.detection", "start.command_s"}
    # The detection imports numpy, xarray and numba; the package itself imports nothing.
    assert found["start.detection"] > 2 * found["start.package"]


def test_without_a_workflow_there_is_no_graph_to_build(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert processes.dag(1) == []


def test_the_command_is_registered():
    assert bench.add_command.__module__ == "metalclouds.bench.command"
