from pathlib import Path

from metalclouds.claims.run import run
from metalclouds.workflow import job

with job(snakemake):
    paths = snakemake.input
    options = snakemake.params
    run(
        tables=paths.tables,
        inventories=paths.inventories,
        manifest=paths.manifest,
        claims=paths.claims,
        cases=options.cases,
        settings=options.settings,
        mask_index=next(iter(paths.masks), None),
        out=Path(snakemake.output.json).parent,
    )
