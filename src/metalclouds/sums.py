"""Checksums of what the jobs of a run have written, so that a lost, cut or changed product is noticed.

Each job leaves `results/<run>/sums/<job>.json`: its products with size, time and sha256. Paths start at the folder of
the run; paths of the simulated record and its truth lead out of it. A job that starts anew takes its record away
first, so what is recorded is finished.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from metalclouds.files import sha256, write_json
from metalclouds.schema.documents import FileState, Sums, plain, read

FOLDER = "sums"
# Snakemake's own mark in a folder that a rule declares.
NO_PRODUCT = ".snakemake_timestamp"


@dataclass(frozen=True)
class Loss:
    """A product that is not what its job has written.

    Attributes
    ----------
    path
        from the folder of the run.
    what
        lost, cut, longer, or changed.
    output
        the declared file or folder that it belongs to.
    job
        the record that lists it.
    """

    path: str
    what: str
    output: str
    job: Path


def record_path(run_dir: Path, log: Path) -> Path:
    """Where the sums of a job are kept: as its log, below `sums`."""
    return run_dir / FOLDER / log.relative_to(run_dir / "logs").with_suffix(".json")


def files_of(output: Path) -> list[Path]:
    """The files of a declared output, which is a file or a folder."""
    if not output.is_dir():
        return [output]
    return sorted(path for path in output.rglob("*") if path.is_file() and path.name != NO_PRODUCT)


def write_record(run_dir: Path, record: Path, outputs: Iterable[str]) -> None:
    """Write the sums of the outputs of a finished job."""
    found = {
        os.path.relpath(output, run_dir): {
            os.path.relpath(path, output): plain(_state(path)) for path in files_of(Path(output))
        }
        for output in outputs
    }
    write_json(record, found)


def _state(path: Path) -> FileState:
    status = path.stat()
    return FileState(status.st_size, status.st_mtime_ns, sha256(path))


def records(run_dir: Path) -> Iterator[tuple[Path, Sums]]:
    """The records of a run's jobs, and what they list.

    Raises
    ------
    ReadError
        If a record is not in the form that `write_record` gives it.
    """
    for record in sorted((run_dir / FOLDER).rglob("*.json")):
        yield record, read(Sums, record)


def losses(run_dir: Path, full: bool = False) -> list[Loss]:
    """Products of a run that are lost or are not what their job has written.

    Parameters
    ----------
    full
        read every file; otherwise those whose size is the same and whose time is another.
    """
    found = []
    for record, outputs in records(run_dir):
        for output, files in outputs.items():
            if not _is_here(run_dir, output):
                continue
            for name, state in files.items():
                path = run_dir / output / name if name != "." else run_dir / output
                what = _difference(path, state, full)
                if what:
                    found.append(Loss(os.path.normpath(f"{output}/{name}"), what, output, record))
    return found


def _is_here(run_dir: Path, output: str) -> bool:
    """Whether a product belongs to this copy of the run: the record and the truth may have been left behind."""
    if not output.startswith(".."):
        return True
    return (run_dir / "/".join(Path(output).parts[:3])).exists()


def _difference(path: Path, state: FileState, full: bool) -> str:
    try:
        status = path.stat()
    except OSError:
        return "lost"
    if status.st_size != state.size:
        return "cut" if status.st_size < state.size else "longer"
    if (full or status.st_mtime_ns != state.mtime_ns) and sha256(path) != state.sha256:
        return "changed"
    return ""


def unseen(run_dir: Path, loss: Loss) -> bool:
    """Whether Snakemake itself would not notice: the declared output is there, its content is wrong."""
    return (run_dir / loss.output).exists()


def remove(run_dir: Path, lost: Iterable[Loss]) -> list[str]:
    """Remove the declared outputs of damaged products, so that the next run makes them again; their names."""
    outputs = sorted({loss.output for loss in lost})
    for output in outputs:
        path = run_dir / output
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
    for record in {loss.job for loss in lost}:
        record.unlink(missing_ok=True)
    return outputs
