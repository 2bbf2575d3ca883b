"""Counts or density, cm-3 or m-3, and what became of negative values."""

from __future__ import annotations

import math
import re
import warnings
from collections.abc import Sequence

import numpy as np

from metalclouds.ingest.captions import DENSITY_LINES, RELATIVE, gives_unit
from metalclouds.ingest.containers.units import Unit, parse
from metalclouds.ingest.decisions import Context
from metalclouds.ingest.evidence import missing
from metalclouds.ingest.evidence.plausible import layer_bounds
from metalclouds.ingest.evidence.species import is_another, with_symbols


def without_missing(values: np.ndarray, context: Context) -> np.ndarray:
    """Values as floats, NaN for the catalogue's missing value or for numbers that stand for one.

    Parameters
    ----------
    values
        as the file has them, of any dims.

    Returns
    -------
    ndarray
        dims of `values`.
    """
    out = values.astype("float32" if values.dtype.kind == "f" and values.dtype.itemsize <= 4 else float)
    given = context.option("missing")
    if given is not None:
        out[np.isin(out, np.atleast_1d(given).astype(out.dtype))] = np.nan
        return out
    zero = context.remark("zero", "")
    if zero is not None:
        out, count = np.where(out == 0.0, np.nan, out), int((out == 0.0).sum())
        context.decisions.record("missing", "0", f"{count} of {out.size} values are exactly this; {zero}")
    out, left = missing.without_missing(out)
    for number, count in left.items():
        context.decisions.record("missing", f"{number:g}", f"{count} of {out.size} values are exactly this")
    return out


def quantity(values: np.ndarray, words: str, units: str, context: Context) -> str:
    """photon_counts or number_density.

    Parameters
    ----------
    values
        as the file has them, dims (time, altitude).

    Raises
    ------
    UndecidedError
        If neither words nor values tell.
    """
    option = context.option("quantity", ("photon_counts", "number_density"))
    if option is not None:
        return option
    said = f"{words} {units.lower()}"
    if re.search(r"count|photon", said):
        context.decisions.record("quantity", "photon_counts", "name or attributes")
        return "photon_counts"
    if re.search(r"dens|cm-3|cm\^-3|m-3|/cm3|per cubic|number", said):
        context.decisions.record("quantity", "number_density", "name or attributes")
        return "number_density"
    finite = values[np.isfinite(values)]
    if finite.size and ((finite < 0).any() or (finite != np.round(finite)).mean() > 0.05):
        context.decisions.record("quantity", "number_density", "values are negative or not whole numbers")
        return "number_density"
    raise context.undecided(
        "photon counts or density?",
        seen=f"whole numbers from {finite.min() if finite.size else '-'} to {finite.max() if finite.size else '-'}",
        lines=("quantity: photon_counts", "quantity: number_density"),
    )


def density_cm3(
    values: np.ndarray, altitude_km: np.ndarray, words: str, units: str, context: Context
) -> tuple[np.ndarray, float]:
    """Density in cm-3 and the factor that made it, by the stated unit, else by the size of the main layer's peak.

    Parameters
    ----------
    values
        dims (time, altitude), NaN where missing; densities, or their logarithms where the name or the unit says so.
    words, units
        what the file says about them.
    altitude_km
        above sea level, dims (altitude,).

    Returns
    -------
    density, factor
        the factor is NaN for logarithms: an error of a logarithm is not one of the density.

    Raises
    ------
    UndecidedError
        If the size of the layer fits none of the units, or several.
    """
    said = str(context.option("unit") or "")
    if not said:
        _refuse_relative(f"{words} {units}", context)
        said = _unit_said(words, units, context)
    because = "said by the file"
    if not said:
        said, because = _unit_of_record(words, context)
    if not said:
        said = _unit_by_size(values, altitude_km, words, context)
    elif "unit" not in context.options:
        context.decisions.record("density unit", said, because)
        _check_by_size(values, altitude_km, said, context)
    base, factor = _base_and_factor(said, context)
    if base:
        with np.errstate(over="ignore"):
            return np.power(base, values.astype(float)) * factor, np.nan
    return values * values.dtype.type(factor), factor


# Unit -> base of the logarithm that the values are (0: they are none), and factor to cm-3.
_UNITS: dict[str, tuple[float, float]] = {
    "cm-3": (0.0, 1.0),
    "m-3": (0.0, 1e-6),
    "1e3 cm-3": (0.0, 1e3),
    "1e6 cm-3": (0.0, 1e6),
    "log10(cm-3)": (10.0, 1.0),
    "log10(m-3)": (10.0, 1e-6),
    "ln(cm-3)": (math.e, 1.0),
    "ln(m-3)": (math.e, 1e-6),
}
# Some power of ten fits any layer: these are offered, and none is taken because it alone fits.
_ONLY_OFFERED = {"1e3 cm-3", "1e6 cm-3"}
_LOG = re.compile(r"(?<![a-z])(log_?10|lg|log|ln)(?![a-z])|对数|log10")
# No logarithm of a density is larger; a density that is nowhere larger is rare.
_LARGEST_LOG10 = 14.0


def _unit_said(words: str, units: str, context: Context) -> str:
    """The unit that the file states, with the logarithm that its name or unit speaks of; "" where it states none.

    Raises
    ------
    UndecidedError
        If it says `log` and not of which base.
    """
    unit = _per_volume(units) or _unit_word(units) or (_unit_word(words) if gives_unit(words) else "")
    log = _LOG.search(f"{words} {units}".lower())
    if log is None:
        return unit
    inner = re.sub(r"^\s*[a-z]*_?\{?\d*\}?\s*[(\[]?|[)\]]?$", "", unit.lower()) if _is_logarithm(unit) else unit
    if log.group(0) == "log":
        raise context.undecided(
            "the decimal logarithm or the natural one?",
            seen=f"{words[:60]} {units}".strip(),
            lines=tuple({"unit": f"{kind}({inner or 'cm-3'})"} for kind in ("log10", "ln")),
        )
    kind = "ln" if log.group(0) == "ln" else "log10"
    return f"{kind}({inner})" if inner else ""


def _unit_of_record(words: str, context: Context) -> tuple[str, str]:
    """The one unit that the record's descriptions give densities, with the line; "" where they give none or several.

    Lines about other metals alone do not count. Where the file's own name speaks of a logarithm, it is that of the
    described unit.
    """
    lines, _ = context.evidence(DENSITY_LINES) or ([], "")
    species = _species(context)
    own = ((where, line) for where, line in lines if not is_another(with_symbols(line), species))
    found = {unit: (where, line) for where, line in own if (unit := _unit_in_line(line, words))}
    if len(found) != 1:
        return "", ""
    unit, (where, line) = next(iter(found.items()))
    return unit, f"{where}: {line!r}"


def _species(context: Context) -> str:
    return str(context.options.get("species") or context.settings.lidar.species)


def _unit_in_line(line: str, words: str) -> str:
    unit, log = _unit_word(line), _LOG.search(f"{words} {line}".lower())
    if not unit or log is None:
        return unit
    return "" if log.group(0) == "log" else f"{'ln' if log.group(0) == 'ln' else 'log10'}({unit})"


# Left as it stands, it is no unit; `number cm-3` would be one.
_OF_RELATIVE = {"unit": "FACTOR cm-3"}


def _refuse_relative(said: str, context: Context) -> None:
    """Stop at a density that is said to be relative, whatever its size.

    Raises
    ------
    UndecidedError
        Asking what 1 is.
    """
    of_record = context.evidence("relative")
    found = RELATIVE.search(said.lower()) or (of_record and RELATIVE.search(of_record[1].lower()))
    if found:
        raise context.undecided(
            "a relative density: how many cm-3 is 1 of it?",
            seen=f"{found.group(0)!r} in {of_record[1] if of_record else said.strip()[:80]}",
            lines=(_OF_RELATIVE,),
        )


def _is_logarithm(text: str) -> bool:
    """Whether a unit is that of a logarithm."""
    unit = parse(text)
    return unit is not None and bool(unit.logarithm)


def _per_volume(text: str) -> str:
    """The text where it is a unit of density, `10^6 m^-3`; "" where it is none."""
    unit = parse(text)
    return text.strip() if unit is not None and (unit.metre, unit.second) == (-3, 0) else ""


def _base_and_factor(said: str, context: Context) -> tuple[float, float]:
    unit = parse(said)
    if unit is None or (unit.metre, unit.second) != (-3, 0) or unit.logarithm not in ("", "log10", "ln"):
        raise context.undecided(
            f"{said} is not a known unit of density", seen=said, lines=tuple({"unit": one} for one in _UNITS)
        )
    base = {"": 0.0, "log10": 10.0, "ln": math.e}[unit.logarithm]
    return base, unit.factor_to(_CM3)


def factor_to_cm3(unit: str) -> float:
    """Factor of a unit of density to cm-3; NaN for what is none, and for logarithms.

    Examples
    --------
    >>> factor_to_cm3("m-3"), factor_to_cm3("10^3 cm-3"), factor_to_cm3("km")
    (1e-06, 1000.0, nan)
    """
    parsed = parse(unit)
    if parsed is None or (parsed.metre, parsed.second, parsed.logarithm) != (-3, 0, ""):
        return float("nan")
    return parsed.factor_to(_CM3)


def _check_by_size(values: np.ndarray, altitude_km: np.ndarray, said: str, context: Context) -> None:
    """A stated unit in which the main layer is impossible, while it is usual in another, is a contradiction."""
    bounds = layer_bounds(_species(context), context.settings)
    base, factor = _base_and_factor(said, context)
    lidar = context.settings.lidar
    inside = (altitude_km >= lidar.layer_bottom_km) & (altitude_km <= lidar.layer_top_km)
    peak = _mean_peak(values[:, inside], base, factor)
    if bounds is None or not np.isfinite(peak) or bounds.peak.holds(peak):
        return
    others = [unit for unit, (b, f) in _UNITS.items() if bounds.peak.holds(_mean_peak(values[:, inside], b, f))]
    if others:
        raise context.undecided(
            "density in which unit?",
            seen=f"the file says {said}, in which the mean peak of the main layer is {peak:.3g} cm-3",
            lines=(*({"unit": unit} for unit in (said, *others)), *_no_other_way(others)),
        )


_CM3 = Unit(1e6, -3, 0)


def _unit_by_size(values: np.ndarray, altitude_km: np.ndarray, words: str, context: Context) -> str:
    """The one unit in which the main layer's mean peak is that of the species.

    Raises
    ------
    UndecidedError
        If none fits, several do, or one that is only offered.
    """
    lidar = context.settings.lidar
    inside = (altitude_km >= lidar.layer_bottom_km) & (altitude_km <= lidar.layer_top_km)
    tried = _units_to_try(values, words)
    bounds = layer_bounds(_species(context), context.settings)
    peaks = {unit: _mean_peak(values[:, inside], *_UNITS[unit]) for unit in tried}
    fits = [unit for unit, peak in peaks.items() if bounds is not None and bounds.peak.holds(peak)]
    if len(fits) != 1 or fits[0] in _ONLY_OFFERED:
        seen = ", ".join(f"read as {unit} {peak:.3g} cm-3" for unit, peak in peaks.items())
        if _like_logarithms(values, altitude_km, context):
            seen += "; beyond the layer is nearly as much as in it: logarithms, or a background left in"
        plain = (*({"unit": unit} for unit in tried if unit not in _ONLY_OFFERED), _OF_RELATIVE)
        raise context.undecided(
            "density in which unit?",
            seen=f"mean peak of the main layer: {seen}",
            lines=(*({"unit": unit} for unit in fits), *_no_other_way(fits)) or plain,
        )
    assert bounds is not None
    others = ", ".join(f"{unit} {peak:.3g}" for unit, peak in peaks.items() if unit != fits[0])
    context.decisions.record(
        "density unit",
        fits[0],
        f"the mean peak of the main layer is {peaks[fits[0]]:.3g} cm-3, within {bounds.peak.low:g} to "
        f"{bounds.peak.high:g}; excluded: {others}",
    )
    return fits[0]


def _units_to_try(values: np.ndarray, words: str) -> list[str]:
    """Units that the numbers may have: decimal logarithms where the name says so, beside others where they may be."""
    log = bool(_LOG.search(words.lower()))
    small = bool(np.isfinite(values).any()) and float(np.nanmax(values)) <= _LARGEST_LOG10
    return [
        unit
        for unit, (base, factor) in _UNITS.items()
        if base != math.e and ((log or (small and _can_be_log10(values, factor))) if base else not log)
    ]


def _no_other_way(fits: Sequence[str]) -> tuple[dict[str, str], ...]:
    """A line for any other factor, which no trial can exclude, beside units that are only offered."""
    return (_OF_RELATIVE,) if _ONLY_OFFERED & set(fits) else ()


# Powers of ten below which hardly any density in cm-3 is measured, and the share of values that may be lower.
_LOWEST_LOG10, _LOWER_SHARE = -2.0, 0.05


def _can_be_log10(values: np.ndarray, factor: float) -> bool:
    """Whether all of a night can be decimal logarithms of densities: linear noise lies around 0 and does not."""
    finite = values[np.isfinite(values)]
    return bool((finite < _LOWEST_LOG10 - math.log10(factor)).mean() <= _LOWER_SHARE)


# A layer's flanks have less than this share of its peak.
_FLANK = 0.3


def _like_logarithms(values: np.ndarray, altitude_km: np.ndarray, context: Context) -> bool:
    """Whether altitudes beyond the main layer have nearly as much as the layer, as logarithms or a background do."""
    lidar, peak = context.settings.lidar, _mean_peak(values, 0.0, 1.0)
    beyond = (altitude_km < lidar.layer_bottom_km) | (altitude_km > lidar.layer_top_km)
    outside = values[:, beyond][np.isfinite(values[:, beyond])]
    return bool(outside.size) and float(np.quantile(outside, 0.05)) > _FLANK * peak


def _mean_peak(values: np.ndarray, base: float, factor: float) -> float:
    """Largest value of the mean profile in cm-3; NaN where there is none."""
    if not values.size:
        return float("nan")
    with warnings.catch_warnings(), np.errstate(over="ignore", invalid="ignore"):
        warnings.simplefilter("ignore", RuntimeWarning)
        linear = np.power(base, values.astype(float)) if base else values.astype(float)
        return float(np.nanmax(np.nanmean(linear, axis=0)) * factor)


# A power of ten, or another factor, in front of a unit within a text.
_FACTOR = re.compile(
    r"(?<![\w.])(?:[x×*]\s*)?(?:(10)\s*(?:\^|\*\*)\s*\{?\(?([-+]?\d{1,2})\)?\}?|(1e[-+]?\d{1,2}|10+(?:\.0)?))\s*[x×*·]?\s*"
    r"(?=[#/(\[]*\s*(?:cm|m|/\s*cm|/\s*m|per)\b)",
)


def _factor_in(words: str) -> str:
    """The factor that stands before the unit in a text, `1e3`; "" where there is none."""
    text = re.sub(r"10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)", r"10^\1", words.lower()).translate(_SUPERSCRIPTS)
    match = _FACTOR.search(text)
    if match is None:
        return ""
    if match.group(1) and match.group(2):
        return f"1e{int(match.group(2))}"
    factor = float(match.group(3) or match.group(1))
    return "" if factor == 1.0 else f"{factor:g}"


_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻−–", "0123456789---")
# What is counted, in front of the volume: molec m-3 is no mole cm-3.
_COUNTED = re.compile(r"\b(?:molec(?:ules?)?|atoms?|ions?|particles?|number|nos?)\b\.?", re.IGNORECASE)


def _unit_word(units: str) -> str:
    found = _volume_word(_COUNTED.sub(" ", units))
    factor = _factor_in(units) if found else ""
    return f"{factor} {found}" if factor else found


def _volume_word(units: str) -> str:
    text = re.sub(r"[\s{}()\[\]$]", "", units.lower()).replace("−", "-").replace("⁻³", "-3")
    if re.search(r"cm-3|cm\^-3|/cm\^?3|cm\*\*-3|percm3|percubiccent", text):
        return "cm-3"
    return "m-3" if re.search(r"(^|[^ck])m-3|(^|[^ck])m\^-3|/m\^?3|(^|[^c])m\*\*-3|percubicmet", text) else ""


def negatives(values: np.ndarray) -> tuple[str, str]:
    """Fate of the negative half of the noise: kept, lost_nan or lost_zero, and the evidence.

    Parameters
    ----------
    values
        density, dims (time, altitude).
    """
    finite = np.isfinite(values)
    if (values[finite] < 0).any():
        return "kept", f"{100 * float((values[finite] < 0).mean()):.1f} % of the values are negative"
    zero = float((values[finite] == 0).mean()) if finite.any() else 0.0
    if zero > 0.1 and zero > 1 - float(finite.mean()):
        return "lost_zero", f"no value is negative and {100 * zero:.1f} % are exactly 0"
    return "lost_nan", f"no value is negative and {100 * (1 - float(finite.mean())):.1f} % are missing"
