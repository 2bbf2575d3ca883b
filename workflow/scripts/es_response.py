"""foEs around the connections of clouds with the main layer."""

from metalclouds import io, workflow
from metalclouds.derive.es_response import es_response, read_soundings
from metalclouds.derive.es_settings import EsSettings
from metalclouds.derive.nights import nights_of_batches
from metalclouds.derive.superposed_epoch import superposed_epoch

with workflow.job(snakemake):
    settings = EsSettings(**snakemake.params.settings)
    paths = nights_of_batches(snakemake.input.get("ionosonde", []), snakemake.params.run_dir)
    soundings = read_soundings(list(paths.values()))
    events = io.read_csv(snakemake.input.events)
    io.write_csv(snakemake.output.response, es_response(soundings, events, settings))
    io.write_csv(snakemake.output.superposed, superposed_epoch(soundings, events, settings))
