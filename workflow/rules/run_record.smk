# The one file in which equal runs may differ. Its values are no inputs of a result.
localrules:
    run_record,


rule run_record:
    input:
        f"{RUN_DIR}/claims/verdicts.json",
        expand(f"{RUN_DIR}/figures/figure{{number}}.png", number=range(1, 7)),
    output:
        f"{RUN_DIR}/run.json",
    log:
        f"{RUN_DIR}/logs/run_record.log",
    benchmark:
        f"{RUN_DIR}/benchmarks/run_record.tsv"
    resources:
        mem_mb=200,
        runtime=5,
    params:
        run_dir=run_dir,
        configuration=SETTINGS.model_dump(mode="json"),
    message:
        "report: machine, versions and times of the run"
    script:
        "../scripts/run_record.py"
