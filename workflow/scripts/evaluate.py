from metalclouds.workflow import job

with job(snakemake):
    from metalclouds import evaluate, io

    sections = evaluate.evaluate(snakemake.params.truth_dir, snakemake.params.run_dir)
    evaluate.report(sections)
    io.write_json(snakemake.output[0], sections)
