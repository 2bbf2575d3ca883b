"""Sporadic E of the case nights, sounding by sounding."""

from metalclouds import io, workflow
from metalclouds.batches import nights_of
from metalclouds.derive.es_cases import es_cases
from metalclouds.derive.es_settings import EsSettings
from metalclouds.schema.tables import ES_CASES

with workflow.job(snakemake):
    parameters = snakemake.params
    paths = nights_of([snakemake.input.ionosonde])
    nights = [io.read_netcdf(path) for night, path in paths.items() if night in parameters.cases]
    ES_CASES.write(snakemake.output[0], es_cases(nights, EsSettings(**parameters.settings)))
