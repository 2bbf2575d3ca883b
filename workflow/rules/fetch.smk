if SOURCE == "twin":

    localrules:
        fetch_record,
        manifest,

    rule fetch_record:
        input:
            record=f"{RECORD_DIR}/{{instrument}}",
        output:
            manifest=f"{RUN_DIR}/raw/{{instrument}}.json",
            files=directory(f"{RUN_DIR}/raw/files/{{instrument}}"),
        log:
            f"{RUN_DIR}/logs/fetch/{{instrument}}.log",
        benchmark:
            f"{RUN_DIR}/benchmarks/fetch/{{instrument}}.tsv"
        resources:
            mem_mb=300,
            runtime=10,
        params:
            code=code("fetch_record"),
            run_dir=run_dir,
        message:
            "fetch: verify the simulated record of {wildcards.instrument}"
        script:
            "../scripts/fetch_record.py"

    rule manifest:
        input:
            parts=expand(f"{RUN_DIR}/raw/{{instrument}}.json", instrument=INSTRUMENTS),
        output:
            f"{RUN_DIR}/raw/manifest.json",
        log:
            f"{RUN_DIR}/logs/fetch/manifest.log",
        benchmark:
            f"{RUN_DIR}/benchmarks/fetch/manifest.tsv"
        resources:
            mem_mb=300,
            runtime=5,
        params:
            code=code("manifest"),
        message:
            "fetch: one manifest for all products"
        script:
            "../scripts/manifest.py"

else:
    # The files of the source, and beside them those that another provider adds to the paper's record.
    RAW_FOLDERS = [f"{RUN_DIR}/raw/files"] + (
        [f"{RUN_DIR}/raw/giro"] if SOURCE == "zenodo" else []
    )

    localrules:
        fetch,

    rule fetch:
        output:
            manifest=f"{RUN_DIR}/raw/manifest.json",
            files=directory(RAW_FOLDERS),
        log:
            f"{RUN_DIR}/logs/fetch/fetch.log",
        benchmark:
            f"{RUN_DIR}/benchmarks/fetch/fetch.tsv"
        resources:
            mem_mb=500,
            runtime=720,
        params:
            code=code("fetch"),
            settings=section("fetch"),
            source=SOURCE,
            nights=[case.night for case in SETTINGS.cases],
            run_dir=run_dir,
        message:
            "fetch: download and verify the record (progress: tail -f {log})"
        script:
            "../scripts/fetch.py"
