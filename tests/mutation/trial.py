"""One module changed in one place, and its tests run: in a child of this process, which has the libraries loaded."""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import importlib.util
import math
import os
import resource
import signal
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from tests.mutation.targets import LEFT_OUT

SRC = Path("src/metalclouds")
# Loaded before the children are made, so that each of them has them; nothing of the project may be among them.
LIBRARIES = ("pytest", "numpy", "pandas", "xarray", "scipy.stats", "scipy.optimize", "netCDF4", "numba", "pydantic",
             "yaml", "hypothesis", "xdist", "matplotlib.pyplot")  # fmt: skip
PASSED = 0
OUT_OF_TIME = -1


@dataclass(frozen=True)
class Trial:
    """Exit code of pytest (-1: no end), processor time in s, and the last line of what it printed."""

    code: int
    seconds: float
    said: str


class _Changed(importlib.abc.MetaPathFinder):
    """Gives one module another source; the compiled files on disk are neither read nor written."""

    def __init__(self, name: str, path: Path, source: str) -> None:
        self.name, self.path, self.source = name, path, source

    def find_spec(self, name, path=None, target=None):
        if name != self.name:
            return None
        return importlib.util.spec_from_file_location(name, self.path, loader=_Loader(self))


class _Loader(importlib.machinery.SourceFileLoader):
    def __init__(self, changed: _Changed) -> None:
        super().__init__(changed.name, str(changed.path))
        self.changed = changed

    def get_code(self, fullname):
        return compile(self.changed.source, str(self.changed.path), "exec")


def load_libraries() -> None:
    """Import what all children need."""
    for name in LIBRARIES:
        importlib.import_module(name)


def try_change(module: str, source: str, tests: tuple[str, ...], longest_s: float) -> Trial:
    """Run the tests with this source in place of the module's own.

    Parameters
    ----------
    module
        path below src/metalclouds, without its ending.
    longest_s
        processor time after which the change counts as one that does not end.
    """
    assert not any(name.startswith("metalclouds") for name in sys.modules), "loaded too early"
    with tempfile.TemporaryDirectory(prefix="mutant-") as folder:
        said = Path(folder) / "said"
        child = os.fork()
        if child == 0:
            resource.setrlimit(resource.RLIMIT_CPU, (math.ceil(longest_s), math.ceil(longest_s)))
            _be_the_child(module, source, tests, Path(folder), said)
        _, status, used = os.wait4(child, 0)
        lines = said.read_text(errors="replace").strip().splitlines() if said.exists() else []
    code = os.waitstatus_to_exitcode(status)
    told = [line for line in lines if line.startswith(("FAILED", "ERROR"))] or lines[-1:]
    out_of_time = code in (-signal.SIGXCPU, -signal.SIGKILL)
    return Trial(OUT_OF_TIME if out_of_time else code, used.ru_utime + used.ru_stime, "".join(told[:1]))


def _be_the_child(module: str, source: str, tests: tuple[str, ...], folder: Path, said: Path) -> None:
    code = 70
    try:
        stream = os.open(said, os.O_WRONLY | os.O_CREAT)
        os.dup2(stream, 1)
        os.dup2(stream, 2)
        os.environ.update(HYPOTHESIS_STORAGE_DIRECTORY=str(folder / "hypothesis"), TMPDIR=str(folder))
        tempfile.tempdir = None
        sys.dont_write_bytecode = True
        name = "metalclouds." + module.replace("/", ".")
        sys.meta_path.insert(0, _Changed(name, SRC / f"{module}.py", source))
        import pytest

        left_out = [f"--deselect={test}" for test in LEFT_OUT if test not in tests]
        marks = "not slow and not cluster and not workflow"
        code = int(
            pytest.main(["-x", "-q", "-n0", "-p", "no:cacheprovider", "-W", "ignore", "-m", marks, *left_out, *tests])
        )
    finally:
        os._exit(code)
