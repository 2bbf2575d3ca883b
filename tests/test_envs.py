"""Every way to install leads to the same packages, and the files of the workflow catalog are what it asks for."""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
ENVS = ROOT / "envs"


def pinned(lock: str) -> dict[str, set[str]]:
    """Name -> versions of a lock; more than one where they depend on the version of Python."""
    found: dict[str, set[str]] = {}
    for name, version in re.findall(r"^([\w.-]+)==([^\s;]+)", (ENVS / lock).read_text(), re.MULTILINE):
        found.setdefault(canonicalize_name(name), set()).add(version)
    return found


def asked(name: str) -> list[Requirement]:
    """Requirements that stand in a file themselves."""
    lines = (line.split("  #")[0].strip() for line in (ENVS / name).read_text().splitlines())
    return [Requirement(line) for line in lines if line and not line.startswith(("#", "-r"))]


@pytest.fixture(scope="module")
def conda():
    return yaml.safe_load((ENVS / "environment.yaml").read_text())


@pytest.mark.parametrize("name", ["requirements", "requirements-dev"])
def test_lock_has_what_is_asked_for(name):
    lock = pinned(f"{name}.lock")
    for requirement in asked(f"{name}.in"):
        versions = lock.get(canonicalize_name(requirement.name), set())
        assert versions, requirement
        assert all(requirement.specifier.contains(version) for version in versions), (str(requirement), versions)


def test_development_adds_to_the_lock_and_changes_nothing():
    users, developers = pinned("requirements.lock"), pinned("requirements-dev.lock")
    assert {name: developers.get(name) for name in users} == users


def test_conda_takes_an_allowed_python_and_the_lock(conda):
    python = next(item for item in conda["dependencies"] if str(item).startswith("python=")).partition("=")[2]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert SpecifierSet(project["requires-python"]).contains(f"{python}.0")
    pip = conda["dependencies"][-1]["pip"]
    assert pip == ["--require-hashes", "-r requirements.lock"]


def test_pip_reads_the_conda_file_as_meant(conda, tmp_path):
    """What conda hands to pip refuses a package without a hash."""
    (tmp_path / "requirements.lock").write_text(f"{ROOT}\n")
    handed = tmp_path / "condaenv.requirements.txt"
    handed.write_text("\n".join(conda["dependencies"][-1]["pip"]) + "\n")
    command = [sys.executable, "-m", "pip", "install", "--dry-run", "--no-index", "-r", str(handed)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode != 0
    assert "hash" in done.stderr.lower()


def test_container_takes_the_same_lock_and_python(conda):
    text = (ENVS / "Dockerfile").read_text()
    assert "pip install --no-cache-dir --require-hashes -r envs/requirements.lock" in text
    python = re.search(r"^FROM python:([\d.]+)-", text, re.MULTILINE).group(1)
    assert f"python={python}" in conda["dependencies"]


def test_catalog_of_workflows():
    """https://snakemake.github.io/snakemake-workflow-catalog, 'Standardized Usage workflows'."""
    usage = yaml.safe_load((ROOT / ".snakemake-workflow-catalog.yml").read_text())["usage"]
    assert set(usage) == {"mandatory-flags", "software-stack-deployment"}
    assert set(usage["mandatory-flags"]) == {"desc", "flags"}
    assert set(usage["software-stack-deployment"]) == {"conda", "apptainer", "apptainer+conda", "report"}
    assert (ROOT / "workflow/Snakefile").is_file()
    assert (ROOT / "config/README.md").is_file()
    readme = (ROOT / "README.md").read_text().lower()
    assert "snakemake" in readme
    assert "workflow" in readme


def test_code_of_another_folder_is_not_run_silently(tmp_path):
    """A copy of the project whose environment is that of the original."""
    (tmp_path / "src").mkdir()
    shutil.copytree(ROOT / "src/metalclouds", tmp_path / "src/metalclouds")
    for name in ("Snakefile", "workflow", "config", "notebooks"):
        (tmp_path / name).symlink_to(ROOT / name)
    snakemake = str(Path(sys.executable).with_name("snakemake"))
    for command in ([snakemake, "-n", "all"], [sys.executable, "-m", "metalclouds.cli", "compare", "a", "b"]):
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode != 0
        assert "the code of another folder" in done.stdout + done.stderr
        assert str(tmp_path / "src/metalclouds") in done.stdout + done.stderr


def test_environment_of_another_folder_is_made_anew(tmp_path):
    """`make env` in a copied checkout: what stands in .venv names the original."""
    for name in ("envs", "pyproject.toml"):
        (tmp_path / name).symlink_to(ROOT / name)
    (tmp_path / "envs").unlink()
    shutil.copytree(ENVS, tmp_path / "envs")
    venv = tmp_path / ".venv"
    (venv / "bin").mkdir(parents=True)
    (venv / "bin/activate").write_text('VIRTUAL_ENV="/original/.venv"\nexport VIRTUAL_ENV\n')
    (venv / "marker").write_text("")
    wanted = hashlib.sha256((ENVS / "requirements.lock").read_bytes() + (ROOT / "pyproject.toml").read_bytes())
    (venv / ".installed-requirements").write_text(wanted.hexdigest() + "\n")
    done = subprocess.run(
        [tmp_path / "envs/install.sh"], cwd=tmp_path, env={"PATH": "/usr/bin:/bin", "PYTHON": "no-python"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "/original" in done.stderr
    assert not (venv / "marker").exists()


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock", "requirements-peers.lock"])
def test_every_package_of_a_lock_has_a_hash_and_no_address(lock):
    packages = re.split(r"\n(?=[\w.-]+==)", (ENVS / lock).read_text())[1:]
    assert len(packages) > 20
    assert [text.splitlines()[0] for text in packages if "--hash=sha256:" not in text] == []
    assert "://" not in "".join(line for line in (ENVS / lock).read_text().splitlines() if not line.startswith("#"))
