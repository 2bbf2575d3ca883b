"""A draft of the catalogue entry of a file that no entry fits: the likely reader, its roles, the unit."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath
from typing import Any

import numpy as np
import yaml

from metalclouds.errors import MetalcloudsError
from metalclouds.ingest.containers import Arrays, load
from metalclouds.ingest.decisions import plain
from metalclouds.ingest.readers.columns import bare
from metalclouds.ingest.source import Member

# Reader -> its instrument, and role -> what its name looks like. The first whose needed roles are found is proposed.
_ROLES: dict[str, tuple[str, dict[str, str], tuple[str, ...]]] = {
    "ionosonde_table": (
        "ionosonde",
        {"foEs": r".*fo_?es.*", "foF2": r".*fo_?f2.*", "hEs": r".*h.?_?(prime_?)?es.*"},
        ("foEs",),
    ),
    "tec_slant": (
        "tec",
        {"slant_tec": r".*(stec|slant|los_?tec).*", "elevation": r".*elev?.*", "pierce_latitude": r".*lat.*",
         "pierce_longitude": r".*lon.*"},
        ("slant_tec",),
    ),
    "tec_arrays": (
        "tec",
        {"tec": r".*(v?tec|tecu|electron_?content).*", "latitude": r".*lat.*|weidu|.*纬度.*",
         "longitude": r".*lon.*|jingdu|.*经度.*", "time": r".*(time|hour|epoch|ut|shijian|时间).*"},
        ("tec",),
    ),
    "fpi_winds": (
        "fpi",
        {"eastward_wind": r"(u|u_?wind|.*zonal.*|.*纬向风.*|.*east.*|zw|wind_?u|vx)", "northward_wind":
         r"(v|v_?wind|.*merid.*|.*经向风.*|.*north.*|mw|wind_?v|vy)", "clock": r".*(time|hour|ut|北京时|时间).*",
         "altitude": r".*(alt|height).*"},
        ("eastward_wind", "northward_wind"),
    ),
    "lidar_arrays": (
        "lidar",
        {"signal": r"(?!.*(err|std|sigma)).*(dens|count|photon|cm-?3|n_?ca|ca_?ion|密度|数密度|signal).*|n",
         "altitude": r".*(alt|height|hgt|range|高度|km).*|[hz]", "time": r".*(time|hour|date|ut|lt|时间).*|t"},
        ("signal", "altitude"),
    ),
}  # fmt: skip
_UNITS = {"lidar": r"(cm-?\^?-?3|m-?\^?-?3)", "fpi": r"(m/s|m s-1)", "tec": r"(tecu)", "ionosonde": r"(mhz)"}


def draft(member: Member) -> dict[str, Any] | None:
    """An entry for a file, its roles filled in as far as names tell; None where nothing in it has a known name."""
    try:
        arrays = load(member)
    except MetalcloudsError:
        return None
    words = f"{' '.join(arrays.values)} {arrays.attributes_of_file.get('header', '')} {member.name}".lower()
    for reader, (instrument, patterns, needed) in _ROLES.items():
        roles = _roles(arrays, patterns)
        if all(role in roles for role in needed):
            options: dict[str, Any] = {"variables": roles}
            if (unit := re.search(_UNITS[instrument], words)) and instrument == "lidar":
                options["unit"] = "m-3" if unit.group(1).startswith("m") else "cm-3"
            return {"glob": glob_for(member.name), "instrument": instrument, "reader": reader, "options": options}
    return _by_shape(arrays, member)


def looks_like(role: str, name: str) -> bool:
    """Whether an array's name is like that of a role, in any reader."""
    patterns = [roles[role] for _, roles, _ in _ROLES.values() if role in roles]
    return any(re.fullmatch(pattern, bare(name)) for pattern in patterns)


def _roles(arrays: Arrays, patterns: Mapping[str, str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for role, pattern in patterns.items():
        free = (name for name in arrays.values if name not in found.values())
        name = next((name for name in free if re.fullmatch(pattern, bare(name))), None)
        if name is not None:
            found[role] = name
    return found


def _by_shape(arrays: Arrays, member: Member) -> dict[str, Any] | None:
    """A lidar night by its shape alone: the largest matrix, and vectors as long as its sides."""
    matrices = {name: value for name, value in arrays.numeric().items() if value.ndim == 2 and min(value.shape) > 7}
    if not matrices:
        return None
    signal = max(matrices, key=lambda name: matrices[name].size)
    variables = {"signal": signal}
    for name, value in arrays.numeric().items():
        if value.ndim == 1 and value.size in matrices[signal].shape:
            even = np.ptp(np.diff(value)) <= 0.01 * abs(np.median(np.diff(value)))
            variables.setdefault("altitude" if even and float(np.nanmax(value)) > 48 else "time", name)
    return {
        "glob": glob_for(member.name),
        "instrument": "lidar",
        "reader": "lidar_arrays",
        "options": {"variables": variables},
    }


def glob_for(name: str, alike: int = 1) -> str:
    """A file's name, without folders, with the digits of dates left open; with all, where there are files alike.

    The 5 of `Fig5b.mat` stays: `Fig?b.mat` would be another figure's file, too.
    """
    base = PurePosixPath(name).name.replace("[", "[[]")
    pattern = r"\d+" if alike > 1 else r"(?:19|20)\d\d[-_.]\d\d[-_.]\d\d|\d{4,}"
    return re.sub(pattern, lambda match: re.sub(r"\d", "?", match.group(0)), base)


def glob_of_lines(name: str, options: Iterable[Mapping[str, Any]], alike: int = 1) -> str:
    """The pattern of an entry with some options: one with a date is for one file, and names it whole.

    Examples
    --------
    >>> glob_of_lines("a/lidar_0108.mat", [{"clock": "LT"}])
    'lidar_????.mat'
    >>> glob_of_lines("a/lidar_0108.mat", [{"date": "2021-01-08"}])
    'lidar_0108.mat'
    """
    if any("date" in one for one in options):
        return PurePosixPath(name).name.replace("[", "[[]")
    return glob_for(name, alike)


def options_in(message: str) -> list[dict[str, Any]]:
    """Options of the lines that a message proposes."""
    found = [yaml.safe_load(text) for text in re.findall(r"options: (\{.*\})", message)]
    return [plain(one) for one in found if isinstance(one, dict)]


def answers(entry: Mapping[str, Any], problem: str) -> list[dict[str, Any]]:
    """An entry with each of the options that would answer the question of a stop; none where it names no options."""
    return [dict(entry) | {"options": one} for one in options_in(problem)]


def in_yaml(entry: Mapping[str, Any]) -> str:
    """A catalogue entry as YAML, one item of the list `entries`."""
    order = ("glob", "instrument", "reader", "options")
    kept = {key: entry[key] for key in (*order, *entry) if entry.get(key) not in ({}, None)}
    return yaml.safe_dump([kept], sort_keys=False, allow_unicode=True, default_flow_style=None, width=100)
