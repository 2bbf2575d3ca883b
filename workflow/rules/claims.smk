CLAIM_TABLES = expand(
    f"{RUN_DIR}/derive/{{table}}.csv",
    table=[
        "nights",
        "columns",
        "monthly",
        "correlation",
        "beta",
        "wind_steps",
        "stripe_feet",
        "layer_maxima",
        "tec_enhancement",
        "tec_series",
        "es_cases",
        "es_response",
        "density_profile",
        "supplements",
    ],
) + expand(
    f"{RUN_DIR}/detect/{{table}}.csv",
    table=["nights", "stripes", "stripe_profiles", "events"],
)


localrules:
    claims,
    sensitivity,


rule claims:
    input:
        tables=CLAIM_TABLES,
        masks=case_files("lidar", "detect/batches/cases.json"),
        mask_nights=case_folders("lidar", "detect/cases"),
        inventories=expand(
            f"{RUN_DIR}/raw/inventory/{{instrument}}.json", instrument=INSTRUMENTS
        ),
        manifest=f"{RUN_DIR}/raw/manifest.json",
        claims="config/claims.yaml",
        own_cases=own_cases,
    output:
        verdicts=report(
            f"{RUN_DIR}/claims/verdicts.csv",
            caption="../report/verdicts.rst",
            category="Claims",
            labels={"content": "verdict on each claim"},
        ),
        json=f"{RUN_DIR}/claims/verdicts.json",
        notes=f"{RUN_DIR}/claims/notes.json",
        summary=f"{RUN_DIR}/claims/summary.json",
    log:
        f"{RUN_DIR}/logs/claims.log",
    benchmark:
        f"{RUN_DIR}/benchmarks/claims.tsv"
    threads: 1
    resources:
        mem_mb=600,
        runtime=5,
    params:
        code=code("claims"),
        settings=section("claims"),
        cases=cases,
    message:
        "Judging the claims of the paper"
    script:
        "../scripts/claims.py"


rule sensitivity:
    input:
        tables=CLAIM_TABLES,
        masks=case_files("lidar", "detect/batches/cases.json"),
        mask_nights=case_folders("lidar", "detect/cases"),
        soundings=case_files("ionosonde", "ingest/ionosonde/batches/cases.json"),
        sounding_nights=case_folders("ionosonde", "ingest/ionosonde/cases"),
        inventories=expand(
            f"{RUN_DIR}/raw/inventory/{{instrument}}.json", instrument=INSTRUMENTS
        ),
        manifest=f"{RUN_DIR}/raw/manifest.json",
        claims="config/claims.yaml",
        own_cases=own_cases,
    output:
        table=report(
            f"{RUN_DIR}/claims/sensitivity.csv",
            caption="../report/sensitivity.rst",
            category="Claims",
            labels={"content": "verdicts under other settings"},
        ),
        json=f"{RUN_DIR}/claims/sensitivity.json",
    log:
        f"{RUN_DIR}/logs/sensitivity.log",
    benchmark:
        f"{RUN_DIR}/benchmarks/sensitivity.tsv"
    threads: 1
    resources:
        mem_mb=800,
        runtime=10,
    params:
        code=code("sensitivity"),
        claims=section("claims"),
        detect=section("detect"),
        derive=section("derive"),
        trail=section("trail"),
        cases=cases,
    message:
        "Judging the claims anew under other settings, one at a time"
    script:
        "../scripts/sensitivity.py"
