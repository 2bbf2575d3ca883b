"""The wheel, installed into an environment of its own outside the checkout: inspect, detect and plot work there."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from metalclouds import io
from tests.figures import fake_run

ROOT = Path(__file__).parents[1]
# Of the wheel: what a program without a checkout reads.
CARRIED = (
    "metalclouds/data/config/catalogue/formats.yaml",
    "metalclouds/data/config/twin_cases.yaml",
    "metalclouds/data/config/claims.yaml",
    "metalclouds/report/templates/own.html.j2",
    "metalclouds/figures/templates/night.js",
    "metalclouds/data/coast_and_borders.geojson",
)
pytestmark = [pytest.mark.slow]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    names = ("src", "config", "pyproject.toml", "README.md", "LICENSE")
    for name in names:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copyfile
        source.mkdir(exist_ok=True)
        copy(ROOT / name, source / name)
    subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys; from hatchling.build import build_wheel; build_wheel(sys.argv[1])",
            folder,
        ],
        cwd=source,
        check=True,
    )
    shutil.rmtree(source)
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def program(wheel, tmp_path_factory) -> Path:
    """An environment that holds the wheel; libraries are those of this one, the checkout is not on its path."""
    folder = tmp_path_factory.mktemp("environment")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    packages = next((folder / "lib").glob("python*")) / "site-packages"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(packages)
    ours = Path(io.__file__).parents[1]
    libraries = [path for path in map(Path, sys.path) if path.name == "site-packages" and path != ours]
    (packages / "libraries.pth").write_text("\n".join(map(str, libraries)) + "\n", encoding="utf-8")
    return folder / "bin/python"


def run(program: Path, folder: Path, *arguments: str | Path) -> subprocess.CompletedProcess:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    return subprocess.run(
        [program, "-I", "-c", "from metalclouds.cli import main; raise SystemExit(main())", *map(str, arguments)],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )


def test_the_wheel_carries_what_the_program_reads(wheel):
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        metadata = next(name for name in names if name.endswith("METADATA"))
        wanted = archive.read(metadata).decode()
    assert set(CARRIED) <= names
    assert "Requires-Dist: xarray" in wanted
    assert "Provides-Extra: workflow" in wanted
    assert not [name for name in names if name.endswith("own.yaml")]


def test_it_runs_from_where_it_was_installed(program, tmp_path):
    found = subprocess.run(
        [program, "-I", "-c", "import metalclouds; print(metalclouds.__file__)"],
        cwd=tmp_path, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert Path(found.stdout.strip()).is_relative_to(program.parents[1])


def test_inspect_detect_and_plot_work_outside_the_checkout(program, tmp_path):
    run_dir = fake_run.build(tmp_path / "run", step_s=300.0, step_km=2.4)
    night = fake_run.CASES[0]["night"]
    file = next(run_dir.glob(f"ingest/lidar/*/{night}.nc"))
    looked = run(program, tmp_path, "inspect", ROOT / "tests/data/fpi", "--site", "40.6", "-105.1")
    assert looked.returncode == 0, looked.stderr
    found = run(program, tmp_path, "detect", file, "--out", "found", "--site", "40.6", "-105.1", "1.5")
    assert found.returncode == 0, found.stderr
    assert (tmp_path / "found/stripes.csv").is_file()
    drawn = run(program, tmp_path, "plot", file, "--out", "pictures")
    assert drawn.returncode == 0, drawn.stderr
    assert (tmp_path / f"pictures/night_{night}.png").read_bytes().startswith(b"\x89PNG")
