"""foEs around the connections of clouds with the main layer."""

from metalclouds import io, workflow
from metalclouds.batches import nights_of
from metalclouds.derive.es_response import es_response, read_soundings
from metalclouds.derive.es_settings import EsSettings
from metalclouds.derive.superposed_epoch import superposed_epoch
from metalclouds.schema.tables import ES_RESPONSE, SUPERPOSED_EPOCH

with workflow.job(snakemake):
    settings = EsSettings(**snakemake.params.settings)
    paths = nights_of(snakemake.input.get("ionosonde", []))
    soundings = read_soundings(list(paths.values()))
    events = io.read_csv(snakemake.input.events)
    ES_RESPONSE.write(snakemake.output.response, es_response(soundings, events, settings))
    SUPERPOSED_EPOCH.write(snakemake.output.superposed, superposed_epoch(soundings, events, settings))
