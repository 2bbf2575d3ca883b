rule detect:
    input:
        index=f"{RUN_DIR}/ingest/lidar/batches/{{batch}}.json",
        nights=ancient(f"{RUN_DIR}/ingest/lidar/{{batch}}"),
    output:
        index=f"{RUN_DIR}/detect/batches/{{batch}}.json",
        stripes=f"{RUN_DIR}/detect/batches/{{batch}}.stripes.csv",
        stripe_profiles=f"{RUN_DIR}/detect/batches/{{batch}}.stripe_profiles.csv",
        events=f"{RUN_DIR}/detect/batches/{{batch}}.events.csv",
        nights=f"{RUN_DIR}/detect/batches/{{batch}}.nights.csv",
        products=directory(f"{RUN_DIR}/detect/{{batch}}"),
    log:
        f"{RUN_DIR}/logs/detect/{{batch}}.log",
    benchmark:
        f"{RUN_DIR}/benchmarks/detect/{{batch}}.tsv"
    threads: cores_of_batch
    resources:
        mem_mb=600,
        runtime=20,
    params:
        code=code("detect"),
        settings=section("detect"),
    message:
        "detect: clouds and stripes of {wildcards.batch}, cores: {threads}"
    script:
        "../scripts/detect.py"


localrules:
    detect_tables,


rule detect_tables:
    input:
        batches=batch_indices("lidar", "detect"),
        tables=batch_tables,
        winds=batch_indices("fpi"),
        wind_nights=night_folders("fpi"),
    output:
        stripes=f"{RUN_DIR}/detect/stripes.csv",
        stripe_profiles=f"{RUN_DIR}/detect/stripe_profiles.csv",
        events=f"{RUN_DIR}/detect/events.csv",
        nights=f"{RUN_DIR}/detect/nights.csv",
    log:
        f"{RUN_DIR}/logs/detect_tables.log",
    benchmark:
        f"{RUN_DIR}/benchmarks/detect_tables.tsv"
    threads: 1
    resources:
        mem_mb=400,
        runtime=5,
    params:
        code=code("detect_tables"),
        trail=section("trail"),
    message:
        "detect_tables: all nights, wind and beta"
    script:
        "../scripts/detect_tables.py"
