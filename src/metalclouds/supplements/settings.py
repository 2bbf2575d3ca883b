"""Defaults of the config section `supplements`: what the tests of the explanation assume."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class SupplySettings(BaseModel):
    """What a body can leave behind, each as the least, the usual and the largest value."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    sputter_yield: tuple[float, float, float] = Field(
        default=(0.1, 1.0, 10.0),
        description="atoms that a molecule of air frees from the surface (least, usual, largest)",
    )
    calcium_share: tuple[float, float, float] = Field(
        default=(0.003, 0.005, 0.02),
        description="share of calcium among them, by number: 0.0035 in CI chondrites, 0.005 without their hydrogen "
        "(Lodders 2003); grains rich in calcium have more",
    )
    least_altitude_km: float = Field(
        default=150.0, gt=0, description="altitude from which a stripe's supply is asked for (km)"
    )
    life_hours: float = Field(
        default=5.0, gt=0, description="longest life of a trail in the clouds (h): the paper's duration of clouds"
    )
    slant_deg: float = Field(
        default=49.0, gt=0, lt=90, description="largest zenith angle of a trail (degrees): the paper's"
    )


class SupplementSettings(BaseModel):
    """Assumptions of the supplements."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    supply: SupplySettings = Field(default_factory=SupplySettings, description="what a body can leave behind")
    confidence: float = Field(default=0.95, gt=0.5, lt=1, description="coverage of the intervals")
