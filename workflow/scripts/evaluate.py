from pathlib import Path

from metalclouds.workflow import job

with job(snakemake):
    from metalclouds import evaluate, io

    sections = evaluate.evaluate(Path(snakemake.input.truth[0]).parent, snakemake.params.run_dir)
    evaluate.report(sections)
    io.write_json(snakemake.output[0], sections)
