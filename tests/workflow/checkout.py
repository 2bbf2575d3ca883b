"""A folder that stands for another checkout: the project's files by link, its own results."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[2]
OWN = shutil.ignore_patterns(".lock")
LINKED = ("Snakefile", "profiles", "workflow", "config", "notebooks", "src", "tests")
# A campaign small enough for a test: the six case nights and four others, quiet and not, of one quarter of a year.
SMALL = {"twin": yaml.safe_load((ROOT / "config/small.yaml").read_text(encoding="utf-8"))["twin"]}
CASES = ("2021-01-08", "2021-06-03", "2021-06-04", "2021-06-18", "2022-01-16", "2021-05-10")
OTHERS = tuple(night for night in SMALL["twin"]["nights"] if night not in CASES)


class Checkout:
    """Runs Snakemake in a folder of its own."""

    def __init__(self, folder: Path, settings: dict | None = None) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "results").mkdir(exist_ok=True)
        for name in LINKED:
            if not (folder / name).exists():
                (folder / name).symlink_to(ROOT / name)
        self.settings = folder / "settings.yaml"
        self.configure(settings or SMALL)

    def configure(self, settings: dict) -> None:
        """Replace the settings laid over config/config.yaml."""
        self.settings.write_text(yaml.safe_dump(settings))

    def configured(self) -> dict:
        """The settings laid over config/config.yaml."""
        return yaml.safe_load(self.settings.read_text(encoding="utf-8"))

    def snakemake(
        self,
        *arguments: str,
        cores: int = 2,
        check: bool = True,
        environment: dict | None = None,
        settings: str | None = None,
    ) -> subprocess.CompletedProcess:
        """Run Snakemake; with `check`, fail with its output where it fails."""
        # Targets come first: the option --configfile takes all that follows.
        command = [str(Path(sys.executable).with_name("snakemake")), *arguments, "--cores", str(cores)]
        command += ["--configfile", "config/config.yaml", str(settings or self.settings)]
        environment = {**os.environ, **(environment or {}), "JUPYTER_PREFER_ENV_PATH": "1"}
        done = subprocess.run(
            command, cwd=self.folder, env=environment, text=True, capture_output=True, timeout=900, check=False
        )
        if check:
            assert done.returncode == 0, f"{' '.join(arguments)}\n{done.stdout[-3000:]}\n{done.stderr[-6000:]}"
        return done

    def take_from(self, other: Checkout, link: bool = True) -> None:
        """Begin where another checkout stands: products by hard link, what is changed in place (notes) by copy."""
        products = os.link if link else shutil.copy2
        for name, copy in (
            ("results", products),
            ("record", shutil.copy2),
            ("truth", products),
            (".snakemake", shutil.copy2),
        ):
            shutil.rmtree(self.path(name), ignore_errors=True)
            if not other.path(name).exists():
                continue
            # The lock of a run is its own: a link to it would be one lock for two runs.
            shutil.copytree(other.path(name), self.path(name), copy_function=copy, ignore=OWN)

    def path(self, relative: str) -> Path:
        """A path in this folder."""
        return self.folder / relative


def planned(done: subprocess.CompletedProcess) -> set[str]:
    """Names of the rules in the table of jobs that a dry run prints."""
    lines = iter((done.stdout + done.stderr).splitlines())
    names = set()
    if not any(line.startswith("Job stats:") for line in lines):
        return names
    for line in lines:
        words = line.split()
        if words and words[0] == "total":
            break
        if len(words) == 2 and words[1].isdigit():
            names.add(words[0])
    return names
