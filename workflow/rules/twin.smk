# The simulated campaign: a record like a published one, and its truth, which only `evaluate` may read.

TWIN_CASES = SETTINGS.twin.cases


localrules:
    twin_fpi,
    twin_ionosonde,
    twin_truth,


rule twin_lidar:
    input:
        cases=TWIN_CASES,
    output:
        directory(f"{RECORD_DIR}/lidar"),
    log:
        f"{RUN_DIR}/logs/twin/lidar.log",
    benchmark:
        f"{RUN_DIR}/benchmarks/twin/lidar.tsv"
    threads: all_cores
    resources:
        mem_mb=1500,
        runtime=15,
    params:
        code=code("twin_lidar"),
        settings=section("twin"),
    message:
        "twin: simulated lidar, all nights"
    script:
        "../scripts/twin_lidar.py"


rule twin_tec:
    input:
        cases=TWIN_CASES,
    output:
        directory(f"{RECORD_DIR}/tec"),
    log:
        f"{RUN_DIR}/logs/twin/tec.log",
    benchmark:
        f"{RUN_DIR}/benchmarks/twin/tec.tsv"
    resources:
        mem_mb=800,
        runtime=10,
    params:
        code=code("twin_tec"),
        settings=section("twin"),
    message:
        "twin: simulated TEC over China"
    script:
        "../scripts/twin_tec.py"


rule twin_fpi:
    input:
        cases=TWIN_CASES,
    output:
        directory(f"{RECORD_DIR}/fpi"),
    log:
        f"{RUN_DIR}/logs/twin/fpi.log",
    benchmark:
        f"{RUN_DIR}/benchmarks/twin/fpi.tsv"
    resources:
        mem_mb=500,
        runtime=5,
    params:
        code=code("twin_fpi"),
        settings=section("twin"),
    message:
        "twin: simulated winds"
    script:
        "../scripts/twin_fpi.py"


rule twin_ionosonde:
    input:
        cases=TWIN_CASES,
    output:
        directory(f"{RECORD_DIR}/ionosonde"),
    log:
        f"{RUN_DIR}/logs/twin/ionosonde.log",
    benchmark:
        f"{RUN_DIR}/benchmarks/twin/ionosonde.tsv"
    resources:
        mem_mb=500,
        runtime=5,
    params:
        code=code("twin_ionosonde"),
        settings=section("twin"),
    message:
        "twin: simulated ionograms and foEs"
    script:
        "../scripts/twin_ionosonde.py"


rule twin_truth:
    input:
        cases=TWIN_CASES,
    output:
        f"{TRUTH_DIR}/nights.csv",
        f"{TRUTH_DIR}/stripes.csv",
        f"{TRUTH_DIR}/clouds.csv",
        f"{TRUTH_DIR}/connections.csv",
        f"{TRUTH_DIR}/es.csv",
        f"{TRUTH_DIR}/enhancements.csv",
        f"{TRUTH_DIR}/columns.csv",
        f"{TRUTH_DIR}/winds.csv",
        f"{TRUTH_DIR}/schema.json",
    log:
        f"{RUN_DIR}/logs/twin/truth.log",
    benchmark:
        f"{RUN_DIR}/benchmarks/twin/truth.tsv"
    resources:
        mem_mb=500,
        runtime=5,
    params:
        code=code("twin_truth"),
        settings=section("twin"),
    message:
        "twin: the truth, outside the results"
    script:
        "../scripts/twin_truth.py"
