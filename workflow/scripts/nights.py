"""A row a night, and counts of nights by year and against the threshold."""

from metalclouds import io, workflow
from metalclouds.derive.nights import nights
from metalclouds.derive.occurrence import clear_threshold, occurrence_by_year
from metalclouds.derive.settings import OccurrenceSettings
from metalclouds.schema.tables import CLEAR_THRESHOLD, NIGHTS, OCCURRENCE_BY_YEAR

with workflow.job(snakemake):
    settings = OccurrenceSettings(**snakemake.params.settings)
    detected = io.read_csv(snakemake.input.detected)
    table = nights(detected, io.read_csv(snakemake.input.columns))
    NIGHTS.write(snakemake.output.nights, table)
    OCCURRENCE_BY_YEAR.write(snakemake.output.by_year, occurrence_by_year(table, settings))
    CLEAR_THRESHOLD.write(snakemake.output.threshold, clear_threshold(detected, settings))
