"""The table of soundings of the case nights."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from metalclouds.derive.es_cases import es_cases
from metalclouds.derive.es_settings import EsSettings
from metalclouds.schema.tables import ES_CASES
from tests.derive.ionogram_scenes import FREQUENCY, HEIGHT, draw

NIGHT = "2021-06-04"
PLAIN_F = (1.5, 5.5, 250.0, 20.0)


def night(
    foEs: list[float], status: list[int], images: list[np.ndarray] | None = None, **more: list[float]
) -> xr.Dataset:
    """A night with a sounding every 15 min from 18:00; status 0 absent, 1 present, 2 not observed."""
    count = len(foEs)
    time = np.datetime64(f"{NIGHT}T18:00", "ns") + np.arange(count) * np.timedelta64(15, "m")
    nothing = np.full(count, np.nan)
    columns = {name: more.get(name, nothing) for name in ("hEs", "fbEs", "foF2", "hF2")}
    out = xr.Dataset(
        {
            "foEs": ("time", foEs),
            **{name: ("time", values) for name, values in columns.items()},
            "es_status": ("time", np.array(status, "int8")),
            "spread_f": ("time", np.array(more.get("spread_f", [2] * count), "int8")),
        },
        coords={"time": time},
        attrs={"night": NIGHT, "foEs_limit_MHz": 1.4},
    )
    if images is None:
        return out
    dims = ("ionogram_time", "frequency", "virtual_height")
    axes = {"ionogram_time": time[: len(images)], "frequency": FREQUENCY, "virtual_height": HEIGHT}
    return out.assign_coords(axes).assign(echo_amplitude=(dims, np.stack(images)))


def test_table_without_ionograms_leaves_open_what_it_cannot_know() -> None:
    table = es_cases([night([3.0, np.nan, np.nan], [1, 0, 2])], EsSettings())
    assert list(table) == list(ES_CASES)
    assert table["es_status"].tolist() == ["present", "absent", "not_observed"]
    assert table["foEs_MHz"].tolist()[:1] == [3.0]
    assert table[["blanketing", "double_es", "upper_hEs_km", "scaled_foEs_MHz"]].isna().all(axis=None)
    assert (table["spread_f"] == "not_observed").all()
    assert (table["night"] == NIGHT).all()


def test_blanketing_by_the_table_is_a_missing_f_layer_under_strong_es() -> None:
    f_layer = [5.0, np.nan, np.nan, 5.0, 5.1]
    table = es_cases([night([6.0, 6.5, 1.8, 2.0, np.nan], [1, 1, 1, 1, 0], foF2=f_layer)], EsSettings())
    assert table["blanketing"].tolist() == [False, True, False, False, False]


def test_ionograms_add_blanketing_double_es_and_their_readings() -> None:
    images = [
        draw([(3.0, 100.0, 1.0)], PLAIN_F, 1),
        draw([(7.5, 106.0, 1.0)], None, 2),
        draw([(5.0, 98.0, 1.0), (4.0, 110.0, 1.0)], (2.0, 5.5, 250.0, 90.0), 3),
        draw([], PLAIN_F, 4),
    ]
    source = night([3.0, 7.5, 5.0, np.nan], [1, 1, 1, 0], images, hEs=[100.0, 106.0, 98.0, np.nan])
    table = es_cases([source], EsSettings())
    assert table["blanketing"].tolist() == [False, True, False, False]
    assert table["double_es"].tolist() == [False, False, True, False]
    assert table["upper_hEs_km"][2] == pytest.approx(110.0, abs=2.5)
    assert table["spread_f"].tolist() == ["no", "not_observed", "yes", "no"]
    np.testing.assert_allclose(table["scaled_foEs_MHz"], [3.0, 7.5, 5.0, np.nan], atol=0.11)
    assert table["foEs_MHz"].tolist()[:3] == [3.0, 7.5, 5.0]


def test_an_f_layer_that_the_product_sees_is_not_blanketed() -> None:
    # F trace of 0.1 MHz between fbEs and foF2: too short for the scaler, but the product has its foF2
    images = [draw([(6.0, 105.0, 1.0)], (4.0, 4.15, 250.0, 20.0), 1), draw([(6.0, 105.0, 1.0)], None, 2)]
    images += [draw([], (1.5, 4.2, 250.0, 20.0), seed) for seed in (3, 4)]
    f_layer = [4.15, np.nan, 4.2, 4.2]
    table = es_cases([night([6.0, 6.0, np.nan, np.nan], [1, 1, 0, 0], images, foF2=f_layer)], EsSettings())
    assert table["blanketing"].tolist() == [False, True, False, False]


def test_es_cannot_blanket_an_f_layer_far_above_it() -> None:
    # foEs 4 MHz; foF2 around is 6 MHz, 50 % above: that no F is seen has another cause
    table = es_cases([night([4.0, 7.0, np.nan, np.nan], [1, 1, 0, 0], foF2=[np.nan, np.nan, 6.0, 6.0])], EsSettings())
    assert table["blanketing"].isna().tolist() == [True, False, False, False]
    assert table["blanketing"].tolist()[1:] == [True, False, False]
    images = [draw([(4.0, 105.0, 1.0)], None, 1), draw([(7.0, 105.0, 1.0)], None, 2)]
    images += [draw([], (1.5, 6.0, 250.0, 20.0), seed) for seed in (3, 4)]
    table = es_cases([night([np.nan] * 4, [2] * 4, images)], EsSettings())
    assert table["blanketing"].isna().tolist() == [True, False, False, False]
    assert table["blanketing"].tolist()[1:] == [True, False, False]


def test_ionograms_alone_give_foEs_and_status() -> None:
    images = [draw([(4.0, 100.0, 1.0)], PLAIN_F, 5), draw([], PLAIN_F, 6), draw([], None, 7)]
    table = es_cases([night([np.nan] * 3, [2, 2, 2], images)], EsSettings())
    assert table["es_status"].tolist() == ["present", "absent", "not_observed"]
    assert table["foEs_MHz"][0] == pytest.approx(4.0, abs=0.1)
    assert table["hEs_km"][0] == pytest.approx(100.0, abs=2.5)


def test_ionogram_without_a_row_gets_one_and_order_is_by_time() -> None:
    source = night([3.0, 3.1], [1, 1], [draw([(3.0, 100.0, 1.0)], PLAIN_F, 8)])
    early = source["ionogram_time"].values - np.timedelta64(60, "m")
    table = es_cases([source.assign_coords(ionogram_time=early)], EsSettings())
    assert [f"{time:%H:%M}" for time in table["time_utc"]] == ["17:00", "18:00", "18:15"]
    assert table["foEs_MHz"][0] == pytest.approx(3.0, abs=0.1)
    assert pd.isna(table["scaled_foEs_MHz"][1])


def test_no_nights_give_the_header() -> None:
    table = es_cases([], EsSettings())
    assert list(table) == list(ES_CASES)
    assert len(table) == 0
