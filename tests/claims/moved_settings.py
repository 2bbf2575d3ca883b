"""Whether a claim's value follows a number of detection or derivation one to one: then it measures that number.

    python -m tests.claims.moved_settings results/validate/settings.json RUN [WORD ...]

RUN is the folder of a run whose case nights are detected anew, with every altitude, time and threshold of detection
(settings and method) and of the feet of stripes moved by a little, up, and down where a value seems to follow. WORDs
pick numbers by parts of their names. A value follows if it moves by the step both ways, give or take a tenth;
one without a unit by the number's own ratio. About ten seconds of computing a number.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
import pandas as pd
import xarray as xr

from metalclouds import io
from metalclouds.claims.measures import measure
from metalclouds.claims.model import Data, NotFound, Unavailable, load_claims
from metalclouds.claims.run import DERIVE_TABLES, DETECT_TABLES, read_tables
from metalclouds.claims.settings import ClaimsSettings
from metalclouds.claims.statistics import nearest
from metalclouds.derive.settings import FootSettings
from metalclouds.derive.stripe_feet import feet_and_maxima
from metalclouds.detect import night as detection
from metalclouds.detect.batch import TABLES, joined, tables_of
from metalclouds.detect.method import Method, method_with
from metalclouds.detect.settings import DetectSettings
from tests.claims.campaign import CASES, CLAIMS

PANELS = ("c", "d", "f")
FOLLOWS = (0.9, 1.1)
STEPS = {"_km": 2.0, "_minutes": 2.0}
# An altitude or a time is moved by its step, but by no more than this share of itself.
MOST_SHARE = 0.25
THRESHOLDS, FACTOR = ("_sigma", "_share"), 1.1
# A value in these units moves with a number whose name ends so; the factor takes the value to the number's unit.
COMPARABLE = {"_km": {"km": 1.0}, "_minutes": {"h UT": 60.0, "min": 1.0}}
Values = dict[str, float]


@dataclass(frozen=True)
class Moved:
    """One number moved: its name, ending, step (a difference, or a ratio of thresholds), and what detects with it."""

    name: str
    ending: str
    step: float
    method: Method
    feet: FootSettings


def base_method() -> Method:
    return method_with(DetectSettings())


def numbers() -> Iterator[tuple[str, str, float | tuple]]:
    """Place, name and value of every altitude, time and threshold."""
    whole = base_method()
    for part in fields(whole):
        own = getattr(whole, part.name)
        names = DetectSettings.model_fields if isinstance(own, DetectSettings) else [one.name for one in fields(own)]
        yield from ((part.name, name, getattr(own, name)) for name in names)
    yield from (("feet", name, getattr(FootSettings(), name)) for name in FootSettings.model_fields)


def moved(place: str, name: str, value: Any, sign: int) -> Moved | None:
    """A number moved up (1) or down (-1); None for what is neither altitude, time nor threshold."""
    for ending in (*STEPS, *THRESHOLDS):
        if not name.endswith(ending) or isinstance(value, bool) or not isinstance(value, (int, float, tuple)):
            continue
        numbers_of = value if isinstance(value, tuple) else (value,)
        little = min([STEPS.get(ending, 0.0), *(MOST_SHARE * abs(one) for one in numbers_of if one)])
        step = sign * little if ending in STEPS else FACTOR**sign
        changed = tuple(one + step if ending in STEPS else one * step for one in numbers_of)
        new = changed if isinstance(value, tuple) else changed[0]
        whole = base_method()
        if place == "feet":
            return Moved(f"feet.{name}", ending, step, whole, FootSettings().model_copy(update={name: new}))
        own = getattr(whole, place)
        other = own.model_copy(update={name: new}) if isinstance(own, DetectSettings) else replace(own, **{name: new})
        return Moved(f"{place}.{name}", ending, step, replace(whole, **{place: other}), FootSettings())
    return None


def detected(lidars: list[xr.Dataset], method: Method) -> tuple[dict[str, pd.DataFrame], dict[str, xr.Dataset]]:
    """Tables of detection and the masks of some nights."""
    with mock.patch.object(detection, "method_with", return_value=method):
        found = [detection.detect_night(lidar, DetectSettings()) for lidar in lidars]
    tables = {f"detect_{name}": joined([tables_of(one)[name] for one in found], TABLES[name]) for name in TABLES}
    return tables, {str(one.dataset.attrs["night"]): one.dataset for one in found}


class Judge:
    """Values of all parts of all claims with other numbers; what was not detected anew comes from the run."""

    def __init__(self, run: Path) -> None:
        # What is made anew is not read.
        kept = [name for name in DERIVE_TABLES if name not in ("stripe_feet", "layer_maxima")]
        files = [run / "derive" / f"{name}.csv" for name in kept]
        files += [run / "detect" / f"{name}.csv" for name in DETECT_TABLES]
        self.tables = read_tables([file for file in files if file.exists()])
        self.lidars = [io.read_netcdf(run / f"ingest/lidar/cases/{CASES[panel]}.nc") for panel in PANELS]
        self.known: dict[Method, tuple] = {}

    def values(self, one: Moved) -> Values:
        if one.method not in self.known:
            self.known = {one.method: detected(self.lidars, one.method)}
        tables, masks = self.known[one.method]
        pairs = [(lidar, masks[str(lidar.attrs["night"])]) for lidar in self.lidars]
        feet, maxima = feet_and_maxima(pairs, tables["detect_stripes"], one.feet)
        data = Data(self.tables | tables | {"stripe_feet": feet, "layer_maxima": maxima}, CASES,
                    ClaimsSettings(draws=200), masks)  # fmt: skip
        return values_of(data)


def values_of(data: Data) -> Values:
    """ "claim: part" -> the value that is judged, where there is one."""
    found = {}
    for claim in load_claims(CLAIMS).claims:
        for part in claim.parts:
            try:
                result = measure(part.measure)(data, **part.arguments)
            except Unavailable:
                continue
            if not isinstance(result, NotFound):
                found[f"{claim.id}: {part.name} ({part.unit})"] = nearest(result, *part.expected.bounds).value
    return found


def follows(one: Moved, before: Values, after: Values) -> dict[str, float]:
    """Values that move as a number does -> their movement over its own."""
    found = {}
    for name in before.keys() & after.keys():
        unit = name.rsplit("(", 1)[1].rstrip(")")
        if one.ending in COMPARABLE and unit in COMPARABLE[one.ending]:
            ratio = (after[name] - before[name]) * COMPARABLE[one.ending][unit] / one.step
        elif one.ending in THRESHOLDS and before[name] > 0 and after[name] > 0:
            ratio = float(np.log(after[name] / before[name]) / np.log(one.step))
        else:
            continue
        if FOLLOWS[0] <= abs(ratio) <= FOLLOWS[1]:
            found[name] = ratio
    return found


def of_grid(claims: Path) -> list[dict[str, Any]]:
    """The same of the run's own sensitivity grid, which moves settings of derive: rows as those of `main`.

    Parameters
    ----------
    claims
        folder of the run with sensitivity.json and sensitivity.csv.
    """
    table = pd.read_csv(claims / "sensitivity.csv")
    own = table[table["base"]].set_index("claim")
    rows = []
    for setting in json.loads((claims / "sensitivity.json").read_text(encoding="utf-8"))["settings"]:
        name, base = setting["setting"], setting["base"]
        ending = next((one for one in (*STEPS, *THRESHOLDS) if name.endswith(one)), None)
        if ending is None or not isinstance(base, (int, float)):
            continue
        tried = table[table["setting"] == name]
        ratios: dict[str, list[float]] = {}
        for row in tried.itertuples():
            value = float(row.setting_value)
            step = value - base if ending in STEPS else value / base
            label = f"{row.claim}: deciding part ({row.unit})"
            pair = {label: float(own.loc[row.claim, "value"])}, {label: float(row.value)}
            moved_by = follows(Moved(name, ending, step, base_method(), FootSettings()), *pair)
            ratios.setdefault(label, []).append(moved_by.get(label, 0.0))
        found = {
            label: own_ratios[0] for label, own_ratios in ratios.items() if min(own_ratios) * max(own_ratios) > 0.0
        }
        rows.append({"number": name, "follows": found, "passed": not found})
    return rows


def main(out: str, run: str, words: tuple[str, ...] = ()) -> int:
    """Move every number; 1 if a value follows one."""
    judge, rows = Judge(Path(run)), of_grid(Path(run) / "claims")
    first = judge.values(Moved("none", "", 0.0, base_method(), FootSettings()))
    for place, name, value in sorted(numbers(), key=lambda item: item[0] != "feet"):
        up, down = (moved(place, name, value, sign) for sign in (1, -1))
        if up is None or down is None or (words and not any(word in up.name for word in words)):
            continue
        found: Mapping[str, float] = follows(up, first, judge.values(up))
        if found:
            both = follows(down, first, judge.values(down))
            found = {claim: ratio for claim, ratio in found.items() if both.get(claim, 0.0) * ratio > 0.0}
        rows.append({"number": up.name, "follows": dict(sorted(found.items())), "passed": not found})
        print(rows[-1], flush=True)
    io.write_json(out, {"numbers": rows})
    return int(not all(row["passed"] for row in rows))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2], tuple(sys.argv[3:])))
