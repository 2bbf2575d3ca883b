from pathlib import Path

from metalclouds import io, workflow
from metalclouds.batches import write_index
from metalclouds.ingest.batch import ingest_batch
from metalclouds.ingest.settings import IngestSettings

with workflow.job(snakemake), workflow.client(snakemake, "metalclouds.ingest.batch") as client:
    index = ingest_batch(
        io.read_json(snakemake.input.inventory),
        snakemake.wildcards.batch,
        Path(snakemake.params.run_dir),
        Path(snakemake.output.nights),
        IngestSettings(**snakemake.params.settings),
        client,
    )
    write_index(Path(snakemake.output.index), index["nights"], index["failed"])
