from pathlib import Path

from metalclouds import io, workflow
from metalclouds.ingest.batch import ingest_batch
from metalclouds.ingest.settings import IngestSettings

with workflow.job(snakemake), workflow.client(snakemake) as client:
    index = ingest_batch(
        io.read_json(snakemake.input.inventory),
        snakemake.wildcards.batch,
        Path(snakemake.params.run_dir),
        IngestSettings(**snakemake.params.settings),
        client,
    )
    io.write_json(snakemake.output[0], index)
