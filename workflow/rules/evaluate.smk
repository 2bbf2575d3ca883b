# The scores of a run on simulated data. Nothing else reads the truth, and nothing reads the scores.


localrules:
    evaluate,


rule evaluate:
    input:
        truth=expand(
            f"{TRUTH_DIR}/{{table}}.csv",
            table=[
                "nights",
                "stripes",
                "connections",
                "es",
                "enhancements",
                "columns",
                "winds",
            ],
        ),
        derive=expand(
            f"{RUN_DIR}/derive/{{table}}.csv",
            table=[
                "nights",
                "columns",
                "beta",
                "tec_enhancement",
                "es_cases",
                "es_response",
            ],
        ),
        detect=expand(
            f"{RUN_DIR}/detect/{{table}}.csv", table=["nights", "stripes", "events"]
        ),
        fpi=batch_indices("fpi"),
        fpi_nights=night_folders("fpi"),
    output:
        f"{RUN_DIR}/evaluate.json",
    log:
        f"{RUN_DIR}/logs/evaluate.log",
    benchmark:
        f"{RUN_DIR}/benchmarks/evaluate.tsv"
    threads: 1
    resources:
        mem_mb=500,
        runtime=5,
    params:
        code=code("evaluate"),
        run_dir=run_dir,
    message:
        "evaluate: the run against the truth of the simulated campaign"
    script:
        "../scripts/evaluate.py"
