"""Sporadic E of the case nights, sounding by sounding."""

from metalclouds import io, workflow
from metalclouds.derive.es_cases import es_cases
from metalclouds.derive.es_settings import EsSettings
from metalclouds.derive.nights import nights_of_batches

with workflow.job(snakemake):
    parameters = snakemake.params
    paths = nights_of_batches([snakemake.input.ionosonde], parameters.run_dir)
    nights = [io.read_netcdf(path) for night, path in paths.items() if night in parameters.cases]
    io.write_csv(snakemake.output[0], es_cases(nights, EsSettings(**parameters.settings)))
