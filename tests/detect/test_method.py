"""Settings and method of the detection: what may be set, what is frozen, what a moved key is told."""

from __future__ import annotations

import dataclasses
from dataclasses import replace

import pytest

from metalclouds import config
from metalclouds.detect.method import METHOD, method_with
from metalclouds.detect.settings import DetectSettings
from metalclouds.errors import ConfigError

PUBLIC = {
    "observed_least_hours",
    "main_layer_top_km",
    "boundary_km",
    "clear_bottom_km",
    "clear_top_km",
    "clear_sigma",
    "p_false",
    "background_bottom_km",
    "stripe_least_sigma",
    "stripe_least_length_km",
    "stripe_least_top_km",
    "reaches_main_layer_km",
}


def test_twelve_settings_are_public():
    assert set(DetectSettings.model_fields) == PUBLIC


@pytest.mark.parametrize("key", ["stripe_seed_sigma", "mask_high_sigma", "merge_band_km", "drift_km_s", "edge_cost"])
def test_a_moved_key_is_refused_and_told_where_it_went(key: str):
    content = config.read_yaml("config/config.yaml") | {"detect": {key: 3.0}}
    with pytest.raises(ConfigError, match=rf"{key}: not a setting any more .*detect/method\.py"):
        config.validate(content)


def test_an_unknown_key_is_refused():
    content = config.read_yaml("config/config.yaml") | {"detect": {"boundry_km": 150.0}}
    with pytest.raises(ConfigError, match=r"detect\.boundry_km"):
        config.validate(content)


def test_the_method_is_frozen():
    with pytest.raises(dataclasses.FrozenInstanceError):
        METHOD.search.seed_sigma = 1.0  # type: ignore[misc]


def test_another_number_is_another_version_and_a_setting_is_not():
    other = replace(METHOD, search=replace(METHOD.search, seed_sigma=6.4))
    assert other.version != METHOD.version
    assert method_with(DetectSettings(boundary_km=160.0)).version == METHOD.version
