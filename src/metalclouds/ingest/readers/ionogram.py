"""Ionograms as netCDF or other arrays: amplitude by frequency and height, one sounding or many."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import xarray as xr

from metalclouds.errors import ReadError
from metalclouds.ingest.containers import Arrays, load
from metalclouds.ingest.decisions import Context
from metalclouds.ingest.evidence.place import at_its_station, stated_in
from metalclouds.ingest.evidence.time import time_axis
from metalclouds.ingest.readers.columns import find
from metalclouds.ingest.source import Member

_NAMES = {
    "ordinary": r"power_?o(_?mode)?|amplitude_?o|o_?mode|ordinary|echo_amplitude",
    "extraordinary": r"power_?x(_?mode)?|amplitude_?x|x_?mode|extraordinary|echo_amplitude_x",
    "both": r"power|amplitude|snr|mpa",
    "frequency": r"freq(uency)?|f",
    "height": r"range|height|virtual_?height|altitude|h",
    "time": r"time|ionogram_time|epoch|datenum",
}


def read(members: Sequence[Member], context: Context) -> xr.Dataset:
    """Ionograms of one file.

    Returns
    -------
    Dataset
        `echo_amplitude` (and `echo_amplitude_x` where the file separates the waves), uint8 dB, 0 = no echo, dims
        (ionogram_time, frequency, virtual_height); MHz, km, times UTC.

    Raises
    ------
    ReadError, UndecidedError
        If an axis is missing, or the file does not say whether heights are virtual heights or the way there and back.
    """
    arrays = load(members[0])
    found = find(arrays, _NAMES, context)
    images: dict[str, str] = {key: found[key] for key in ("ordinary", "extraordinary", "both") if key in found}
    if not images or "frequency" not in found or "height" not in found:
        raise ReadError(
            "not an ionogram: amplitude, frequency or height is missing",
            file=members[0].full_name,
            given=", ".join(arrays.values),
        )
    frequency, height = _frequency(arrays, found["frequency"], context), _height(arrays, found["height"], context)
    times = _times(arrays, found.get("time"), frequency.size, context)
    keep = (height >= 0.0) & np.isfinite(height)
    out = xr.Dataset(coords={"ionogram_time": times, "frequency": frequency, "virtual_height": height[keep]})
    for key, name in _chosen(images, context).items():
        image = _oriented(arrays, name, times.size, frequency.size, height.size, context)[:, :, keep]
        out[key] = (("ionogram_time", "frequency", "virtual_height"), _decibels(image))
    out.attrs |= at_its_station(context, stated_in(arrays), needed=False).site.attributes()
    if "foEs_limit_MHz" in arrays.attributes_of_file:
        out.attrs["foEs_limit_MHz"] = float(arrays.attributes_of_file["foEs_limit_MHz"])
    return out.sortby(["ionogram_time", "frequency", "virtual_height"])


def _chosen(images: dict[str, str], context: Context) -> dict[str, str]:
    if "ordinary" in images:
        pairs = {"echo_amplitude": images["ordinary"], "echo_amplitude_x": images.get("extraordinary")}
        return {key: name for key, name in pairs.items() if name}
    context.decisions.record(
        "polarisation", "both waves in echo_amplitude", f"{images.get('both')} does not separate them"
    )
    return {"echo_amplitude": images.get("both") or images["extraordinary"]}


def _frequency(arrays: Arrays, name: str, context: Context) -> np.ndarray:
    values, units = arrays.values[name].astype(float), arrays.attribute(name, "units").lower()
    factor = {"mhz": 1.0, "khz": 1e-3, "hz": 1e-6}.get(units)
    if factor is None:
        top = float(np.nanmax(values))
        factor = 1.0 if top < 100.0 else 1e-3 if top < 1e5 else 1e-6
        context.decisions.record(
            "frequency unit", {1.0: "MHz", 1e-3: "kHz", 1e-6: "Hz"}[factor], f"the axis ends at {top:g}"
        )
    return np.round(values * factor, 6)


def _height(arrays: Arrays, name: str, context: Context) -> np.ndarray:
    """Virtual height: half the way of the wave, which is what some files hold.

    Option `height_offset_km` of the catalogue is added: second hops that do not lie at twice the height of the first
    show that an instrument's zero is off.
    """
    values = arrays.values[name].astype(float)
    if arrays.attribute(name, "units").lower() in ("m", "meters", "metres"):
        values = values * 1e-3
    meaning, words = context.option("range_is", ("virtual_height", "group_path")), arrays.words(name)
    if meaning is None and re.search(r"virtual|half", words):
        meaning = "virtual_height"
        context.decisions.record("range", meaning, "the file says so")
    elif meaning is None and re.search(r"group path|group delay", words):
        meaning = "group_path"
        context.decisions.record("range", "group path, halved", f"the file says: {words}")
    elif meaning is None and re.search(r"height|altitude", name.lower()):
        meaning = "virtual_height"
        context.decisions.record("range", meaning, f"name {name}")
    if meaning is None:
        raise context.undecided(
            "virtual height, or the way there and back?",
            seen=f"{name} from {values[0]:g} to {values[-1]:g}",
            lines=("range_is: virtual_height", "range_is: group_path"),
        )
    offset = float(context.option("height_offset_km") or 0.0)
    return np.round(values * (0.5 if meaning == "group_path" else 1.0) + offset, 6)


def _times(arrays: Arrays, name: str | None, frequencies: int, context: Context) -> np.ndarray:
    """Times of the soundings; where each frequency has its time, the sounding gets the first."""
    if name is None:
        raise context.undecided(
            "the time of the ionogram", seen=", ".join(arrays.values), lines=("variables: {time: NAME}",)
        )
    values = np.atleast_1d(arrays.values[name])
    one = Arrays(arrays.kind, {name: values}, arrays.attributes, {}, arrays.attributes_of_file)
    times = time_axis(one, name, values.size, context, works_by_night=False)
    if arrays.dims.get(name, ()) == ("frequency",) and values.size == frequencies:
        context.decisions.record("time", "start of the sounding", "each frequency has a time of its own")
        return np.array([np.nanmin(times)])
    return times


def _oriented(arrays: Arrays, name: str, times: int, frequencies: int, heights: int, context: Context) -> np.ndarray:
    image = arrays.values[name]
    image = image[None] if image.ndim == 2 else image
    wanted = (times, frequencies, heights)
    if image.shape == wanted:
        return image
    for order in ((0, 2, 1), (2, 1, 0), (2, 0, 1), (1, 2, 0), (1, 0, 2)):
        if tuple(image.shape[axis] for axis in order) == wanted:
            context.decisions.record("orientation", f"axes {order}", f"lengths {image.shape}")
            return image.transpose(order)
    raise ReadError(
        "the image does not fit its axes", file=context.file, where=name, rule=f"{wanted}", given=image.shape
    )


def _decibels(image: np.ndarray) -> np.ndarray:
    return np.clip(np.rint(np.nan_to_num(image.astype("float32"), nan=0.0)), 0, 255).astype(np.uint8)
