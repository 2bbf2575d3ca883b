localrules:
    es_cases,
    es_response,


rule tec_enhancement:
    input:
        tec=batch_indices("tec"),
        tec_nights=night_folders("tec"),
        own_cases=own_cases,
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
        code=code("tec_enhancement"),
        settings=tec_section(),
        cases=case_nights,
    message:
        "tec_enhancement: excess of TEC over its background, the enhanced region, the maps of Figure 2"
    script:
        "../scripts/tec_enhancement.py"


rule es_cases:
    input:
        ionosonde=f"{RUN_DIR}/ingest/ionosonde/batches/cases.json",
        ionosonde_nights=ancient(f"{RUN_DIR}/ingest/ionosonde/cases"),
        own_cases=own_cases,
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
        code=code("es_cases"),
        settings=section("derive")["es"],
        cases=case_nights,
    message:
        "es_cases: sporadic E of the case nights, ionograms scaled"
    script:
        "../scripts/es_cases.py"


rule es_response:
    input:
        ionosonde=batch_indices("ionosonde"),
        ionosonde_nights=night_folders("ionosonde"),
        events=f"{RUN_DIR}/detect/events.csv",
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
        code=code("es_response"),
        settings=section("derive")["es"],
    message:
        "es_response: foEs around the connections of clouds with the main layer"
    script:
        "../scripts/es_response.py"
