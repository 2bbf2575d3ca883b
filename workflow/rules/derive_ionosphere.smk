localrules:
    es_cases,
    es_response,


rule tec_enhancement:
    input:
        tec=batch_indices("tec"),
        library=library("metalclouds.derive.tec_product", "metalclouds.derive.nights"),
    output:
        enhancement=f"{RUN_DIR}/derive/tec_enhancement.csv",
        series=f"{RUN_DIR}/derive/tec_series.csv",
        maps=f"{RUN_DIR}/derive/tec_maps.nc",
    log:
        f"{RUN_DIR}/logs/tec_enhancement.log",
    benchmark:
        f"{RUN_DIR}/benchmarks/tec_enhancement.tsv"
    threads: 1
    resources:
        mem_mb=1200,
        runtime=20,
    params:
        run_dir=run_dir,
        settings=section("derive")["tec"],
        cases=case_nights(),
    message:
        "tec_enhancement: excess of TEC over its background, the enhanced region, the maps of Figure 2"
    script:
        "../scripts/tec_enhancement.py"


rule es_cases:
    input:
        ionosonde=f"{RUN_DIR}/ingest/ionosonde/batches/cases.json",
        library=library("metalclouds.derive.es_cases", "metalclouds.derive.nights"),
    output:
        f"{RUN_DIR}/derive/es_cases.csv",
    log:
        f"{RUN_DIR}/logs/es_cases.log",
    benchmark:
        f"{RUN_DIR}/benchmarks/es_cases.tsv"
    threads: 1
    resources:
        mem_mb=800,
        runtime=10,
    params:
        run_dir=run_dir,
        settings=section("derive")["es"],
        cases=case_nights(),
    message:
        "es_cases: sporadic E of the case nights, ionograms scaled"
    script:
        "../scripts/es_cases.py"


rule es_response:
    input:
        ionosonde=batch_indices("ionosonde"),
        events=f"{RUN_DIR}/detect/events.csv",
        library=library(
            "metalclouds.derive.superposed_epoch", "metalclouds.derive.nights"
        ),
    output:
        response=f"{RUN_DIR}/derive/es_response.csv",
        superposed=f"{RUN_DIR}/derive/superposed_epoch.csv",
    log:
        f"{RUN_DIR}/logs/es_response.log",
    benchmark:
        f"{RUN_DIR}/benchmarks/es_response.tsv"
    threads: 1
    resources:
        mem_mb=800,
        runtime=10,
    params:
        run_dir=run_dir,
        settings=section("derive")["es"],
    message:
        "es_response: foEs around the connections of clouds with the main layer"
    script:
        "../scripts/es_response.py"
