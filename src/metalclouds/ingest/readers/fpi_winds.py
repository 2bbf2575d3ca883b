"""Winds that a source gives by component: `Mw` meridional, `Zw` zonal, and the like, in MATLAB files and columns."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import xarray as xr

from metalclouds.ingest.containers import Arrays, load
from metalclouds.ingest.decisions import LARGEST_LOSS, Context
from metalclouds.ingest.evidence.flags import BAD, GOOD, HEDGED, flag_legend
from metalclouds.ingest.evidence.missing import POSSIBLE
from metalclouds.ingest.evidence.place import at_its_station, stated_in
from metalclouds.ingest.evidence.said import Statement, good_flag_said, statements
from metalclouds.ingest.evidence.time import time_axis
from metalclouds.ingest.readers.columns import Wanted, bare, find, in_unit, known, numbers, refuse_losses
from metalclouds.ingest.readers.fpi_looks import wavelengths
from metalclouds.ingest.readers.monthly import unrolled
from metalclouds.ingest.readers.parts import for_part, refuse_repeated
from metalclouds.ingest.readers.wind_rows import as_rows, numbers_in_words
from metalclouds.ingest.readers.wind_signs import signs
from metalclouds.ingest.source import Member

# A letter alone or beside the word wind, with the altitude that it is of: `U`, `u_wind`, `V250`, `风速U`.
_LETTER = r"(wind_?|风速)?{letter}(_?(wind|风速?))?(_?\d{{2,3}}(km)?)?"
_COLUMNS = {
    "northward_wind": _LETTER.format(letter="v")
    + r"|mw|v_?north|merid(ional)?(_?wind)?|(north|south|equator|pole)ward(_?wind)?|vn2|mer(_?wind)?"
    r"|(经向|南北)风速?",
    "eastward_wind": _LETTER.format(letter="u")
    + r"|zw|v_?east|zonal(_?wind)?|(east|west)ward(_?wind)?|vn1|zon(_?wind)?|(纬向|东西)风速?",
    "northward_wind_error": r"dmw|(σ|sigma_?)v|(meridional|v|mw)_?(wind_?)?(err(or)?|sigma)|northward_wind_error|dvn2"
    r"|d_?v",
    "eastward_wind_error": r"dzw|(σ|sigma_?)u|(zonal|u|zw)_?(wind_?)?(err(or)?|sigma)|eastward_wind_error|dvn1|d_?u",
    "wavelength": r"wavlen|wavelength|wvlen|wl|emission(_?line)?|(spectral_?)?line|lambda|filter|波长",
    "flag": r"((data|winds?|q|qc|qual(ity)?|clouds?|sky|obs(ervation)?)_?){0,2}flags?|q[cf]?|标志|质量(标志)?"
    r"|((data|winds?|sky)_?)?quality(_?(index|code|control))?",
    "altitude": r"alt|altitude|g(eo)?d?alt|height|高度",
}
_LEGEND = {
    "northward_wind": r"meridional|northward|southward|经向|南北向",
    "eastward_wind": r"zonal|eastward|westward|纬向|东西向",
}
_WIND = Wanted("m s-1", ("m/s",), (0.0, 300.0), offered=("m/s", "cm/s", "km/h"))
# Where only the altitude of the airglow is said: the red line shines at 250 km, the green one near 97 km, OH at 87.
_LINE_OF_ALTITUDE = {(200.0, 300.0): 630.0, (94.0, 100.0): 557.7, (84.0, 90.0): 892.0}


def read(members: Sequence[Member], context: Context) -> xr.Dataset:
    """Winds of one file, dim `sample`: `sample_time` (UTC), components and errors in m s-1, `wavelength`, `quality`.

    Returns
    -------
    Dataset
        dim sample.

    Raises
    ------
    ReadError
        If a component is missing.
    """
    arrays = load(members[0])
    if not arrays.parts or context.option("date") is not None:
        return _of_arrays(arrays, members[0], context)
    parts = {title: _of_arrays(part, members[0], for_part(title, context)) for title, part in arrays.parts.items()}
    refuse_repeated({title: part["sample_time"].values for title, part in parts.items()}, members[0].full_name)
    context.decisions.record("parts", f"{len(parts)} read each by itself", ", ".join(arrays.parts))
    return xr.concat(parts.values(), "sample")


def _of_arrays(arrays: Arrays, member: Member, context: Context) -> xr.Dataset:
    context = at_its_station(context, stated_in(arrays), needed=False)
    whole = unrolled(arrays, context)
    arrays = _with_components(whole, context)
    has_components = arrays is whole
    arrays = as_rows(arrays, lambda some: find(some, _COLUMNS, context), context)
    found = _with_legend(find(arrays, _COLUMNS, context), arrays, context)
    if missing := [role for role in ("northward_wind", "eastward_wind") if role not in found]:
        # What the names say already stands in the line, so that it is not proposed for the other one.
        roles = {role: found.get(role, "NAME") for role in ("northward_wind", "eastward_wind")}
        raise context.undecided(
            "a component of the wind is missing",
            seen=f"no {' and no '.join(missing)} among {', '.join(arrays.values)}",
            lines=({"variables": roles},),
        )
    length = arrays.values[found["eastward_wind"]].size
    columns = {role: numbers(arrays, name) for role, name in found.items()}
    if "wavelength" in found:
        columns["wavelength"] = numbers_in_words(arrays.values[found["wavelength"]])
        if np.isnan(columns["wavelength"]).mean() > LARGEST_LOSS:
            context.decisions.record("wavelength", "not used", f"{found['wavelength']} names no emission")
            del columns["wavelength"]
    empty = np.full(length, np.nan)
    out = {}
    words = _words_in_both(columns["northward_wind"], columns["eastward_wind"])
    for role in list(_COLUMNS)[:4]:
        out[role] = _wind(arrays, found[role], role, words, context) if role in found else empty
    # Components made of speed and direction have their sign.
    for role, sign in (signs(arrays, found, context) if has_components else {}).items():
        out[role] = sign * out[role]
    out["sample_time"] = time_axis(arrays, None, length, context, works_by_night=True)
    _refuse_many_at_one_time(out, columns, arrays, context)
    altitude = np.broadcast_to(columns.get("altitude", empty), (length,))
    out["wavelength"] = _lines(arrays, columns, altitude, member, context)
    out["emission_altitude"] = altitude
    good = _good_flag(found.get("flag"), columns.get("flag", empty), out, statements(arrays, context), context)
    out["quality"] = np.where(columns.get("flag", np.full(length, good)) == good, 0.0, 2.0)
    _note_what_is_not_used(arrays, found, out, good, context)
    context.decisions.record(
        "wind", ", ".join(f"{role}={name}" for role, name in found.items()), "names of the columns"
    )
    rows = xr.Dataset({name: ("sample", np.asarray(value)) for name, value in out.items()})
    return rows.assign_attrs(context.site.attributes())


def _refuse_many_at_one_time(
    out: Mapping[str, np.ndarray], columns: Mapping[str, np.ndarray], arrays: Arrays, context: Context
) -> None:
    """Stop where times repeat and nothing tells the winds apart: two emissions would be averaged.

    Raises
    ------
    UndecidedError
        Asking what does.
    """
    if "wavelength" in columns or "altitude" in columns:
        return
    known = np.isfinite(out["eastward_wind"]) & ~np.isnat(out["sample_time"])
    times, count = out["sample_time"][known], int(known.sum())
    twice = count - np.unique(times).size
    if count and twice > LARGEST_LOSS * count:
        raise context.undecided(
            "several winds at one time: what tells them apart?",
            seen=f"{twice} of {count} times occur before; {', '.join(arrays.values)}",
            lines=("variables: {wavelength: NAME}", "variables: {altitude: NAME}"),
        )


_POLAR = {
    "speed": r"(wind_?)?(speed|velocity)|ws|wspd|风速",
    "direction": r"(wind_?)?(dir|direction|azimuth)|wd|wdir|风向",
}
_TOWARDS = re.compile(
    r"(blows?|flows?|directed|moves?|pointing|direction)[\s_]*(is[\s_]*)?(in)?to(wards?)?(?![a-z])|去向"
)
_FROM = re.compile(r"(blows?|comes?|coming|direction)[\s_]*(is[\s_]*)?from(?![a-z])|meteorological|来向")


def _with_components(arrays: Arrays, context: Context) -> Arrays:
    """Eastward and northward wind where a file gives its speed and direction; other content unchanged.

    Raises
    ------
    UndecidedError
        If nothing says whether the direction is where the wind blows to, or where it comes from.
    """
    found = find(arrays, _POLAR, context)
    if len(found) < len(_POLAR) or find(arrays, {role: _COLUMNS[role] for role in _LEGEND}, context):
        return arrays
    sign = _sign_of_direction(arrays, found["direction"], context)
    speed, angle = (numbers(arrays, found[role]) for role in ("speed", "direction"))
    radians = np.radians(known(angle, found["direction"], context))
    speed = in_unit(known(speed, found["speed"], context), arrays, found["speed"], "speed", _WIND, context)
    attributes = {**arrays.attributes, **{name: {"units": "m/s"} for name in _LEGEND}}
    components = {"eastward_wind": sign * speed * np.sin(radians), "northward_wind": sign * speed * np.cos(radians)}
    return replace(arrays, values={**arrays.values, **components}, attributes=attributes)


def _sign_of_direction(arrays: Arrays, name: str, context: Context) -> float:
    """1 where the direction is where the wind blows to, -1 where it comes from."""
    option = context.option("wind_direction", ("to", "from"))
    said = f"{arrays.words(name)} {arrays.attributes_of_file.get('header', '')}".lower()
    if option is None and bool(_TOWARDS.search(said)) != bool(_FROM.search(said)):
        option = "to" if _TOWARDS.search(said) else "from"
        context.decisions.record("wind direction", option, "the file says so")
    if option is None:
        raise context.undecided(
            "is the direction where the wind blows to, or where it comes from?",
            seen=f"column {name}, clockwise from north",
            lines=("wind_direction: to", "wind_direction: from"),
            where=name,
        )
    return 1.0 if option == "to" else -1.0


def _with_legend(found: dict[str, str], arrays: Arrays, context: Context) -> dict[str, str]:
    """Columns of the components as the file's header explains them: `Vz zonal (+E), Vm meridional (+N)`.

    Their errors are the columns of the same names with a sign for an error before or behind.
    """
    header, out = _explanations(arrays), dict(found)
    given = context.option("variables") or {}
    for role, words in _LEGEND.items():
        explained = [
            name
            for name in arrays.values
            if re.search(rf"(?<!\w){re.escape(name)}\s*(?:[:=-]|is)?\s*(?:{words})", header, re.IGNORECASE)
        ]
        if len(explained) == 1 and role not in given:
            out[role] = explained[0]
            context.decisions.record(f"column of {role}", explained[0], "the header explains it so")
        errors = [name for name in arrays.values if role in out and _is_error_of(name, out[role])]
        if len(errors) == 1 and f"{role}_error" not in given:
            out[f"{role}_error"] = errors[0]
    if "flag" not in out and "flag" not in given:
        free = [name for name in arrays.numeric() if name not in out.values()]
        said = [Statement(line, f"header: {line!r}") for line in header.splitlines()]
        flags = [name for name in free if len(flag_legend(name, said)) > 1]
        if len(flags) == 1:
            out["flag"] = flags[0]
            context.decisions.record("column of flag", flags[0], "the header explains its values")
    return out


# Names of which 0 is good where nothing explains the values, as most sources have it.
_PLAIN_FLAG = re.compile(r"((data|winds?|q|qc|quality)_?){0,2}flags?|q[cf]|标志|质量标志")
_LARGEST_FLAG = 9.0


def _good_flag(
    name: str | None, flag: np.ndarray, winds: Mapping[str, np.ndarray], said: Sequence[Statement], context: Context
) -> float:
    """The value of the flag of good winds: the catalogue's; the one that the file calls so; of two values that which
    no sample without a wind has; for a plain flag 0.

    Raises
    ------
    UndecidedError
        If none or two values are called good, the values are no flag's, or nothing explains the values of a column
        that is no plain flag, or 0 leaves out most winds.
    """
    given = context.option("good_flag")
    if given is not None or name is None:
        return float(given or 0.0)
    empty = np.isnan(winds["eastward_wind"]) & np.isnan(winds["northward_wind"])
    kinds, bad = (np.unique(flag[some & np.isfinite(flag)]) for some in (~empty, empty))
    legend = flag_legend(name, said)
    if (kinds != np.round(kinds)).any() or ((kinds > _LARGEST_FLAG) & ~np.isin(kinds, list(legend))).any():
        seen = f"values of {name} from {kinds.min():g} to {kinds.max():g} are no flag's"
        raise _asked_for_good(name, seen, [kinds.max(), kinds.min()], context)
    if legend:
        return _good_of_legend(name, legend, kinds, context)
    if (told := good_flag_said(said, context)) is not None:
        return told
    if np.union1d(kinds, bad).tolist() == [0.0, 1.0] and bad.tolist() == [0.0]:
        context.decisions.record("good flag", "1", f"{int(empty.sum())} samples without a wind all have 0")
        return 1.0
    lost = int((flag[~empty] != 0.0).sum())
    if lost > _MOST_FLAGGED * (~empty).sum() or not _PLAIN_FLAG.fullmatch(bare(name)):
        seen = f"{lost} of {int((~empty).sum())} winds have no 0 of {name}, and nothing explains it"
        raise _asked_for_good(name, seen, [0.0, *kinds[kinds != 0.0]], context)
    return 0.0


def _good_of_legend(name: str, legend: Mapping[float, str], kinds: np.ndarray, context: Context) -> float:
    """The value that a legend calls good, or the only other one where it explains the bad ones alone."""
    good = [value for value, words in legend.items() if GOOD.search(words) and not HEDGED.search(words)]
    if not good and all(BAD.search(words) for words in legend.values()):
        good = [float(value) for value in kinds if value not in legend]
    said = f"{name}: " + ", ".join(f"{value:g} {words}" for value, words in legend.items())
    if len(good) != 1:
        raise _asked_for_good(name, said, good or list(legend), context)
    context.decisions.record("good flag", f"{good[0]:g}", said)
    return good[0]


def _asked_for_good(name: str, seen: str, values: Sequence[float], context: Context) -> Exception:
    of_two = list(values) == [0.0, 1.0]
    question = "is a flag of 0 or of 1 a good wind?" if of_two else f"which value of {name} has a good wind?"
    lines = tuple(f"good_flag: {value:g}" for value in values)
    return context.undecided(question, seen=seen, lines=lines, where=name)


# More winds than this share are seldom bad.
_MOST_FLAGGED = 0.5


def _explanations(arrays: Arrays) -> str:
    """The header without the row of the names: there the names of two columns stand side by side."""
    lines = str(arrays.attributes_of_file.get("header", "")).splitlines()
    names = [re.sub(r"_\d+$", "", name) for name in arrays.values]
    # The date of a time that stands as a date and a clock has no name of its own.
    names = [name for name in names if name != "date"]
    return "\n".join(line for line in lines if not all(name in line for name in names))


# A sign of an error before or behind the name of what it is of, or of its first three letters or more: `dzon`.
_ERROR = re.compile(
    r"(?:d|e|err_?|error_?|sig_?|sigma_?|std_?|unc_?|σ_?)(?P<behind>.+)"
    r"|(?P<before>.+?)_?(?:err|error|sig|sigma|std|sd|unc|uncertainty)"
)
_SHORTEST_STEM = 3


def _is_error_of(name: str, owner: str) -> bool:
    match, whole = _ERROR.fullmatch(bare(name)), bare(owner)
    if match is None or name == owner:
        return False
    stem = match["behind"] or match["before"]
    return stem == whole or (len(stem) >= _SHORTEST_STEM and whole.startswith(stem))


_OF_TIME = re.compile(r"date|time|year|month|day|doy|hour|min|sec|clock|^(ut|utc|lt|hh|mm|ss)|[日时年月]", re.I)


def _note_what_is_not_used(
    arrays: Arrays, found: Mapping[str, str], out: Mapping[str, np.ndarray], good: float, context: Context
) -> None:
    """Record how many winds the flag leaves out, and columns of numbers that have no role."""
    winds = np.isfinite(out["eastward_wind"]) | np.isfinite(out["northward_wind"])
    if bad := int((winds & (out["quality"] != 0.0)).sum()):
        context.decisions.record("winds left out", f"{bad} of {int(winds.sum())}", f"{found['flag']} is not {good:g}")
    rest = [
        name
        for name in arrays.numeric()
        if name not in found.values() and not _OF_TIME.search(bare(name)) and arrays.values[name].size == winds.size
    ]
    if rest:
        context.decisions.record("columns not used", ", ".join(rest), "their names say nothing that is read")


def _words_in_both(north: np.ndarray, east: np.ndarray) -> np.ndarray:
    """Samples whose components are one and the same number for missing: by chance they never are."""
    return (north == east) & np.isin(north, POSSIBLE)


def _wind(arrays: Arrays, name: str, role: str, words: np.ndarray, context: Context) -> np.ndarray:
    values = numbers(arrays, name)
    if "missing" not in context.options and words.any():
        context.decisions.record("missing", f"{values[words][0]:g}", f"{int(words.sum())} samples, both components")
        values = np.where(words, np.nan, values)
    # A wind of -1 m/s is a wind, also where all others blow the other way.
    small = (values == -1.0) & ("missing" not in context.options)
    values = np.where(small, -1.0, known(np.where(small, np.nan, values), name, context))
    refuse_losses(arrays, name, context)
    return in_unit(values, arrays, name, role, _WIND, context)


def _lines(
    arrays: Arrays, columns: dict[str, np.ndarray], altitude: np.ndarray, member: Member, context: Context
) -> np.ndarray:
    """Emission of each sample: a column, the altitude that the file gives, its header or name, or the catalogue."""
    if "wavelength" not in columns and "wavelength" not in context.options and np.isfinite(altitude).any():
        kilometres = altitude / 1e3 if np.nanmedian(altitude) > 1e4 else altitude
        lines = np.full(altitude.size, np.nan)
        for (low, high), nm in _LINE_OF_ALTITUDE.items():
            lines[(kilometres >= low) & (kilometres <= high)] = nm
        if np.isfinite(lines[np.isfinite(altitude)]).all():
            low, high = float(np.nanmin(kilometres)), float(np.nanmax(kilometres))
            span = f"{low:g} km" if low == high else f"{low:g} to {high:g} km"
            said = ", ".join(f"{nm:g}" for nm in np.unique(lines[np.isfinite(lines)]))
            context.decisions.record("emission", f"{said} nm", f"the file gives an altitude of {span}")
            return lines
    return np.broadcast_to(wavelengths(arrays, columns, altitude.size, member, context), (altitude.size,))
