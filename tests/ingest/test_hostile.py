"""Mutated files: no crash, no silent nonsense; our error with the file's name, or a night that keeps the contract.

FUZZ_EXAMPLES=500 and FUZZ_SEED=random make a campaign of it.
"""

from __future__ import annotations

import functools
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from metalclouds.errors import MetalcloudsError
from metalclouds.ingest.faults import ProgramFault
from metalclouds.schema.datasets import INGEST, check_dataset
from tests.ingest import shapes, test_formats
from tests.ingest.papers import read_any

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "6"))
RANDOM = os.environ.get("FUZZ_SEED") == "random"
DATA = Path(__file__).parents[1] / "data"


def _written(write: Callable[[Path], None], pattern: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder))
        return sorted(Path(folder).rglob(pattern))[0].read_bytes()


def _sao() -> bytes:
    return test_formats.sao_record(test_formats.STAMP, test_formats.characteristics(foF2=5.1, foEs=3.4)).encode()


SOURCES: dict[str, Callable[[], tuple[str, bytes]]] = {
    "meridian": lambda: ("YANQG_CAL09_NDCI_L2_STP_20210603130000_V01.00.TXT", _written(shapes.meridian, "*.TXT")),
    "profile": lambda: ("Ca+_20210603_210000.txt", _written(shapes.local_names, "*.txt")),
    "mat v5": lambda: ("Yanqing_20210603.mat", _written(shapes.mat_v5, "*.mat")),
    "netcdf": lambda: ("lidar_2021-06-03.nc", _written(shapes.netcdf, "*.nc")),
    "xlsx": lambda: ("density_2021-06-03.xlsx", _written(shapes.xlsx, "*.xlsx")),
    "csv": lambda: ("ca_ion.csv", _written(shapes.csv_rows, "*.csv")[:20000]),
    "zip": lambda: ("record.zip", _written(shapes.gbk_zip, "*.zip")),
    "ionex": lambda: ("one_map.xxi", (DATA / "tec/one_map.xxi").read_bytes()),
    "grid": lambda: ("tec_20210618_123000.txt", test_formats.grid_text(12).encode()),
    "slant": lambda: ("los.csv", (DATA / "tec/madrigal_los_japan_2024-01-01_two_sites.csv").read_bytes()[:20000]),
    "fpi": lambda: ("bfp220301g.7100.txt", (DATA / "fpi/bfp220301g.7100.txt").read_bytes()[:20000]),
    "sao": lambda: ("BP440.sao", _sao()),
    "sao table": lambda: ("SAO.csv", _written(shapes.sao_characteristics, "*.csv")[:20000]),
    "explorer": lambda: ("iono.txt", test_formats.EXPLORER.encode()),
    "cpi": lambda: ("mh220301_winds.dat", test_formats.cpi_text().encode()),
    "giro": lambda: ("BP440.txt", test_formats.GIRO.encode()),
}


@functools.cache
def source(name: str) -> tuple[str, bytes]:
    return SOURCES[name]()


@st.composite
def mutations(draw: st.DrawFn) -> list[tuple[str, float, bytes]]:
    """Some changes: place as a share of the length, and bytes to put over, put in, or take away from there."""
    kind = st.sampled_from(["over", "in", "cut", "drop", "twice"])
    one = st.tuples(kind, st.floats(0, 1), st.binary(min_size=1, max_size=8) | st.sampled_from(JUNK))
    return draw(st.lists(one, min_size=1, max_size=4))


JUNK = [b"nan", b"-", b"1e400", b"\n", b"\x00", b"9999", b",,,", b"99999999999999999999", b"#", b"\xff\xfe", b"inf"]


def mutated(content: bytes, changes: list[tuple[str, float, bytes]]) -> bytes:
    for kind, place, junk in changes:
        at = int(place * len(content))
        if kind == "over":
            content = content[:at] + junk + content[at + len(junk) :]
        elif kind == "in":
            content = content[:at] + junk + content[at:]
        elif kind == "cut":
            content = content[:at]
        elif kind == "drop":
            content = content[:at] + content[at + 20 * len(junk) :]
        else:
            content = content[:at] + content[at : at + 200] + content[at:]
    return content


def nights_or_problem(path: Path) -> tuple[list[xr.Dataset], str | None]:
    try:
        return read_any(path), None
    except ProgramFault:
        raise
    except MetalcloudsError as error:
        return [], str(error)


@pytest.mark.parametrize("name", SOURCES)
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=not RANDOM,
    database=None,
    suppress_health_check=list(HealthCheck),
)
@given(changes=mutations())
def test_mutated_file(name, changes):
    file, content = source(name)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / file
        path.write_bytes(mutated(content, changes))
        nights, problem = nights_or_problem(path)
    assert problem is None or "\n" in problem, "no file or position in the error"
    for night in nights:
        check_dataset(night, INGEST[night.attrs["instrument"]], file)
        for values in night.variables.values():
            assert values.dtype.kind != "f" or not np.isinf(values.values).any()


@pytest.mark.parametrize("column", ["AZM", "ELM"])
@pytest.mark.parametrize("value", ["1e999", "nan"])
def test_a_look_in_no_direction_is_as_if_it_were_not_there(tmp_path, column, value):
    """Found by the campaign of changed files: an infinite azimuth ended the assembly of the night."""
    lines = (DATA / "fpi/bfp220301g.7100.txt").read_text().splitlines()
    words = lines[5].split()
    words[lines[0].split().index(column)] = value
    folders = [tmp_path / name for name in ("changed", "left out")]
    for folder, row in zip(folders, ([" ".join(words)], []), strict=True):
        folder.mkdir()
        (folder / "bfp220301g.7100.txt").write_text("\n".join([*lines[:5], *row, *lines[6:]]) + "\n")
    changed, without = (read_any(folder / "bfp220301g.7100.txt")[0] for folder in folders)
    xr.testing.assert_equal(changed, without)
