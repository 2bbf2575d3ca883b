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
from metalclouds.ingest.decisions import gives_date, plain
from metalclouds.ingest.readers.columns import bare, unit_of
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


# What a file's name, header or attributes say of whose data it holds.
_SAID = {
    "ionosonde_table": r"f[o0]_?es|ionosonde|digisonde|ionogram|sporadic|测高仪|电离层垂测",
    "tec_arrays": r"(?<![a-z])v?tec(?![a-z])|electron content|电子总?含量",
    "fpi_winds": r"(?<![a-z])(fpi|winds?|interferomet\w*|fabry)(?![a-z])|风场|风速|干涉仪",
    "lidar_arrays": r"lidar|density|densit|photon|激光雷达|密度",
}
_TIMES = re.compile(
    r".*(time|hour|date|epoch|min|sec|year|month|day|doy|flag|err|sigma|std|lat|lon|时|日).*|utc?|lt|m?jd|d[a-z]\d?"
)
# A component by its last letter, and what stands before it: `v_gg_E`, `wind_n`.
_COMPONENT = re.compile(r"(.*?)_?(e|east|x|n|north|y)")
_EAST = ("e", "east", "x")
_NORTH_OF = {"e": "n", "east": "north", "x": "y"}
_MAGNETIC = r"magnetic|magn|apex|quasi-?dipole|地磁"
_MOST_DRAFTS = 4


def draft(member: Member) -> dict[str, Any] | None:
    """The first of the entries that are proposed for a file; None where nothing in it has a known name."""
    return next(iter(drafts(member)), None)


def drafts(member: Member) -> list[dict[str, Any]]:
    """Entries for a file, one of which reads it: several where names do not tell which array is which."""
    try:
        arrays = load(member)
    except MetalcloudsError:
        return []
    words = f"{' '.join(arrays.values)} {arrays.attributes_of_file} {member.name}".lower()
    for reader, (instrument, patterns, needed) in _ROLES.items():
        roles = _roles(arrays, patterns)
        if all(role in roles for role in needed):
            options: dict[str, Any] = {"variables": roles}
            if (unit := re.search(_UNITS[instrument], words)) and instrument == "lidar":
                options["unit"] = "m-3" if unit.group(1).startswith("m") else "cm-3"
            return [_entry(member, reader, options)]
    shaped = _by_shape(arrays, member)
    likely = [reader for reader, said in _SAID.items() if re.search(said, words)]
    return _by_words(arrays, member, likely) or ([shaped] if shaped else [])


def _entry(member: Member, reader: str, options: dict[str, Any]) -> dict[str, Any]:
    instrument = _ROLES[reader][0]
    return {"glob": glob_for(member.name), "instrument": instrument, "reader": reader, "options": options}


def _by_words(arrays: Arrays, member: Member, readers: Iterable[str]) -> list[dict[str, Any]]:
    """Entries of the readers that the file's words speak of, where what is left can have the role that is needed."""
    for reader in readers:
        if reader == "fpi_winds" and (pairs := _components(arrays)):
            return [
                _entry(member, reader, {"variables": {"eastward_wind": east, "northward_wind": north}})
                for east, north in pairs[:_MOST_DRAFTS]
            ]
        _, patterns, needed = _ROLES[reader]
        roles = _roles(arrays, patterns)
        missing = [role for role in needed if role not in roles]
        free = [name for name in _free(arrays) if name not in roles.values()]
        if reader != "fpi_winds" and len(missing) == 1 and 1 <= len(free) <= _MOST_DRAFTS:
            return [_entry(member, reader, {"variables": {**roles, missing[0]: name}}) for name in free]
    return []


def _free(arrays: Arrays) -> list[str]:
    """Arrays of numbers whose names are no time, place, flag or error."""
    return [name for name in arrays.numeric() if not _TIMES.fullmatch(bare(name))]


def _components(arrays: Arrays) -> list[tuple[str, str]]:
    """Arrays that may be the eastward and the northward wind: by their last letters, geographic before magnetic ones;
    else the only two in m/s, in either order.
    """
    by_letter = {match.groups(): name for name in _free(arrays) if (match := _COMPONENT.fullmatch(bare(name)))}
    pairs = {
        stem: (name, by_letter[stem, _NORTH_OF[letter]])
        for (stem, letter), name in by_letter.items()
        if letter in _EAST and (stem, _NORTH_OF[letter]) in by_letter
    }
    header = str(arrays.attributes_of_file.get("header", "")).lower()
    geographic = [pair for stem, pair in pairs.items() if not _is_magnetic(stem, header)]
    if pairs:
        return geographic or list(pairs.values())
    winds = [name for name in _free(arrays) if re.fullmatch(r"m\s*/\s*s|m ?s\^?-1", unit_of(arrays, name).lower())]
    return [(winds[0], winds[1]), (winds[1], winds[0])] if len(winds) == 2 else []


def _is_magnetic(stem: str, header: str) -> bool:
    """Whether the letters before a component are explained as magnetic, `gm = geomagnetic`, or mean it."""
    parts = [re.escape(part) for part in re.split(r"[_\s]+", stem) if part]
    explained = any(re.search(rf"(?<![a-z]){part}\s*[=:]\s*(?:geo)?-?(?:{_MAGNETIC})", header) for part in parts)
    return explained or any(re.match(_MAGNETIC, part) for part in parts)


def looks_like(role: str, name: str) -> bool:
    """Whether an array's name is like that of a role, in any reader."""
    patterns = [roles[role] for _, roles, _ in _ROLES.values() if role in roles]
    return any(re.fullmatch(pattern, bare(name)) for pattern in patterns)


_MEASURED = ("foEs", "foF2", "hEs", "slant_tec", "tec", "eastward_wind", "northward_wind")


def measures(name: str) -> bool:
    """Whether an array's name is that of a quantity, so that it is no time."""
    return any(looks_like(role, name) for role in _MEASURED)


def _roles(arrays: Arrays, patterns: Mapping[str, str]) -> dict[str, str]:
    """Role -> array by its name, else by its long name."""
    found: dict[str, str] = {}
    for role, pattern in patterns.items():
        free = [name for name in arrays.values if name not in found.values()]
        said = {name: bare(arrays.attribute(name, "long_name").split(",")[0]) for name in free}
        named = [name for name in free if re.fullmatch(pattern, bare(name))]
        named += [name for name in free if said[name] and re.fullmatch(pattern, said[name])]
        if named:
            found[role] = named[0]
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
    if any(map(gives_date, options)):
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
