"""Neutral density above the lidar by NRLMSISE-00."""

from metalclouds import io, workflow
from metalclouds.derive.atmosphere import density_factors, density_profile
from metalclouds.derive.settings import AtmosphereSettings

with workflow.job(snakemake):
    settings = AtmosphereSettings(**snakemake.params.settings)
    profile = density_profile(settings)
    io.write_csv(snakemake.output.profile, profile)
    io.write_csv(snakemake.output.factors, density_factors(profile, settings))
