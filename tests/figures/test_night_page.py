"""The interactive page of a night: what it stores, what it says, and that a browser draws and reads it."""

from __future__ import annotations

import base64
import html
import json
import re
import shutil
import subprocess
import zlib

import fake_run
import numpy as np
import pandas as pd
import pytest
from conftest import SETTINGS
from matplotlib.colors import LogNorm

from metalclouds import io
from metalclouds.figures import night_page, style
from metalclouds.figures.night_page import Level, Scale, beta_words, build, colours, joined

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
NIGHT = fake_run.CASES[1]["night"]


@pytest.fixture(scope="module")
def folder(run_dir, tmp_path_factory):
    out = tmp_path_factory.mktemp("pages")
    build(run_dir, fake_run.CASES[:2], SETTINGS.model_dump(mode="json"), out)
    return out


def _state(text: str) -> dict:
    return json.loads(re.search(r'<script type="application/json" id="data">(.*?)</script>', text, re.S).group(1))


def _densities(state: dict, number: int) -> np.ndarray:
    """Density of a level as the page stores it, (altitude, time), NaN where it says nothing."""
    level = state["levels"][number]
    codes = np.frombuffer(zlib.decompress(base64.b64decode(level["data"])), "uint8").astype(float)
    codes = codes.reshape(level["rows"], len(level["starts"]))
    return np.where(codes >= 2, state["low"] * state["ratio"] ** (codes - 2), np.nan)


def test_codes_are_steps_of_equal_ratio():
    # 253 steps over 2.53 decades: a hundredth of a decade each
    scale = Scale(1.0, 10**2.53)
    assert scale.ratio == pytest.approx(10**0.01)
    given = np.array([np.nan, -5.0, 0.0, 0.99, 1.0, 10.0, 10**2.53, 1e9])
    assert scale.codes(given).tolist() == [0, 1, 1, 1, 2, 102, 255, 255]


def test_colours_are_those_of_figure1():
    norm = LogNorm(1.0, 100.0)
    table = colours(Scale(1.0, 100.0 * 10**0.53), norm, SETTINGS)
    assert len(table) == 256
    expected = [255.0 * value for value in style.colour_map(SETTINGS.colour_map)(norm(10.0))[:3]]
    assert list(bytes.fromhex(table[102][1:])) == pytest.approx(expected, abs=2.5)
    assert table[1] == style.BELOW_FLOOR


def test_joined_bins_are_means_and_their_noise_falls_with_the_root():
    density = np.array([[1.0, np.nan], [3.0, np.nan], [5.0, 8.0], [7.0, np.nan], [9.0, 9.0]])
    level = Level("", np.arange(2.0), np.arange(1.0, 3.0), 80.0, 0.5, density, np.full(5, 2.0))
    out = joined(level, 2)
    np.testing.assert_allclose(out.density, [[2.0, np.nan], [6.0, 8.0]])
    np.testing.assert_allclose(out.error, 2.0 / np.sqrt(2.0))
    assert (out.bottom_km, out.step_km) == (80.0, 1.0)


@pytest.mark.parametrize(
    ("kind", "words"),
    [("value", "7.7° (6.7 to 8.8)"), ("lower_limit", "at least 7.7° (from 6.7)"),
     ("upper_limit", "at most 7.7° (up to 8.8)"), ("no_wind", "no wind")],
)  # fmt: skip
def test_words_for_beta(kind, words):
    row = {"beta_deg": 7.71, "beta_low_deg": 6.69, "beta_high_deg": 8.76, "beta_kind": kind}
    assert beta_words(pd.Series(row)) == words


def test_the_overview_holds_the_cells_of_figure1(folder, loaded):
    state = _state((folder / f"night_{NIGHT}.html").read_text(encoding="utf-8"))
    _, data = loaded["figure1"]
    image = data.nights[1].image.density
    stored = _densities(state, 0)
    seen = np.isfinite(stored)
    assert seen.sum() > 1000
    np.testing.assert_allclose(stored[seen], image[seen], rtol=0.5 * (state["ratio"] - 1) * 1.01)
    assert (image[~seen & np.isfinite(image)] < state["low"]).all()


def test_single_bins_hold_the_density_of_the_file(folder, run_dir):
    state = _state((folder / f"night_{NIGHT}.html").read_text(encoding="utf-8"))
    density, _ = io.number_density(io.read_netcdf(run_dir / f"ingest/lidar/cases/{NIGHT}.nc"))
    stored = _densities(state, len(state["levels"]) - 1)
    level = state["levels"][-1]
    heights = level["bottom"] + level["step"] * (np.arange(level["rows"]) + 0.5)
    given = density.sel(altitude=heights, method="nearest").values.T
    seen = np.isfinite(stored)
    assert seen.mean() > 0.1
    np.testing.assert_allclose(stored[seen], given[seen], rtol=0.5 * (state["ratio"] - 1) * 1.01)


def test_gaps_stay_open(folder):
    level = _state((folder / f"night_{NIGHT}.html").read_text(encoding="utf-8"))["levels"][-1]
    steps = np.array(level["starts"][1:]) - np.array(level["stops"][:-1])
    assert (steps >= -0.2).all()
    assert steps.max() > 600


def test_simulated_data_are_marked_stripes_listed_and_nothing_is_loaded(folder, run_dir):
    text = (folder / f"night_{NIGHT}.html").read_text(encoding="utf-8")
    assert "<strong>SYNTHETIC.</strong>" in text
    stripes = io.read_csv(run_dir / "detect/batches/cases.stripes.csv")
    own = stripes[stripes["night"] == NIGHT]
    assert len(re.findall(r"data-stripe=", text.split("<script")[0])) == len(own) > 0
    assert re.findall(r"(?:src|href)=\"(?!data:,|#top|night_|\.\./figures/figure1\.png|\.\./report/)", text) == []
    assert "https:" not in text


def test_same_bytes_twice(folder, run_dir, tmp_path):
    build(run_dir, fake_run.CASES[:2], SETTINGS.model_dump(mode="json"), tmp_path)
    name = f"night_{NIGHT}.html"
    assert (tmp_path / name).read_bytes() == (folder / name).read_bytes()


def test_a_page_that_is_too_large_joins_bins(folder, run_dir):
    size = (folder / f"night_{NIGHT}.html").stat().st_size / 1e6
    settings = SETTINGS.model_copy(update={"night_page_mb": 0.8 * size})
    text = night_page.pages(run_dir, fake_run.CASES[1:2], settings)[NIGHT]
    assert len(text.encode()) <= 0.8e6 * size
    assert "bins joined" in _state(text)["levels"][-1]["name"]


def test_a_night_without_data_says_why(without, tmp_path):
    build(without("lidar"), fake_run.CASES[:2], {}, tmp_path)
    text = html.unescape((tmp_path / f"night_{NIGHT}.html").read_text(encoding="utf-8"))
    assert "the test took it away" in text
    assert "<script" not in text


PROBE = """
<script>
window.addEventListener("load", () => {
  const canvas = document.getElementById("view"), out = {};
  const read = () => document.getElementById("readout").textContent;
  const picture = () => canvas.toDataURL().length;
  const key = (name, shift) => canvas.dispatchEvent(new KeyboardEvent("keydown", { key: name, shiftKey: shift }));
  const box = canvas.getBoundingClientRect();
  const at = (x, y) => ({ clientX: box.left + x, clientY: box.top + y, pointerId: 9 });
  const move = (x, y) => canvas.dispatchEvent(new PointerEvent("pointermove", at(x, y)));
  // The picture is drawn a frame later: a step sees what the one before it did.
  const next = (then) => setTimeout(then, 60);
  const later = (steps) => steps.length ? (steps[0](), next(() => later(steps.slice(1)))) : finish();
  const ready = (then) => canvas.dataset.ready ? next(then) : setTimeout(() => ready(then), 20);
  const finish = () => { document.body.innerHTML = "<pre id=probe>" + JSON.stringify(out) + "</pre>"; };
  const stripe = document.querySelectorAll("[data-stripe]")[1], overlay = document.getElementById("overlay");
  const pixels = () => {
    const image = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    return new Set(new Uint32Array(image.data.buffer)).size;
  };
  ready(() => later([
    () => { Object.assign(out, { ready: canvas.dataset.ready, first: canvas.dataset.level, colours: pixels(),
      width: box.width, height: box.height, wide: document.documentElement.scrollWidth > window.innerWidth }); },
    () => { move(46 + SHARE_X * (box.width - 68), 34 + SHARE_Y * (box.height - 70)); },
    () => { out.pointed = read(); out.with = picture(); overlay.click(); },
    () => { out.without = picture(); overlay.click(); key("ArrowRight"); },
    () => { out.keyed = read(); stripe.focus(); },
    () => { out.focused = document.getElementById("stripe").textContent; stripe.click(); },
    () => { out.near = canvas.dataset.level; for (let i = 0; i < 4; i++) key("+"); },
    () => { out.nearest = canvas.dataset.level; out.finest = read(); key("0"); },
    () => { out.again = canvas.dataset.level; },
  ]));
});
</script>
"""
SHARE_X, SHARE_Y = 0.41, 0.885


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")
@pytest.mark.parametrize("width", [390, 1200])
def test_in_a_browser(folder, loaded, tmp_path, width):
    text = (folder / f"night_{NIGHT}.html").read_text(encoding="utf-8")
    probe = PROBE.replace("SHARE_X", str(SHARE_X)).replace("SHARE_Y", str(SHARE_Y))
    (tmp_path / "page.html").write_text(text.replace("</body>", probe + "</body>"), encoding="utf-8")
    done = subprocess.run(
        [CHROMIUM, "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
         "--enable-logging=stderr", f"--user-data-dir={tmp_path / 'profile'}", f"--window-size={width},900",
         "--virtual-time-budget=30000", "--dump-dom", (tmp_path / "page.html").as_uri()],
        capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    assert "CONSOLE" not in done.stderr
    found = json.loads(html.unescape(re.search(r'<pre id="probe">(.*?)</pre>', done.stdout).group(1)))
    assert (found["ready"], found["first"], found["again"], found["wide"]) == ("true", "0", "0", False)
    assert found["colours"] > 100
    assert found["with"] != found["without"]
    assert found["keyed"] != found["pointed"]
    levels = _state(text)["levels"]
    assert int(found["nearest"]) == len(levels) - 1
    assert levels[-1]["name"] in found["finest"]
    assert f"Stripe {NIGHT}-002" in found["focused"]
    _is_what_figure1_shows(found["pointed"], loaded["figure1"][1].nights[1].image)


def _is_what_figure1_shows(words: str, image) -> None:
    """Time, altitude and density that the page reads, against the cells of Figure 1."""
    hours = image.hours[0] + SHARE_X * (image.hours[-1] - image.hours[0])
    altitude = image.altitude_km[-1] - SHARE_Y * (image.altitude_km[-1] - image.altitude_km[0])
    row, column = np.searchsorted(image.altitude_km, altitude) - 1, np.searchsorted(image.hours, hours) - 1
    clock = pd.Timestamp(image.night) + pd.Timedelta(hours=float(hours))
    assert abs((pd.Timestamp(f"{image.night} {words[:8]}") - clock).total_seconds()) < 1.5
    assert float(re.search(r"([\d.]+) km:", words).group(1)) == pytest.approx(altitude, abs=0.06)
    density = float(re.search(r"km: ([\d.e+]+) cm", words).group(1))
    assert density == pytest.approx(image.density[row, column], rel=0.06)
