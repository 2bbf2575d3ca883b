FIGURES = [f"figure{number}" for number in range(1, 7)]


# Drawing takes seconds: on a cluster it is done where Snakemake runs.
localrules:
    figure1,
    figure2,
    figure3,
    figure4,
    figure5,
    figure6,
    night_pages,


rule figure1:
    input:
        notebook=notebook("figure1"),
        nights=case_files("lidar", "ingest/lidar/batches/cases.json"),
        folders=case_folders("lidar", "ingest/lidar/cases", "detect/cases"),
        detected=case_files(
            "lidar",
            "detect/batches/cases.json",
            "detect/batches/cases.stripes.csv",
            "detect/batches/cases.events.csv",
        ),
        inventories=inventories("lidar"),
        own_cases=own_cases,
    output:
        **figure_outputs("figure1", "nc"),
        plain=f"{RUN_DIR}/figures/figure1_plain.png",
    log:
        f"{RUN_DIR}/logs/figures/figure1.log",
    benchmark:
        f"{RUN_DIR}/benchmarks/figures/figure1.tsv"
    # A kernel that does not start is tried once more: docs/decisions/workflow.md.
    retries: 1
    threads: 1
    resources:
        mem_mb=900,
        runtime=5,
    params:
        code=code("figure", "metalclouds.figures.figure1"),
        run_dir=run_dir,
        settings=figure_settings("figure1"),
        cases=cases,
    message:
        "figure1: density against time and altitude on the case nights"
    script:
        "../scripts/figure.py"


# Where the case nights are the first ones of the lidar, their dates are not known before the run: a folder of pages.
NIGHT_PAGES = [
    f"{RUN_DIR}/figures/night_{case.night}.html" for case in SETTINGS.cases
] or [directory(f"{RUN_DIR}/nights")]


rule night_pages:
    input:
        nights=case_files("lidar", "ingest/lidar/batches/cases.json"),
        folders=case_folders("lidar", "ingest/lidar/cases", "detect/cases"),
        detected=case_files(
            "lidar",
            "detect/batches/cases.json",
            "detect/batches/cases.stripes.csv",
            "detect/batches/cases.events.csv",
        ),
        stripes=f"{RUN_DIR}/detect/stripes.csv",
        stripe_profiles=f"{RUN_DIR}/detect/stripe_profiles.csv",
        inventories=inventories("lidar"),
        templates=[
            package_file(f"figures/templates/{name}")
            for name in ("night.html.j2", "night.css", "night.js")
        ],
        own_cases=own_cases,
    output:
        NIGHT_PAGES,
    log:
        f"{RUN_DIR}/logs/figures/night_pages.log",
    benchmark:
        f"{RUN_DIR}/benchmarks/figures/night_pages.tsv"
    threads: 1
    resources:
        mem_mb=900,
        runtime=5,
    params:
        code=code("night_pages"),
        run_dir=run_dir,
        settings=figure_settings("night_pages"),
        cases=cases,
    message:
        "night_pages: an interactive page for each case night"
    script:
        "../scripts/night_pages.py"


rule figure2:
    input:
        notebook=notebook("figure2"),
        maps=f"{RUN_DIR}/derive/tec_maps.nc",
        enhancement=f"{RUN_DIR}/derive/tec_enhancement.csv",
        series=f"{RUN_DIR}/derive/tec_series.csv",
        inventories=inventories("tec"),
        lines=package_file("data/coast_and_borders.geojson"),
        own_cases=own_cases,
    output:
        **figure_outputs("figure2", "nc"),
    log:
        f"{RUN_DIR}/logs/figures/figure2.log",
    benchmark:
        f"{RUN_DIR}/benchmarks/figures/figure2.tsv"
    retries: 1
    threads: 1
    resources:
        mem_mb=600,
        runtime=5,
    params:
        code=code("figure", "metalclouds.figures.figure2"),
        run_dir=run_dir,
        settings=figure_settings("figure2"),
        cases=cases,
    message:
        "figure2: maps of total electron content"
    script:
        "../scripts/figure.py"


rule figure3:
    input:
        notebook=notebook("figure3"),
        soundings=f"{RUN_DIR}/derive/es_cases.csv",
        nights=case_files("ionosonde", "ingest/ionosonde/batches/cases.json"),
        folders=case_folders("ionosonde", "ingest/ionosonde/cases"),
        events=case_files("lidar", "detect/batches/cases.events.csv"),
        inventories=inventories("ionosonde", "lidar"),
        own_cases=own_cases,
    output:
        **figure_outputs("figure3", "csv"),
    log:
        f"{RUN_DIR}/logs/figures/figure3.log",
    benchmark:
        f"{RUN_DIR}/benchmarks/figures/figure3.tsv"
    retries: 1
    threads: 1
    resources:
        mem_mb=600,
        runtime=5,
    params:
        code=code("figure", "metalclouds.figures.figure3"),
        run_dir=run_dir,
        settings=figure_settings("figure3"),
        cases=cases,
    message:
        "figure3: sporadic E beside the connections"
    script:
        "../scripts/figure.py"


rule figure4:
    input:
        notebook=notebook("figure4"),
        monthly=f"{RUN_DIR}/derive/monthly.csv",
        density=f"{RUN_DIR}/derive/monthly_density.nc",
        inventories=inventories("lidar"),
        own_cases=own_cases,
    output:
        **figure_outputs("figure4", "csv"),
    log:
        f"{RUN_DIR}/logs/figures/figure4.log",
    benchmark:
        f"{RUN_DIR}/benchmarks/figures/figure4.tsv"
    retries: 1
    threads: 1
    resources:
        mem_mb=500,
        runtime=5,
    params:
        code=code("figure", "metalclouds.figures.figure4"),
        run_dir=run_dir,
        settings=figure_settings("figure4"),
        cases=cases,
    message:
        "figure4: occurrence and main layer by month"
    script:
        "../scripts/figure.py"


rule figure5:
    input:
        notebook=notebook("figure5"),
        nights=case_files("lidar", "ingest/lidar/batches/cases.json"),
        folders=case_folders("lidar", "ingest/lidar/cases", "detect/cases"),
        detected=case_files("lidar", "detect/batches/cases.json"),
        stripes=f"{RUN_DIR}/detect/stripes.csv",
        winds=case_files("fpi", "ingest/fpi/batches/cases.json"),
        wind_folders=case_folders("fpi", "ingest/fpi/cases"),
        beta=f"{RUN_DIR}/derive/beta.csv",
        profile=f"{RUN_DIR}/derive/density_profile.csv",
        factors=f"{RUN_DIR}/derive/density_factors.csv",
        inventories=inventories("lidar", "fpi"),
        own_cases=own_cases,
    output:
        **figure_outputs("figure5", "csv"),
    log:
        f"{RUN_DIR}/logs/figures/figure5.log",
    benchmark:
        f"{RUN_DIR}/benchmarks/figures/figure5.tsv"
    retries: 1
    threads: 1
    resources:
        mem_mb=700,
        runtime=5,
    params:
        code=code("figure", "metalclouds.figures.figure5"),
        run_dir=run_dir,
        settings=figure_settings("figure5"),
        cases=cases,
    message:
        "figure5: marked stripes, neutral density and wind"
    script:
        "../scripts/figure.py"


rule figure6:
    input:
        notebook=notebook("figure6"),
        stripes=f"{RUN_DIR}/detect/stripes.csv",
        columns=f"{RUN_DIR}/derive/columns.csv",
        profile=f"{RUN_DIR}/derive/density_profile.csv",
        inventories=inventories("lidar", "fpi"),
        own_cases=own_cases,
    output:
        **figure_outputs("figure6", "csv"),
    log:
        f"{RUN_DIR}/logs/figures/figure6.log",
    benchmark:
        f"{RUN_DIR}/benchmarks/figures/figure6.tsv"
    retries: 1
    threads: 1
    resources:
        mem_mb=500,
        runtime=5,
    params:
        code=code("figure", "metalclouds.figures.figure6"),
        run_dir=run_dir,
        settings=figure_settings("figure6"),
        cases=cases,
    message:
        "figure6: stripes, main layer and density to scale"
    script:
        "../scripts/figure.py"
