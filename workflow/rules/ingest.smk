try:
    catalogue_files(SETTINGS.ingest.catalogue)
except ConfigError as error:
    raise WorkflowError(str(error)) from None
RAW_FILES = [f"{RUN_DIR}/raw/files/{{instrument}}"] if SOURCE == "twin" else RAW_FOLDERS
INGEST_CATALOGUES = [path for path in SETTINGS.ingest.catalogue if os.path.exists(path)]


localrules:
    inventory,
    record_read,


checkpoint inventory:
    input:
        manifest=(
            f"{RUN_DIR}/raw/{{instrument}}.json"
            if SOURCE == "twin"
            else f"{RUN_DIR}/raw/manifest.json"
        ),
        files=ancient(RAW_FILES),
        catalogue=INGEST_CATALOGUES,
        own_cases=own_cases_of_lidar,
    output:
        f"{RUN_DIR}/raw/inventory/{{instrument}}.json",
    log:
        f"{RUN_DIR}/logs/ingest/inventory_{{instrument}}.log",
    benchmark:
        f"{RUN_DIR}/benchmarks/ingest/inventory_{{instrument}}.tsv"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=60,
    params:
        code=code("inventory"),
        settings=ingest_section,
        cases=[case.night for case in SETTINGS.cases],
        run_dir=run_dir,
    message:
        "ingest: which files of the record hold which {wildcards.instrument} nights"
    script:
        "../scripts/inventory.py"


# An instrument whose files could none be read: the rest of the run goes on, and the command ends with this job's fault.
rule record_read:
    input:
        inventories=inventories(*INSTRUMENTS),
    output:
        f"{RUN_DIR}/raw/read.json",
    log:
        f"{RUN_DIR}/logs/ingest/record_read.log",
    benchmark:
        f"{RUN_DIR}/benchmarks/ingest/record_read.tsv"
    priority: 100
    threads: 1
    resources:
        mem_mb=200,
        runtime=5,
    params:
        code=code("record_read"),
    message:
        "ingest: could the files of each instrument be read"
    script:
        "../scripts/record_read.py"


rule ingest:
    input:
        inventory=f"{RUN_DIR}/raw/inventory/{{instrument}}.json",
        files=ancient(RAW_FILES),
    output:
        index=f"{RUN_DIR}/ingest/{{instrument}}/batches/{{batch}}.json",
        nights=directory(f"{RUN_DIR}/ingest/{{instrument}}/{{batch}}"),
    log:
        f"{RUN_DIR}/logs/ingest/{{instrument}}_{{batch}}.log",
    benchmark:
        f"{RUN_DIR}/benchmarks/ingest/{{instrument}}_{{batch}}.tsv"
    # A night takes 0.1 s; starting workers for a batch would cost more than it saves.
    threads: 1
    resources:
        mem_mb=1500,
        runtime=60,
    params:
        code=code("ingest"),
        settings=ingest_section,
        run_dir=run_dir,
    message:
        "ingest: {wildcards.instrument} nights of batch {wildcards.batch}"
    script:
        "../scripts/ingest.py"
