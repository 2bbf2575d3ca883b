"""Correlation of clouds and columns, by month and night by night."""

from metalclouds import io, workflow
from metalclouds.derive.correlation import correlation
from metalclouds.derive.settings import CorrelationSettings
from metalclouds.schema.tables import CORRELATION

with workflow.job(snakemake):
    nights, monthly = io.read_csv(snakemake.input.nights), io.read_csv(snakemake.input.monthly)
    settings = CorrelationSettings(**snakemake.params.settings)
    CORRELATION.write(snakemake.output[0], correlation(nights, monthly, settings))
