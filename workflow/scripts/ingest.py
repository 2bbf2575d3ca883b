from pathlib import Path

from metalclouds import workflow

with workflow.job(snakemake), workflow.client(snakemake, "metalclouds.ingest.batch") as client:
    # Imported here, so that this process and the one that workers are forked from import at the same time.
    from metalclouds.ingest.batch import ingest_batch
    from metalclouds.ingest.settings import IngestSettings
    from metalclouds.schema.documents import Inventory

    index = ingest_batch(
        Inventory.read(snakemake.input.inventory),
        snakemake.wildcards.batch,
        Path(snakemake.params.run_dir),
        Path(snakemake.output.nights),
        IngestSettings(**snakemake.params.settings),
        client,
    )
    index.write(snakemake.output.index)
