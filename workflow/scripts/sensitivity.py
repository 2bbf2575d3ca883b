from pathlib import Path

from metalclouds.claims.sensitivity.run import run
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
        settings={name: options[name] for name in ("claims", "detect", "derive", "trail")},
        mask_index=next(iter(paths.masks), None),
        sounding_index=next(iter(paths.soundings), None),
        out=Path(snakemake.output.json).parent,
    )
