"""Makes docs/pictures/: `python docs/make_pictures.py`. A simulated night, taken through the library as anybody's."""

from __future__ import annotations

import tempfile
from pathlib import Path

import matplotlib
import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure

import metalclouds
from metalclouds.cli import main as metalclouds_command
from metalclouds.detect.night import DetectedNight
from metalclouds.figures import style
from metalclouds.figures.inputs import hours_of_night
from metalclouds.figures.settings import FiguresSettings
from metalclouds.ingest import read_any
from metalclouds.ingest.settings import IngestSettings
from metalclouds.physics.settings import TrailSettings
from metalclouds.physics.trail import sampling_of, with_angles
from metalclouds.physics.wind import wind_from

OUT = Path(__file__).with_name("pictures")
# The simulated record is of the paper's stations.
PAPERS = IngestSettings(assume_station=True)
NIGHT = "2021-05-10"
SITE = {"latitude": 40.4, "longitude": 116.0, "altitude_km": 0.5}
SETTINGS = FiguresSettings.model_validate({"dpi": 100})
WIDTH_CM, HEIGHT_CM = 17.0, 7.5
# The flags of the mask: clear, cloud, stripe, no data.
MASK_COLOURS = ListedColormap(["#FFFFFF", "#E8A33D", "#1F6FB2", "#BBBBBB"])
# Of the emissions of the interferometer, that at 250 km.
EMISSION_NM = 630.0
# Above the clouds a profile holds the background alone.
DARK_BOTTOM_KM = 280.0

MARKERS = {"value": "o", "upper_limit": "v", "lower_limit": "^"}


def simulated(folder: Path) -> tuple[xr.Dataset, pd.DataFrame]:
    """A night of the simulated lidar, and the wind of that night, read from the record as anybody's files are."""
    record = folder / "record"
    metalclouds_command(["twin", "--nights", NIGHT, "--out", str(record), "--truth", str(folder / "truth")])
    night = metalclouds.open_nights(record / "Ca_ion_lidar_cases.zip", site=SITE)[0]
    winds = next(one for one in read_any(record / "FPI_Xinglong_2021.zip", PAPERS) if one.attrs["night"] == NIGHT)
    return night, winds.sel(
        emission=abs(winds["emission_wavelength"] - EMISSION_NM).argmin("emission")
    ).to_dataframe()


def axes(figure: Figure, xlabel: str = "UT (h)", ylabel: str = "altitude (km)") -> Axes:
    """The one panel of a figure."""
    ax = figure.subplots()
    ax.set_xlabel(xlabel)
    ax.set_ylabel(ylabel)
    return ax


def hours(dataset: xr.Dataset) -> np.ndarray:
    """Hours since the midnight of the night's date."""
    return hours_of_night(dataset["time"].values, NIGHT)


def save(figure: Figure, name: str) -> None:
    """Write a picture, marked as simulated."""
    style.mark_synthetic(figure)
    style.save(figure, OUT / f"{name}.png", None, SETTINGS)


def counts(night: xr.Dataset) -> None:
    """What the lidar gives: photon counts, the background of the sky and of the detector with them."""
    figure = style.new_figure(WIDTH_CM, HEIGHT_CM)
    ax = axes(figure)
    rows = night["photon_counts"].coarsen(altitude=15, boundary="trim").sum()
    dark = rows.sel(altitude=slice(DARK_BOTTOM_KM, None)).values
    low, high = np.median(dark) - 2 * dark.std(), np.median(dark) + 10 * dark.std()
    drawn = ax.pcolormesh(hours(night), rows["altitude"], rows.T, vmin=low, vmax=high, rasterized=True)
    figure.colorbar(drawn, ax=ax, label="photons in 33 s and 1.44 km", extend="both")
    save(figure, "step_counts")


def significance(found: DetectedNight) -> None:
    """How far each cell stands above the background, in standard deviations."""
    figure = style.new_figure(WIDTH_CM, HEIGHT_CM)
    ax = axes(figure)
    shown = found.dataset["significance"]
    drawn = ax.pcolormesh(hours(found.dataset), shown["altitude"], shown.T, vmin=-3, vmax=8, cmap="cividis",
                          rasterized=True)  # fmt: skip
    figure.colorbar(drawn, ax=ax, label="standard deviations", extend="both")
    save(figure, "step_significance")


def mask(found: DetectedNight) -> None:
    """What each cell is called."""
    figure = style.new_figure(WIDTH_CM, HEIGHT_CM)
    ax = axes(figure)
    shown = found.dataset["mic_mask"]
    drawn = ax.pcolormesh(hours(found.dataset), shown["altitude"], shown.T, vmin=-0.5, vmax=3.5, cmap=MASK_COLOURS,
                          rasterized=True)  # fmt: skip
    bar = figure.colorbar(drawn, ax=ax, ticks=range(4))
    bar.ax.set_yticklabels(["clear", "cloud", "stripe", "no data"])
    save(figure, "step_mask")


def lines(night: xr.Dataset, found: DetectedNight) -> None:
    """The stripes of the hour that has most, drawn over the significance."""
    middle = hours_of_night(found.stripes["time_bottom"], NIGHT)
    start = max(
        np.arange(middle.min(), middle.max(), 0.1), key=lambda hour: ((middle >= hour) & (middle < hour + 1)).sum()
    )
    figure = style.new_figure(WIDTH_CM, HEIGHT_CM)
    ax = axes(figure)
    shown = found.dataset["significance"]
    ax.pcolormesh(hours(found.dataset), shown["altitude"], shown.T, vmin=-3, vmax=8, cmap="Greys", rasterized=True)
    ends = [hours_of_night(found.stripes[name], NIGHT) for name in ("time_bottom", "time_top")]
    ax.plot(ends, [found.stripes["bottom_km"], found.stripes["top_km"]], color="#C8102E", linewidth=1.2)
    ax.set_xlim(start - 0.05, start + 1.05)
    save(figure, "step_stripes")


def along(found: DetectedNight) -> None:
    """Width and density along the brightest stripe."""
    best = found.stripes.loc[found.stripes["significance"].idxmax(), "id"]
    rows = found.stripe_profiles[found.stripe_profiles["id"] == best]
    figure = style.new_figure(WIDTH_CM, HEIGHT_CM)
    left, right = figure.subplots(1, 2, sharey=True)
    options = {"fmt": ".", "markersize": 3, "linewidth": 0.7, "color": "#1F6FB2"}
    left.errorbar(rows["width_s"], rows["altitude_km"], xerr=rows["width_sigma_s"], **options)
    left.set_xlabel("width (s)")
    left.set_ylabel("altitude (km)")
    right.errorbar(rows["peak_density_cm3"], rows["altitude_km"], xerr=rows["peak_density_sigma_cm3"], **options)
    right.set_xlabel("peak density (cm$^{-3}$)")
    save(figure, "step_along")


def angles(found: DetectedNight, winds: pd.DataFrame) -> None:
    """Zenith angle of each stripe for the wind at 250 km, with its interval; limits as arrows."""
    table = with_angles(found.stripes, wind_from(winds.reset_index()), sampling_of(found.night), TrailSettings())
    figure = style.new_figure(WIDTH_CM, HEIGHT_CM)
    ax = axes(figure, ylabel="zenith angle (degrees)")
    for kind, marker in MARKERS.items():
        rows = table[table["beta_kind"] == kind]
        if not len(rows):
            continue
        words = f"{kind.replace('_', ' ')} ({len(rows)})"
        low = rows["beta_deg"] - rows["beta_low_deg"] if kind != "upper_limit" else 0 * rows["beta_deg"]
        high = rows["beta_high_deg"] - rows["beta_deg"] if kind != "lower_limit" else 0 * rows["beta_deg"]
        ax.errorbar(hours_of_night(rows["time_bottom"], NIGHT), rows["beta_deg"], yerr=[low.abs(), high.abs()],
                    fmt=marker, markersize=4, linewidth=0.8, label=words)  # fmt: skip
    ax.set_ylim(bottom=0)
    ax.legend()
    save(figure, "step_angles")


def main() -> None:
    """All pictures."""
    matplotlib.use("agg")
    OUT.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        night, winds = simulated(Path(folder))
    found = metalclouds.detect(night)
    style.save(metalclouds.plot_night(night, found, SETTINGS), OUT / "night.png", None, SETTINGS)
    with style.journal(SETTINGS):
        counts(night)
        significance(found)
        mask(found)
        lines(night, found)
        along(found)
        angles(found, winds)


if __name__ == "__main__":
    main()
