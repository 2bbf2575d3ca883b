"""Neutral density above the lidar by NRLMSISE-00."""

from metalclouds import io, workflow
from metalclouds.derive.atmosphere import density_tables
from metalclouds.derive.settings import AtmosphereSettings

with workflow.job(snakemake):
    values = snakemake.params
    profile, factors = density_tables(
        AtmosphereSettings(**values.settings), values.nights, values.night, tuple(values.site)
    )
    io.write_csv(snakemake.output.profile, profile)
    io.write_csv(snakemake.output.factors, factors)
