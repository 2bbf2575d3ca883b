"""Settings of the detection: one frozen model, the defaults of the config section `detect`."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field, model_validator

# Keys that were settings once, by how they begin; their numbers belong to the method now.
MOVED = (
    "row_", "image_", "longest_gap_", "twilight_", "burst_", "low_signal_", "density_", "background_", "topside_",
    "mask_", "edge_", "stripe_", "drift_", "group_", "profile_step_", "connection_gap_", "detached_", "merge_",
    "cloud_least_", "noise_floor_",
)  # fmt: skip


class DetectSettings(BaseModel):
    """What a user may ask of the detection; how it is done is the method's (method.py)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    observed_least_hours: float = Field(
        default=2.0, ge=0, description="Usable dark hours from which a night counts as observed."
    )
    background_bottom_km: float = Field(
        default=150.0, gt=0, description="Lowest altitude used for the background (km)."
    )
    main_layer_top_km: float = Field(
        default=120.0,
        gt=0,
        description="Upper edge of the main layer; clouds are sought above it (km). That of Ca+; the layers of Na, "
        "Fe and K end some 10 km lower.",
    )
    boundary_km: float = Field(default=150.0, gt=0, description="Night class: Ca+ above this altitude (km).")
    clear_bottom_km: float = Field(
        default=200.0, gt=0, description="Night class: lower edge of the clear layer (km)."
    )
    clear_top_km: float = Field(default=300.0, gt=0, description="Night class: upper edge of the clear layer (km).")
    p_false: float = Field(
        default=0.005,
        gt=0,
        lt=0.5,
        description="Probability that noise alone is detected in a quiet night, for each decision (above "
        "boundary_km; clear layer).",
    )
    clear_sigma: float = Field(
        default=12.0, gt=0, description="Score from which a layer at clear_bottom_km to clear_top_km is called clear."
    )
    stripe_least_sigma: float = Field(default=8.0, gt=0, description="Matched SNR from which a stripe is reported.")
    stripe_least_length_km: float = Field(default=6.0, gt=0, description="Shortest stripe (km).")
    stripe_least_top_km: float = Field(
        default=140.0,
        gt=0,
        description="A stripe rises at least to this altitude; below it is structure of thin layers (km).",
    )
    reaches_main_layer_km: float = Field(
        default=118.0,
        gt=0,
        description="A stripe with its lower end below this altitude reaches the main layer (km).",
    )

    @model_validator(mode="before")
    @classmethod
    def _no_moved_key(cls, given: Any) -> Any:
        """Say where a key went that is no setting any more."""
        if isinstance(given, dict):
            moved = [key for key in given if key not in cls.model_fields and str(key).startswith(MOVED)]
            if moved:
                raise ValueError(
                    f"{', '.join(moved)}: not a setting any more but a number of the detection's method, which has a "
                    "version and is not configured (src/metalclouds/detect/method.py); remove it"
                )
        return given
