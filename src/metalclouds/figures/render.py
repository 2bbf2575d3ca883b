"""Run a figure's notebook, and write a figure with all that belongs to it."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
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

# A kernel that does not answer within this time is given up, s.
START_TIMEOUT_S = 60


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
    sha256 of each input and of the settings. All have the same bytes for the same inputs.

    Returns
    -------
    str
        The caption.
    """
    name = module.__name__.rsplit(".", 1)[-1]
    style.save(figure, png, pdf, settings)
    text = module.caption(data, settings)
    with io.replacing(Path(png).with_suffix(".caption.txt")) as temporary:
        temporary.write_text(text + "\n", encoding="utf-8")
    plotted = module.plotted(data)
    target = Path(png).with_suffix(".nc" if isinstance(plotted, xr.Dataset) else ".csv")
    _write_numbers(target, plotted, data, text)
    options = json.dumps([settings.model_dump(mode="json"), list(cases)], sort_keys=True)
    io.write_json(Path(png).with_suffix(".json"), {
        "figure": name, "caption": text, "numbers": target.name, "inputs": data.inputs, "version": __version__,
        "settings_sha256": hashlib.sha256(options.encode()).hexdigest(), "synthetic": is_synthetic(data),
    })  # fmt: skip
    return text


def is_synthetic(data: Any) -> bool:
    """Whether any panel was made from simulated data."""
    return any(bool(getattr(data, name, False)) for name in ("synthetic", "synthetic_lidar", "synthetic_wind"))


def _write_numbers(target: Path, plotted: pd.DataFrame | xr.Dataset, data: Any, text: str) -> None:
    if isinstance(plotted, pd.DataFrame):
        io.write_csv(target, plotted)
        return
    inputs = {name.replace("/", "-"): digest for name, digest in data.inputs.items()}
    attributes = io.provenance(
        title=f"Numbers plotted in {target.stem}", source=text, synthetic=is_synthetic(data), inputs=inputs
    )
    io.write_netcdf(target, plotted.drop_attrs(deep=False).assign_attrs(attributes))


def execute(notebook: str | Path, parameters: dict, out_dir: str | Path, name: str, failed: str | Path) -> None:
    """Run a notebook with papermill; leave OUT_DIR/NAME.ipynb and .html, and what the notebook itself writes.

    Parameters
    ----------
    parameters
        values of the cell tagged `parameters`; `png` and `pdf` are added.
    failed
        where the notebook is kept, with its error, if a cell fails.

    Raises
    ------
    papermill.exceptions.PapermillExecutionError
        If a cell fails.
    """
    # So that a python3 kernel of the user's own does not shadow the environment's.
    os.environ.setdefault("JUPYTER_PREFER_ENV_PATH", "1")
    import papermill

    out = Path(out_dir)
    out.mkdir(parents=True, exist_ok=True)
    values = {**parameters, "png": str(out / f"{name}.png"), "pdf": str(out / f"{name}.pdf")}
    with io.replacing(out / f"{name}.ipynb") as temporary:
        running = temporary.with_suffix(".ipynb")
        try:
            papermill.execute_notebook(
                str(notebook), str(running), parameters=values, kernel_name="python3", progress_bar=False,
                log_output=False, start_timeout=START_TIMEOUT_S,
            )  # fmt: skip
            running.replace(temporary)
        except BaseException:
            _keep(running, Path(failed))
            raise
        finally:
            running.unlink(missing_ok=True)
    export_html(out / f"{name}.ipynb", out / f"{name}.html")


def _keep(notebook: Path, failed: Path) -> None:
    if notebook.is_file():
        failed.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(notebook, failed)


def export_html(notebook: Path, html: Path) -> None:
    """A page of an executed notebook that opens from disk and asks no other machine for anything."""
    from nbconvert import HTMLExporter

    exporter = HTMLExporter(
        template_name="lab", mathjax_url="", require_js_url="", jquery_url="", widget_renderer_url="",
        jupyter_widgets_base_url="", mermaid_js_url="", embed_images=True,
    )  # fmt: skip
    body, _ = exporter.from_filename(str(notebook))
    with io.replacing(html) as temporary:
        temporary.write_text(body, encoding="utf-8")
