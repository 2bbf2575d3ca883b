"""Long statistical checks of the derived quantities, written as JSON.

    python -m tests.derive.validate results/validate/derive.json

1. Coverage of the interval of monthly means, at least 10000 simulated sets of log-normal nights each.
2. Size and power of the nightly correlation test on simulated campaigns with a season and weather.
3. Bias of columns from files whose negative densities were lost.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from metalclouds import io
from metalclouds.derive import moments
from metalclouds.derive.correlation import keyed_generator, nightly_effect, pairs_at_lag
from metalclouds.derive.monthly import coverage
from metalclouds.derive.occurrence import binomial_interval
from metalclouds.derive.settings import ColumnSettings, CorrelationSettings, OccurrenceSettings
from tests.derive.test_correlation import campaign

NIGHTS = (5, 10, 15, 20, 25, 30)
SPREADS = (0.3, 0.6, 0.9, 1.2, 1.5)
SETS = 10000
CAMPAIGNS = 300


def monthly_coverage() -> list[dict]:
    """Coverage of the 95 % interval against the number of nights and the spread of the logarithm."""
    settings = OccurrenceSettings()
    rows = []
    for nights in NIGHTS:
        for spread in SPREADS:
            found = coverage(nights, spread, SETS, settings, seed=2026)
            rows.append(
                {"nights": nights, "spread": spread, "sets": SETS, "covered": found.share, "error": found.error}
            )
    return rows


def correlation_rates(effect: float) -> dict:
    """Share of simulated campaigns in which the nightly test gives p < 0.05, and how often its interval covers."""
    settings = CorrelationSettings(permutations=499)
    found = [
        nightly_effect(pairs_at_lag(campaign(seed, effect=effect), 0), settings, keyed_generator(seed, "validate"))
        for seed in range(10_000, 10_000 + CAMPAIGNS)
    ]
    rejected = sum(one.p <= 0.05 for one in found)
    covered = sum(one.low <= effect <= one.high for one in found)
    return {
        "effect": effect,
        "campaigns": CAMPAIGNS,
        "rejected": rejected / CAMPAIGNS,
        "rejected_interval": binomial_interval(rejected, CAMPAIGNS),
        "covered": covered / CAMPAIGNS,
        "covered_interval": binomial_interval(covered, CAMPAIGNS),
        "mean_difference": float(np.mean([one.difference for one in found])),
    }


def clipped_bias(peak: float, noise: float) -> dict:
    """Ratio of the column of a Gaussian layer to its truth from clipped densities, corrected and not."""
    random = np.random.default_rng(7)
    altitude = np.arange(83.0, 120.0, 0.096)
    layer = peak * np.exp(-0.5 * ((altitude - 98.6) / 4.0) ** 2)
    kept = np.maximum(layer + noise * random.standard_normal((1000, altitude.size)), 0.0)
    profiles = moments.Profiles(
        np.arange(1000) * 33.0,
        np.full(1000, 33.0),
        moments.bin_edges(altitude),
        kept,
        np.full(kept.shape, noise**2),
        clipped_noise=np.full(altitude.size, noise),
    )
    blocks = moments.block_means(profiles, ColumnSettings().block_minutes)
    found = moments.layer_moments(blocks, altitude, moments.thickness_within(profiles.edges_km, 83, 120))
    truth = layer.sum() * 0.096e5
    return {
        "peak_cm3": peak,
        "noise_cm3": noise,
        "corrected_ratio": found.column / truth,
        "uncorrected_ratio": float(kept.mean(axis=0).sum() * 0.096e5 / truth),
    }


def main(path: Path) -> int:
    """Write the results; 1 if a coverage lies outside 93-97 %, or the test of no effect rejects too often."""
    months = monthly_coverage()
    none, some = correlation_rates(0.0), correlation_rates(0.4)
    result = {
        "monthly_interval": months,
        "nightly_test_without_effect": none,
        "nightly_test_with_effect": some,
        "clipped_columns": [clipped_bias(peak, 2.0) for peak in (1.0, 3.0, 10.0, 100.0)],
    }
    io.write_json(path, result)
    outside = [row for row in months if not 0.93 <= row["covered"] <= 0.97]
    print(f"monthly interval: {min(r['covered'] for r in months):.4f} to {max(r['covered'] for r in months):.4f}")
    print(f"nightly test: rejected {none['rejected']:.3f} without effect, {some['rejected']:.3f} with")
    return int(bool(outside) or none["rejected_interval"][0] > 0.05)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1] if len(sys.argv) > 1 else "results/validate/derive.json")))
