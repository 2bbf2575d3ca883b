"""Notebooks are thin, complete and without results; a run leaves everything, a failure leaves the notebook."""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
import tempfile
from pathlib import Path

import fake_run
import nbformat
import pytest
from conftest import NAMES, SETTINGS

from metalclouds import io
from metalclouds.errors import MetalcloudsError, ReadError
from metalclouds.figures import figure4, opened, render

ROOT = Path(__file__).parents[2]
SOURCES = sorted((ROOT / "src/metalclouds/figures").glob("*.py"))
NOTEBOOKS = [ROOT / f"notebooks/{name}.ipynb" for name in NAMES]
CLOCK_TIME = re.compile(r"\b([01]?\d|2[0-3]):[0-5]\d\b")
CASE_DATE = re.compile(r"\b202[0-2]-\d\d-\d\d\b")
# Values that the paper states and the pipeline must find: numbers of nights, zenith angles, latitudes.
PAPER_VALUES = ("257", "37 nights", "5.82", "5.32", "0.21", "49.07", "42°N", "25°N", "June", "August")


@pytest.mark.parametrize("path", SOURCES + NOTEBOOKS, ids=lambda path: path.name)
def test_no_clock_time_date_or_value_of_the_paper_stands_in_a_figure(path):
    text = path.read_text(encoding="utf-8")
    assert CLOCK_TIME.findall(text) == []
    assert CASE_DATE.findall(text) == []
    assert [value for value in PAPER_VALUES if re.search(rf"(?<![\d.#]){re.escape(value)}(?![\d.])", text)] == []


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_notebooks_are_thin_and_complete(path):
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    assert notebook.metadata.kernelspec.name == "python3"
    assert notebook.metadata.language_info.name == "python"
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert all(not cell.outputs and cell.execution_count is None for cell in cells)
    assert [cell.metadata.get("tags") for cell in cells].count(["parameters"]) == 1
    assert sum(len(cell.source.splitlines()) for cell in cells) <= 30
    words = " ".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown").split()
    assert len(words) > 120


def _run(notebook: Path, run_dir: Path, name: str, out: Path) -> Path:
    failed = out / "logs" / f"{name}.failed.ipynb"
    parameters = {"run_dir": str(run_dir), "cases": fake_run.CASES, "settings": {"dpi": 72}}
    render.execute(notebook, parameters, out / "figures", name, failed)
    return failed


@pytest.fixture(scope="module")
def home(tmp_path_factory) -> Path:
    """A checkout with a run, and an empty folder of notebooks in it."""
    folder = tmp_path_factory.mktemp("home")
    fake_run.build(folder / "results/twin", step_s=600.0, step_km=4.8)
    io.write_json(folder / "results/twin/run.json", {"configuration": {"cases": fake_run.CASES}})
    (folder / "notebooks").mkdir()
    return folder


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_a_notebook_that_a_person_opens_draws_the_run_and_leaves_nothing(path, home, tmp_path, monkeypatch):
    monkeypatch.setattr(opened, "CHECKOUT", home)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.chdir(home / "notebooks")
    names: dict = {}
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type == "code":
            exec(compile(cell.source, path.name, "exec"), names)
    assert names["run_dir"] == home / "results/twin"
    assert names["cases"] == fake_run.CASES
    assert names["caption"]
    assert list((home / "notebooks").iterdir()) == []


def test_without_a_run_the_remedy_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr(opened, "CHECKOUT", tmp_path)
    (tmp_path / "notebooks").mkdir()
    monkeypatch.chdir(tmp_path / "notebooks")
    with pytest.raises(ReadError, match="make tour"):
        opened.found_run()


def test_the_newest_run_is_drawn(tmp_path, monkeypatch):
    monkeypatch.setattr(opened, "CHECKOUT", tmp_path)
    for age, name in enumerate(("tour", "local-mine", "twin")):
        (tmp_path / "results" / name / "derive").mkdir(parents=True)
        for folder in (tmp_path / "results" / name / "derive", tmp_path / "results" / name):
            os.utime(folder, (1e9 - 1e5 * age, 1e9 - 1e5 * age))
    assert opened.found_run().name == "tour"
    os.utime(tmp_path / "results/local-mine/derive", (1.1e9, 1.1e9))
    assert opened.found_run().name == "local-mine"


@pytest.mark.parametrize(("run", "words"), [("tour", "`make run`"), ("local-mine", "the command that made it")])
def test_a_run_that_lacks_a_table_is_a_short_line_in_the_notebook(run, words, home, tmp_path, monkeypatch):
    """As after `make tour`: Figure 4 has no months, and says so where a trace of calls would stand."""
    folder = tmp_path / "results" / run
    shutil.copytree(home / "results/twin", folder)
    (folder / "derive/monthly.csv").unlink()
    shown: list = []
    monkeypatch.setattr(opened, "display", shown.append)
    with pytest.raises(opened.NotInThisRun) as raised:
        opened.loaded(figure4, folder, fake_run.CASES, SETTINGS)
    (line,) = raised.value._render_traceback_()
    assert "derive/monthly.csv is not in this run" in line
    assert words in line
    assert "no Figure 4" in line
    assert len(line) < 200
    assert shown[0].data.startswith(b"\x89PNG")


def test_a_damaged_table_stays_an_error_with_its_trace(home, tmp_path):
    folder = Path(shutil.copytree(home / "results/twin", tmp_path / "results/tour"))
    (folder / "derive/monthly.csv").write_bytes(b"\x00\xff")
    with pytest.raises(MetalcloudsError) as raised:
        opened.loaded(figure4, folder, fake_run.CASES, SETTINGS)
    assert not isinstance(raised.value, opened.NotInThisRun)


def test_a_run_leaves_all_files_and_the_page_needs_no_network(run_dir, tmp_path):
    failed = _run(ROOT / "notebooks/figure6.ipynb", run_dir, "figure6", tmp_path)
    names = {path.name for path in (tmp_path / "figures").iterdir()}
    endings = ("png", "pdf", "html", "ipynb", "json", "csv", "caption.txt")
    assert names == {f"figure6.{ending}" for ending in endings}
    assert not failed.exists()
    page = (tmp_path / "figures/figure6.html").read_text(encoding="utf-8")
    assert re.findall(r"<(?:script|link|img)[^>]*(?:src|href)=\"https?:", page) == []
    sidecar = io.read_json(tmp_path / "figures/figure6.json")
    assert sidecar["synthetic"] is True
    assert sidecar["inputs"]["derive/columns.csv"] == io.sha256(run_dir / "derive/columns.csv")
    assert sidecar["caption"] == (tmp_path / "figures/figure6.caption.txt").read_text(encoding="utf-8").strip()


def test_a_failed_notebook_is_kept_with_its_error_and_leaves_no_result(run_dir, tmp_path):
    broken = nbformat.read(ROOT / "notebooks/figure6.ipynb", as_version=4)
    broken.cells = [cell for cell in broken.cells if cell.id in ("parameters",)]
    broken.cells.append(nbformat.v4.new_code_cell("raise ValueError('a wall')"))
    nbformat.write(broken, tmp_path / "figure6.ipynb")
    with pytest.raises(Exception, match="a wall"):
        _run(tmp_path / "figure6.ipynb", run_dir, "figure6", tmp_path)
    kept = json.loads((tmp_path / "logs/figure6.failed.ipynb").read_text(encoding="utf-8"))
    assert "a wall" in json.dumps(kept)
    assert list((tmp_path / "figures").iterdir()) == []


def test_a_foreign_kernel_is_not_started_and_messages_take_no_port(run_dir, tmp_path, monkeypatch):
    """Whatever a user has under the name python3, and wherever home cannot be written."""
    spec = tmp_path / "jupyter/kernels/python3"
    spec.mkdir(parents=True)
    started = tmp_path / "started"
    argv = ["/bin/sh", "-c", f"touch {started}; exit 1"]
    (spec / "kernel.json").write_text(json.dumps({"argv": argv, "display_name": "theirs", "language": "python"}))
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "jupyter"))
    monkeypatch.setenv("JUPYTER_PREFER_ENV_PATH", "0")
    monkeypatch.setenv("HOME", "/proc/nowhere")
    notebook = nbformat.v4.new_notebook(cells=[
        nbformat.v4.new_code_cell("run_dir = cases = settings = None", metadata={"tags": ["parameters"]}),
        nbformat.v4.new_code_cell("import ipykernel, json, sys; print(sys.executable)\n"
                                  "print(json.loads(ipykernel.get_connection_info())['transport'])"),
    ])  # fmt: skip
    notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(notebook, tmp_path / "look.ipynb")
    _run(tmp_path / "look.ipynb", run_dir, "look", tmp_path)
    cells = nbformat.read(tmp_path / "figures/look.ipynb", as_version=4).cells
    assert cells[-1].outputs[0].text.split() == [sys.executable, "ipc"]
    assert not started.exists()


def test_equal_runs_leave_equal_notebooks_and_pages(run_dir, tmp_path):
    for number in (1, 2):
        _run(ROOT / "notebooks/figure6.ipynb", run_dir, "figure6", tmp_path / str(number))
    for ending in ("ipynb", "html", "png"):
        first, second = ((tmp_path / f"{number}/figures/figure6.{ending}").read_bytes() for number in (1, 2))
        assert first.replace(b"/1/figures", b"/2/figures") == second, ending
