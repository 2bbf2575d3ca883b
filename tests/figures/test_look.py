"""What every figure must be: lettered, labelled, marked, legible, and the same each time."""

from __future__ import annotations

import dataclasses
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import fake_run
import numpy as np
import pytest
from conftest import NAMES, SETTINGS
from matplotlib.colors import LogNorm
from matplotlib.text import Text

from metalclouds.figures import style
from metalclouds.figures.inputs import Missing

LETTERS = {"figure1": "abcdef", "figure2": "abcdefghijkl", "figure3": "abcdefghijklmn", "figure4": "abc",
           "figure5": "abcd", "figure6": "ab"}  # fmt: skip
LABELS = {
    "figure1": {"altitude (km)", "UT (h)", "LT (UT + 8 h)", "Ca$^+$ density (cm$^{-3}$)"},
    "figure2": {"vertical TEC (TECU)"},
    "figure3": {"foEs (MHz)", "UT (h)", "LT (UT + 8 h)", "frequency (MHz)", "virtual height (km)"},
    "figure4": {"nights", "occurrence rate (%)", "altitude (km)", "Ca$^+$ density (cm$^{-3}$)", "month"},
    "figure5": {
        "altitude (km)",
        "density of NRLMSISE-00 (kg m$^{-3}$)",
        "scale height (km)",
        "wind at 250 km (m s$^{-1}$)",
    },
    "figure6": {"altitude (km)", "neutral density\n(kg m$^{-3}$)"},
}


def _drawn_texts(figure, monkeypatch) -> list[tuple[str, object]]:
    """Each text that the renderer really draws, with its box."""
    found = []
    draw = Text.draw

    def record(self, renderer, *arguments, **options):
        if self.get_visible() and self.get_text().strip():
            found.append((self.get_text(), Text.get_window_extent(self, renderer)))
        return draw(self, renderer, *arguments, **options)

    with monkeypatch.context() as patch:
        patch.setattr(Text, "draw", record)
        figure.canvas.draw()
    return found


def _texts(figure) -> set[str]:
    return {text.get_text() for text in figure.findobj(Text)}


@pytest.mark.parametrize("name", NAMES)
def test_panels_are_lettered(figures, name):
    found = [text[1] for text in _texts(figures[name]) if re.fullmatch(r"\([a-z]\)", text)]
    assert "".join(sorted(found)) == LETTERS[name]


@pytest.mark.parametrize("name", NAMES)
def test_axes_carry_quantity_and_unit(figures, name):
    assert LABELS[name] <= _texts(figures[name])


@pytest.mark.parametrize("name", NAMES)
def test_simulated_data_are_marked(figures, name):
    assert any("SYNTHETIC" in text for text in _texts(figures[name]))


@pytest.mark.parametrize("name", NAMES)
def test_widths_are_those_of_the_journal(figures, name):
    width = figures[name].get_figwidth() * style.CM_PER_INCH
    assert min(abs(width - allowed) for allowed in (8.3, 12.0, 17.7)) < 1e-6


def _outside(figure, texts) -> list[str]:
    """Texts that leave the paper by more than a pixel."""
    width, height = figure.bbox.width, figure.bbox.height
    return [t for t, box in texts if box.x0 < -1 or box.y0 < -1 or box.x1 > width + 1 or box.y1 > height + 1]


def _overlapping(texts) -> list[tuple[str, str]]:
    """Pairs of texts whose boxes share more than a pixel or so, which descenders may."""
    return [
        (first, second)
        for number, (first, a) in enumerate(texts)
        for second, b in texts[number + 1 :]
        if min(a.x1, b.x1) - max(a.x0, b.x0) > 1.0 and min(a.y1, b.y1) - max(a.y0, b.y0) > 1.5
    ]


@pytest.mark.parametrize("name", NAMES)
def test_no_text_overlaps_another_or_leaves_the_figure(figures, name, monkeypatch):
    texts = _drawn_texts(figures[name], monkeypatch)
    assert _outside(figures[name], texts) == []
    assert _overlapping(texts) == []


@pytest.mark.parametrize("font_pt", [7.0, 9.0])
@pytest.mark.parametrize("name", NAMES)
def test_nor_at_the_ends_of_the_range_of_fonts(loaded, name, font_pt, monkeypatch):
    module, data = loaded[name]
    figure = module.draw(data, SETTINGS.model_copy(update={"font_pt": font_pt}))
    texts = _drawn_texts(figure, monkeypatch)
    assert _outside(figure, texts) == []
    assert _overlapping(texts) == []


@pytest.mark.parametrize(
    ("absent", "name"),
    [("lidar", "figure1"), ("tec", "figure2"), ("ionosonde", "figure3"), ("lidar", "figure5"), ("fpi", "figure5")],
)
def test_nor_where_an_instrument_is_missing(without, loaded, absent, name, monkeypatch):
    module, _ = loaded[name]
    figure = module.draw(module.load(without(absent), fake_run.CASES, SETTINGS), SETTINGS)
    texts = _drawn_texts(figure, monkeypatch)
    assert _outside(figure, texts) == []
    assert _overlapping(texts) == []


def test_no_text_is_smaller_than_print_can_show(figures):
    """Six points: what the journals of Copernicus still print; small numbers and superscripts included."""
    small = {(name, t.get_text()) for name in NAMES for t in figures[name].findobj(Text) if t.get_fontsize() < 6.0}
    assert small == set()


def test_the_maps_of_figure2_tell_the_excess_at_the_lidar(loaded):
    """The series of the made-up run: none near the first map, then from -0.04 (rounds to zero) to -12."""
    module, data = loaded["figure2"]
    figure = module.draw(data, SETTINGS)
    found = [t.get_text() for ax in figure.axes for t in ax.texts if "TECU" in t.get_text()]
    assert len(found) == 11
    assert found[0] == "lidar: +0.0 ± 0.1 TECU"
    assert found[-1] == "lidar: −12.0 ± 0.1 TECU"


def test_the_images_of_figure1_share_one_logarithmic_scale(figures):
    norms = {id(image.norm) for ax in figures["figure1"].axes for image in ax.images}
    drawn = [image.norm for ax in figures["figure1"].axes for image in ax.images]
    assert len(drawn) == 6
    assert len(norms) == 1
    assert isinstance(drawn[0], LogNorm)


def test_the_maps_of_figure2_share_one_scale(figures):
    meshes = [c for ax in figures["figure2"].axes for c in ax.collections if c.__class__.__name__ == "QuadMesh"]
    maps = [mesh for mesh in meshes if mesh.get_array().size > 1000]
    assert len(maps) == 12
    assert len({mesh.norm.vmax for mesh in maps}) == 1


DRAW = """
import sys, importlib
sys.path.insert(0, sys.argv[1])
import fake_run
from metalclouds.figures import style
from metalclouds.figures.settings import FiguresSettings
settings = FiguresSettings(dpi=72)
for number in range(1, 7):
    module = importlib.import_module(f"metalclouds.figures.figure{number}")
    figure = module.draw(module.load(sys.argv[2], fake_run.CASES, settings), settings)
    style.save(figure, f"figure{number}.png", "figure5.pdf" if number == 5 else None, settings)
"""


@pytest.mark.slow
def test_same_bytes_from_another_process_in_another_folder(loaded, run_dir, tmp_path):
    """Against what this process draws: other hash seed, folder, working directory and order of imports."""
    moved = shutil.copytree(run_dir, tmp_path / "elsewhere" / "run")
    there = tmp_path / "there"
    there.mkdir()
    here = str(Path(__file__).parent)
    environment = {**os.environ, "PYTHONHASHSEED": "11", "SOURCE_DATE_EPOCH": "0"}
    subprocess.run(
        [sys.executable, "-c", DRAW, here, str(moved)], cwd=there, env=environment, check=True, timeout=120
    )
    for name, (module, data) in loaded.items():
        pdf = tmp_path / "figure5.pdf" if name == "figure5" else None
        style.save(module.draw(data, SETTINGS), tmp_path / f"{name}.png", pdf, SETTINGS)
    for name in [*(f"{name}.png" for name in NAMES), "figure5.pdf"]:
        assert (tmp_path / name).read_bytes() == (there / name).read_bytes(), name


def test_pdf_has_no_date_and_embeds_truetype_fonts(loaded, tmp_path):
    module, data = loaded["figure6"]
    style.save(module.draw(data, SETTINGS), tmp_path / "a.png", tmp_path / "a.pdf", SETTINGS)
    content = (tmp_path / "a.pdf").read_bytes()
    assert b"CreationDate" not in content
    assert b"/FontFile2" in content
    assert b"Software" not in (tmp_path / "a.png").read_bytes()


MISSING = [
    ("lidar", "figure1", "no lidar data"), ("lidar", "figure4", "no lidar data"),
    ("lidar", "figure5", "no lidar data"), ("lidar", "figure6", "no stripes"),
    ("tec", "figure2", "no TEC"), ("ionosonde", "figure3", "no ionosonde data"),
    ("fpi", "figure5", "no FPI wind"), ("lidar", "figure3", "no sequence"),
]  # fmt: skip


@pytest.mark.parametrize(("absent", "name", "words"), MISSING)
def test_a_missing_instrument_is_named_in_its_panels_and_the_rest_is_drawn(without, loaded, absent, name, words):
    module, _ = loaded[name]
    data = module.load(without(absent), fake_run.CASES, SETTINGS)
    figure = module.draw(data, SETTINGS)
    figure.draw_without_rendering()
    shown = " ".join(" ".join(text.split()) for text in _texts(figure))
    assert words in shown
    if "no sequence" not in words:
        assert "the test took it away" in shown
        assert "an archive of its own" in shown
        assert "the test took it away" in module.caption(data, SETTINGS)
    module.plotted(data)
    module.numbers(data)


@pytest.mark.parametrize(("absent", "name"), [("tec", "figure2"), ("ionosonde", "figure3"), ("lidar", "figure6")])
def test_a_figure_without_anything_to_show_takes_a_line(without, loaded, absent, name):
    module, _ = loaded[name]
    figure = module.draw(module.load(without(absent), fake_run.CASES, SETTINGS), SETTINGS)
    assert len(figure.axes) == 1
    assert figure.get_figheight() * 2.54 < 2.0


NOTHING = Missing("nothing", "the test took it away")


def _labelled(figure) -> dict[str, tuple[bool, bool]]:
    """Panel letter -> whether it has tick labels below and at its left."""
    figure.draw_without_rendering()
    found = {}
    for ax in figure.axes:
        letter = next((t.get_text()[1] for t in ax.texts if re.fullmatch(r"\([a-z]\)", t.get_text())), None)
        if letter:
            found[letter] = tuple(
                any(t.get_text() and t.get_visible() for t in axis.get_ticklabels()) and not missing
                for axis in (ax.xaxis, ax.yaxis)
                for missing in [ax.get_gid() == style.MISSING]
            )
    return found


def test_labels_of_maps_stand_at_the_outermost_map_there_is(loaded):
    module, data = loaded["figure2"]
    maps = data.maps.assign_coords(panel=np.arange(12))
    maps["time"] = maps["time"].where(~maps["panel"].isin([0, 4, 10, 11]))
    found = _labelled(module.draw(dataclasses.replace(data, maps=maps), SETTINGS))
    assert {letter for letter, (below, _) in found.items() if below} == set("jhi")
    assert {letter for letter, (_, left) in found.items() if left} == set("bdgj")


def test_an_ionogram_among_missing_ones_and_bars_above_missing_ones_keep_their_labels(loaded):
    module, data = loaded["figure3"]
    nights = [dataclasses.replace(one, soundings=one.soundings.iloc[:0]) for one in data.nights[2:]]
    ionograms = [one if one.letter == "g" else dataclasses.replace(one, missing=NOTHING) for one in data.ionograms]
    part = dataclasses.replace(data, nights=[*data.nights[:2], *nights], ionograms=ionograms)
    found = _labelled(module.draw(part, SETTINGS))
    assert {letter for letter, labels in found.items() if labels == (True, True)} == set("abg")
    assert {"UT (h)", "LT (UT + 8 h)", "foEs (MHz)", "virtual height (km)"} <= _texts(module.draw(part, SETTINGS))


def test_a_panel_names_a_place_without_its_doi_and_the_caption_with_it():
    place = "an archive (doi:10.1234/archive.5678901234), by request; elsewhere coarser"
    missing = Missing("no TEC", "none on 2031-02-03", place)
    assert missing.short(20).split() == [
        "no",
        "TEC:",
        "none",
        "on",
        "2031-02-03",
        "—",
        "an",
        "archive,",
        "by",
        "request",
    ]
    assert all(len(line) <= 20 for line in missing.short(20).splitlines())
    assert place in missing.text()


def test_the_curves_of_figure4_break_at_a_month_without_nights(loaded):
    module, data = loaded["figure4"]
    monthly = data.monthly.copy()
    monthly.loc[monthly["month"] == 5, ["column_density_cm2", "column_low_cm2", "column_high_cm2"]] = np.nan
    figure = module.draw(dataclasses.replace(data, monthly=monthly), SETTINGS)
    assert np.isnan(figure.axes[1].lines[0].get_ydata()[4])


def test_altitudes_of_figure4_are_those_of_the_settings(loaded):
    module, data = loaded["figure4"]
    figure = module.draw(data, SETTINGS.model_copy(update={"month_altitude_km": (90.0, 111.0)}))
    assert figure.axes[2].get_ylim() == (90.0, 111.0)


def test_overlays_can_be_switched_off(loaded):
    module, data = loaded["figure1"]
    bare = module.draw(data, SETTINGS.model_copy(update={"overlays": False}))
    assert sum(len(ax.lines) for ax in bare.axes if ax.images) == 0
    full = module.draw(data, SETTINGS)
    stripes = sum(len(case.stripes) for case in data.nights)
    assert sum(len(ax.lines) for ax in full.axes if ax.images) == stripes + 2 * len(data.nights)


def test_real_panels_of_a_simulated_run_are_not_called_synthetic(figures):
    title = next(text for text in _texts(figures["figure5"]) if "SYNTHETIC" in text)
    assert "panels b and d" in title


def test_figure6_is_to_scale(figures):
    figure = figures["figure6"]
    figure.draw_without_rendering()
    drawing = figure.axes[1]
    box = drawing.get_window_extent()
    across = np.diff(drawing.get_xlim())[0] / box.width
    upwards = np.diff(drawing.get_ylim())[0] / box.height
    assert across == pytest.approx(upwards, rel=1e-6)
