# Tests of the explanation that the paper does not make; each notebook draws what one or two of them found.
SUPPLEMENTS = [
    "decision",
    "supply",
    "radiants",
    "widening",
    "sheets",
    "season",
    "metal",
]
SUPPLEMENT_TABLES = ["supplements"] + [
    f"supplement_{name}"
    for name in (
        "stripes",
        "air",
        "nights",
        "escape",
        "lifetimes",
        "season",
        "decisions",
    )
]

SUPPLEMENT_DATA = ["showers.csv", "supplement_rates.csv"]


localrules:
    supplements,
    supplement_figures,


rule supplements:
    input:
        tables=expand(
            f"{RUN_DIR}/detect/{{table}}.csv",
            table=["stripes", "stripe_profiles", "nights"],
        )
        + expand(
            f"{RUN_DIR}/derive/{{table}}.csv",
            table=["nights", "tec_enhancement"],
        ),
        density=f"{RUN_DIR}/derive/nightly_density.nc",
        data=[package_file(f"data/{name}") for name in SUPPLEMENT_DATA],
        wind=batch_indices("fpi"),
        wind_nights=night_folders("fpi"),
    output:
        expand(f"{RUN_DIR}/derive/{{table}}.csv", table=SUPPLEMENT_TABLES),
    log:
        f"{RUN_DIR}/logs/supplements.log",
    benchmark:
        f"{RUN_DIR}/benchmarks/supplements.tsv"
    threads: 1
    resources:
        mem_mb=500,
        runtime=5,
    params:
        code=code("supplements"),
        settings=section("supplements"),
        trail=section("trail"),
        site=lidar_site(),
    message:
        "supplements: tests of the explanation"
    script:
        "../scripts/supplements.py"


rule supplement_figures:
    input:
        notebooks=[notebook(f"supplement_{name}") for name in SUPPLEMENTS],
        tables=expand(f"{RUN_DIR}/derive/{{table}}.csv", table=SUPPLEMENT_TABLES),
        inventories=inventories("lidar", "fpi", "tec"),
        own_cases=own_cases,
    output:
        pictures=expand(
            f"{RUN_DIR}/figures/supplement_{{name}}.{{kind}}",
            name=SUPPLEMENTS,
            kind=["png", "pdf", "csv", "json", "caption.txt"],
        ),
        pages=expand(
            f"{RUN_DIR}/figures/supplement_{{name}}.{{kind}}",
            name=SUPPLEMENTS,
            kind=["html", "ipynb"],
        ),
    log:
        f"{RUN_DIR}/logs/figures/supplement_figures.log",
    benchmark:
        f"{RUN_DIR}/benchmarks/figures/supplement_figures.tsv"
    retries: 1
    threads: 1
    resources:
        mem_mb=500,
        runtime=5,
    params:
        code=code(
            "supplement_figures",
            *[f"metalclouds.figures.supplement_{name}" for name in SUPPLEMENTS],
        ),
        run_dir=run_dir,
        settings=supplement_settings(SUPPLEMENTS),
        cases=cases,
    message:
        "supplements: figures"
    script:
        "../scripts/supplement_figures.py"
