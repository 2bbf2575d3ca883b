from pathlib import Path

from metalclouds.claims.run import RunFiles, run
from metalclouds.claims.settings import ClaimsSettings
from metalclouds.files import read_json
from metalclouds.progress import log
from metalclouds.workflow import job

with job(snakemake):
    paths, options = snakemake.input, snakemake.params
    masks = next(iter(paths.masks), None)
    files = RunFiles(paths.tables, paths.inventories, paths.manifest, paths.claims, masks)
    run(files, options.cases, ClaimsSettings(**options.settings), Path(snakemake.output.json).parent)
    log(f"  {read_json(snakemake.output.summary)['sentence']}")
