from metalclouds import io
from metalclouds.report.graph import rule_graph, svg
from metalclouds.workflow import job

with job(snakemake), io.replacing(snakemake.output[0]) as temporary:
    temporary.write_text(svg(rule_graph(snakemake.params.configuration, snakemake.input.snakefile)), encoding="utf-8")
