"""Write a figure with all that belongs to it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import pandas as pd
import xarray as xr
from matplotlib.figure import Figure

from metalclouds import __version__, io
from metalclouds.figures import style
from metalclouds.figures.settings import FiguresSettings
from metalclouds.schema.documents import FigureRecord
from metalclouds.schema.results import RESULT_TABLES


def publish(
    module: ModuleType,
    data: Any,
    figure: Figure,
    settings: FiguresSettings,
    cases: Sequence[dict],
    png: str | Path,
    pdf: str | Path,
) -> str:
    """Write PNG, PDF, caption, the plotted numbers, and what they were made from.

    Beside figureN.png stand figureN.caption.txt, figureN.csv or figureN.nc, and figureN.json with the version, the
    sha256 of each input and of the settings. All have the same bytes for the same inputs. A module with a function
    `plain` also leaves figureN_plain.png, without overlays.

    Returns
    -------
    str
        The caption.
    """
    name = module.__name__.rsplit(".", 1)[-1]
    style.save(figure, png, pdf, settings)
    if hasattr(module, "plain"):
        style.save(module.plain(data, settings), plain_path(png), None, settings)
    text = module.caption(data, settings)
    with io.replacing(Path(png).with_suffix(".caption.txt")) as temporary:
        temporary.write_text(text + "\n", encoding="utf-8")
    plotted = module.plotted(data)
    target = Path(png).with_suffix(".nc" if isinstance(plotted, xr.Dataset) else ".csv")
    _write_numbers(target, plotted, data, text, table=f"{module.__name__.rpartition('.')[2]}.csv")
    options = json.dumps([settings.model_dump(mode="json"), list(cases)], sort_keys=True)
    made = hashlib.sha256(options.encode()).hexdigest()
    record = FigureRecord(name, text, target.name, data.inputs, __version__, made, is_synthetic(data))
    record.write(Path(png).with_suffix(".json"))
    return text


def plain_path(png: str | Path) -> Path:
    """Where the picture without overlays stands, beside the annotated one."""
    return Path(png).with_name(f"{Path(png).stem}_plain.png")


def is_synthetic(data: Any) -> bool:
    """Whether any panel was made from simulated data."""
    return any(bool(getattr(data, name, False)) for name in ("synthetic", "synthetic_lidar", "synthetic_wind"))


def _write_numbers(target: Path, plotted: pd.DataFrame | xr.Dataset, data: Any, text: str, table: str) -> None:
    if isinstance(plotted, pd.DataFrame):
        RESULT_TABLES[table].write(target, plotted)
        return
    inputs = {name.replace("/", "-"): digest for name, digest in data.inputs.items()}
    attributes = io.provenance(
        title=f"Numbers plotted in {target.stem}", source=text, synthetic=is_synthetic(data), inputs=inputs
    )
    io.write_netcdf(target, plotted.drop_attrs(deep=False).assign_attrs(attributes))
