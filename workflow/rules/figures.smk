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
        notebook="notebooks/figure1.ipynb",
        nights=case_files("lidar", "ingest/lidar/batches/cases.json"),
        detected=case_files(
            "lidar",
            "detect/batches/cases.json",
            "detect/batches/cases.stripes.csv",
            "detect/batches/cases.events.csv",
        ),
        inventories=inventories("lidar"),
        library=library(
            "metalclouds.figures.figure1",
            "metalclouds.figures.publish",
            "metalclouds.figures.render",
        ),
    output:
        **figure_outputs("figure1", "nc"),
    log:
        f"{RUN_DIR}/logs/figures/figure1.log",
    benchmark:
        f"{RUN_DIR}/benchmarks/figures/figure1.tsv"
    retries: 1
    threads: 1
    resources:
        mem_mb=900,
        runtime=5,
    params:
        run_dir=run_dir,
        settings=section("figures"),
        cases=cases(),
    message:
        "figure1: density against time and altitude on the case nights"
    script:
        "../scripts/figure.py"


rule night_pages:
    input:
        nights=case_files("lidar", "ingest/lidar/batches/cases.json"),
        detected=case_files(
            "lidar",
            "detect/batches/cases.json",
            "detect/batches/cases.stripes.csv",
            "detect/batches/cases.events.csv",
        ),
        beta=f"{RUN_DIR}/derive/beta.csv",
        inventories=inventories("lidar"),
        library=library("metalclouds.figures.night_page"),
        templates=[
            f"src/metalclouds/figures/templates/{name}"
            for name in ("night.html.j2", "night.css", "night.js")
        ],
    output:
        [f"{RUN_DIR}/figures/night_{night}.html" for night in case_nights()],
    log:
        f"{RUN_DIR}/logs/figures/night_pages.log",
    benchmark:
        f"{RUN_DIR}/benchmarks/figures/night_pages.tsv"
    threads: 1
    resources:
        mem_mb=900,
        runtime=5,
    params:
        run_dir=run_dir,
        settings=section("figures"),
        cases=cases(),
    message:
        "night_pages: an interactive page for each case night"
    script:
        "../scripts/night_pages.py"


rule figure2:
    input:
        notebook="notebooks/figure2.ipynb",
        maps=f"{RUN_DIR}/derive/tec_maps.nc",
        enhancement=f"{RUN_DIR}/derive/tec_enhancement.csv",
        series=f"{RUN_DIR}/derive/tec_series.csv",
        inventories=inventories("tec"),
        library=library(
            "metalclouds.figures.figure2",
            "metalclouds.figures.publish",
            "metalclouds.figures.render",
        ),
        lines="src/metalclouds/data/coast_and_borders.geojson",
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
        run_dir=run_dir,
        settings=section("figures"),
        cases=cases(),
    message:
        "figure2: maps of total electron content"
    script:
        "../scripts/figure.py"


rule figure3:
    input:
        notebook="notebooks/figure3.ipynb",
        soundings=f"{RUN_DIR}/derive/es_cases.csv",
        nights=case_files("ionosonde", "ingest/ionosonde/batches/cases.json"),
        events=case_files("lidar", "detect/batches/cases.events.csv"),
        inventories=inventories("ionosonde", "lidar"),
        library=library(
            "metalclouds.figures.figure3",
            "metalclouds.figures.publish",
            "metalclouds.figures.render",
        ),
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
        run_dir=run_dir,
        settings=section("figures"),
        cases=cases(),
    message:
        "figure3: sporadic E beside the connections"
    script:
        "../scripts/figure.py"


rule figure4:
    input:
        notebook="notebooks/figure4.ipynb",
        monthly=f"{RUN_DIR}/derive/monthly.csv",
        density=f"{RUN_DIR}/derive/monthly_density.nc",
        inventories=inventories("lidar"),
        library=library(
            "metalclouds.figures.figure4",
            "metalclouds.figures.publish",
            "metalclouds.figures.render",
        ),
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
        run_dir=run_dir,
        settings=section("figures"),
        cases=cases(),
    message:
        "figure4: occurrence and main layer by month"
    script:
        "../scripts/figure.py"


rule figure5:
    input:
        notebook="notebooks/figure5.ipynb",
        nights=case_files("lidar", "ingest/lidar/batches/cases.json"),
        detected=case_files(
            "lidar", "detect/batches/cases.json", "detect/batches/cases.stripes.csv"
        ),
        winds=case_files("fpi", "ingest/fpi/batches/cases.json"),
        beta=f"{RUN_DIR}/derive/beta.csv",
        profile=f"{RUN_DIR}/derive/density_profile.csv",
        factors=f"{RUN_DIR}/derive/density_factors.csv",
        inventories=inventories("lidar", "fpi"),
        library=library(
            "metalclouds.figures.figure5",
            "metalclouds.figures.publish",
            "metalclouds.figures.render",
        ),
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
        run_dir=run_dir,
        settings=section("figures"),
        cases=cases(),
    message:
        "figure5: marked stripes, neutral density and wind"
    script:
        "../scripts/figure.py"


rule figure6:
    input:
        notebook="notebooks/figure6.ipynb",
        stripes=case_files("lidar", "detect/batches/cases.stripes.csv"),
        beta=f"{RUN_DIR}/derive/beta.csv",
        columns=f"{RUN_DIR}/derive/columns.csv",
        profile=f"{RUN_DIR}/derive/density_profile.csv",
        inventories=inventories("lidar", "fpi"),
        library=library(
            "metalclouds.figures.figure6",
            "metalclouds.figures.publish",
            "metalclouds.figures.render",
        ),
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
        run_dir=run_dir,
        settings=section("figures"),
        cases=cases(),
    message:
        "figure6: stripes, main layer and density to scale"
    script:
        "../scripts/figure.py"
