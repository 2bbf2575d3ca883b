"""Compare two result folders file by file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from metalclouds import io
from metalclouds.compare.documents import compare_bytes, compare_json, compare_netcdf, compare_pictures
from metalclouds.compare.model import Difference, Result, Tolerances, fits
from metalclouds.compare.tables import Identities, compare_tables, stripe_names
from metalclouds.errors import ReadError
from metalclouds.files import read_json

# A folder with this file is a reference that holds part of a run: only files that fit its lines are compared.
REFERENCE = "reference.txt"
# The settings of the run that a reference was taken from; those of a run stand in its run.json.
SETTINGS = "settings.json"
# These name a run and share its work: nothing in its results follows from them.
OWN_SETTINGS = ("run", "parallel.dask", "parallel.nights_per_batch")


def patterns_of(folder: Path) -> list[str]:
    """Patterns of a reference folder; empty for a whole run."""
    file = folder / REFERENCE
    if not file.is_file():
        return []
    lines = (line.split("#")[0].strip() for line in file.read_text(encoding="utf-8").splitlines())
    return [line for line in lines if line]


def files_of(folder: Path) -> set[str]:
    """Paths of all files below a folder, with forward slashes."""
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()} - {
        REFERENCE,
        SETTINGS,
    }


def settings_of(folder: Path) -> dict[str, Any]:
    """Settings of a run or a reference, key by key with dots between; empty where they are not known."""
    for name, key in ((SETTINGS, None), ("run.json", "configuration")):
        if (folder / name).is_file():
            found = read_json(folder / name)
            return _flat(found if key is None else found.get(key, {}))
    return {}


def _flat(node: Any, before: str = "") -> dict[str, Any]:
    if not isinstance(node, dict) or not node:
        return {before: node}
    return {
        key: value
        for name, part in node.items()
        for key, value in _flat(part, f"{before}.{name}".lstrip(".")).items()
    }


def settings_changed(a: Path, b: Path) -> list[str]:
    """Settings that are not those of the first run, in words; none where one of the two says nothing of its own."""
    first, second = settings_of(a), settings_of(b)
    if not first or not second:
        return []
    return [
        f"{key}: {first.get(key, 'not set')} -> {second.get(key, 'not set')}"
        for key in sorted(first.keys() | second.keys())
        if key not in OWN_SETTINGS and first.get(key, "not set") != second.get(key, "not set")
    ]


def compare_file(name: str, a: Path, b: Path, tolerances: Tolerances, names: Identities | None) -> list[Difference]:
    """Compare two files by what their name says they are."""
    kind = Path(name).suffix
    if kind == ".csv":
        return compare_tables(name, a, b, tolerances, names)
    if kind == ".nc":
        return compare_netcdf(name, a, b, tolerances)
    if kind == ".json":
        return compare_json(name, a, b, tolerances)
    if kind == ".png":
        return compare_pictures(name, a, b, tolerances)
    return compare_bytes(name, a, b)


def compare_folders(a: str | Path, b: str | Path, tolerances: Tolerances, only: Sequence[str] = ()) -> Result:
    """Compare two result folders.

    Parameters
    ----------
    only
        patterns; files that fit none of them are left out. A reference folder, which may hold a part of a run, brings
        its own in reference.txt: one a line, `#` begins a comment.

    Raises
    ------
    ReadError
        If one of the folders is not there.
    """
    first, second = Path(a), Path(b)
    for folder in (first, second):
        if not folder.is_dir():
            raise ReadError("no such result folder", file=folder, remedy="give results/<run> of two runs")
    result = Result(settings=settings_changed(first, second))
    patterns = [*only] or _patterns_of_references(result, first, second)
    names = stripe_names(first, second, tolerances.stripes)
    for name in sorted(files_of(first) | files_of(second)):
        why = tolerances.excused(name)
        if patterns and not any(fits(name, pattern) for pattern in patterns):
            result.left_out.append(name)
        elif why:
            result.excused[name] = why
        else:
            _add(result, name, first / name, second / name, tolerances, names)
    return result


def _patterns_of_references(result: Result, *folders: Path) -> list[str]:
    """Patterns of the folders that are references; a line or a file that would never be compared is noted."""
    patterns = []
    for folder in folders:
        own, files = patterns_of(folder), files_of(folder)
        idle = [pattern for pattern in own if not any(fits(name, pattern) for name in files)]
        unnamed = [name for name in sorted(files) if own and not any(fits(name, pattern) for pattern in own)]
        result.not_compared += [
            Difference(REFERENCE, line, "no file of the reference fits this line") for line in idle
        ]
        result.not_compared += [
            Difference(name, "", f"in the reference, but on no line of {REFERENCE}") for name in unnamed
        ]
        patterns += own
    return patterns


def _add(result: Result, name: str, a: Path, b: Path, tolerances: Tolerances, names: Identities | None) -> None:
    """Compare one file of both runs and note the outcome."""
    for run, path in (("first", a), ("second", b)):
        if not path.is_file():
            result.not_compared.append(Difference(name, "", f"missing in the {run} run"))
            return
    result.compared += 1
    if a.stat().st_size == b.stat().st_size and io.sha256(a) == io.sha256(b):
        result.identical += 1
        return
    try:
        result.differences += compare_file(name, a, b, tolerances, names) or [_same_content(name)]
    except Exception as error:  # a damaged file may make a library raise anything
        result.not_compared.append(Difference(name, "", f"could not be read: {error}"))


def _same_content(name: str) -> Difference:
    return Difference(name, "", "other bytes, same content", "", "", True, "compression or order of keys")
