localrules:
    report,
    rulegraph,


# Checkpoints must have been passed, or the graph ends at them.
rule rulegraph:
    input:
        verdicts=f"{RUN_DIR}/claims/verdicts.json",
        figures=expand(f"{RUN_DIR}/figures/figure{{number}}.png", number=range(1, 7)),
        snakefile=own_file(RULES.parent / "Snakefile"),
    output:
        f"{RUN_DIR}/report/rulegraph.svg",
    log:
        f"{RUN_DIR}/logs/rulegraph.log",
    benchmark:
        f"{RUN_DIR}/benchmarks/rulegraph.tsv"
    threads: 1
    resources:
        mem_mb=300,
        runtime=5,
    params:
        code=code("rulegraph"),
        configuration=SETTINGS.model_dump(mode="json"),
    message:
        "report: picture of the rules"
    script:
        "../scripts/rulegraph.py"


rule report:
    input:
        verdicts=f"{RUN_DIR}/claims/verdicts.json",
        notes=f"{RUN_DIR}/claims/notes.json",
        summary=f"{RUN_DIR}/claims/summary.json",
        sensitivity=f"{RUN_DIR}/claims/sensitivity.json",
        figures=expand(
            f"{RUN_DIR}/figures/figure{{number}}.{{kind}}",
            number=range(1, 7),
            kind=["png", "pdf", "html"],
        ),
        supplements=rules.supplement_figures.output,
        night_pages=rules.night_pages.output,
        inventories=expand(
            f"{RUN_DIR}/raw/inventory/{{instrument}}.json", instrument=INSTRUMENTS
        ),
        manifest=f"{RUN_DIR}/raw/manifest.json",
        record=f"{RUN_DIR}/run.json",
        graph=f"{RUN_DIR}/report/rulegraph.svg",
        evaluation=f"{RUN_DIR}/evaluate.json" if SOURCE == "twin" else [],
        templates=[
            package_file(f"report/{name}")
            for name in (
                "templates/base.html.j2",
                "templates/figure.html.j2",
                "templates/index.html.j2",
                "templates/macros.html.j2",
                "templates/own.html.j2",
                "map.js",
                "plot.js",
                "style.css",
                "table.js",
            )
        ],
        workflow=workflow_files(),
    output:
        page=report(
            f"{RUN_DIR}/report/index.html",
            caption="../report/page.rst",
            category="Page",
            labels={"content": "verdicts, figures, data and notes on one page"},
        ),
        figures=expand(
            f"{RUN_DIR}/report/figure{{number}}.{{kind}}",
            number=range(1, 7),
            kind=["html", "sources.json"],
        ),
        workflow=directory(f"{RUN_DIR}/report/workflow"),
        crate=f"{RUN_DIR}/ro-crate-metadata.json",
    log:
        f"{RUN_DIR}/logs/report.log",
    benchmark:
        f"{RUN_DIR}/benchmarks/report.tsv"
    threads: 1
    resources:
        mem_mb=400,
        runtime=5,
    params:
        code=code("report"),
        settings=section("report"),
        run_dir=run_dir,
    message:
        "Writing the pages"
    script:
        "../scripts/report.py"
