"""Neutral density above the lidar by NRLMSISE-00."""

from metalclouds import workflow
from metalclouds.derive.atmosphere import density_tables
from metalclouds.derive.settings import AtmosphereSettings
from metalclouds.schema.tables import DENSITY_FACTORS, DENSITY_PROFILE

with workflow.job(snakemake):
    values = snakemake.params
    profile, factors = density_tables(
        AtmosphereSettings(**values.settings), values.nights, values.night, tuple(values.site)
    )
    DENSITY_PROFILE.write(snakemake.output.profile, profile)
    DENSITY_FACTORS.write(snakemake.output.factors, factors)
