CLAIM_TABLES = expand(
    f"{RUN_DIR}/derive/{{table}}.csv",
    table=[
        "nights",
        "columns",
        "correlation",
        "beta",
        "stripe_pair",
        "tec_enhancement",
        "tec_series",
        "es_cases",
        "es_response",
        "density_profile",
    ],
) + expand(f"{RUN_DIR}/detect/{{table}}.csv", table=["nights", "stripes", "stripe_profiles", "events"])


def case_masks(wildcards):
    """Index of the detected case nights; none where the lidar has no case night."""
    return [f"{RUN_DIR}/detect/batches/cases.json"] if "cases" in batches("lidar") else []


rule claims:
    message:
        "Judging the claims of the paper"
    input:
        tables=CLAIM_TABLES,
        masks=case_masks,
        inventories=expand(f"{RUN_DIR}/raw/inventory/{{instrument}}.json", instrument=INSTRUMENTS),
        manifest=f"{RUN_DIR}/raw/manifest.json",
        claims="config/claims.yaml",
        library=library("metalclouds.claims.run"),
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
    params:
        settings=section("claims"),
        cases=cases(),
    log:
        f"{RUN_DIR}/logs/claims.log",
    benchmark:
        f"{RUN_DIR}/benchmarks/claims.tsv"
    threads: 1
    resources:
        mem_mb=600,
        runtime=5,
    script:
        "../scripts/claims.py"
