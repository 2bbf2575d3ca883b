"""Run a figure's notebook.

Nothing heavy is imported here: the notebook's own kernel reads and draws, this process only waits for it.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from metalclouds.files import replacing

# A kernel that does not answer within this time is given up, s.
START_TIMEOUT_S = 60
# Colours of the notebook's page that are too pale to read by the rule of 4.5 to 1 (WCAG 2.1, 1.4.3), darker.
READABLE = (
    "<style>:root { --jp-mirror-editor-number-color: #006600; --jp-mirror-editor-comment-color: #2d6363; "
    "--jp-cell-prompt-not-active-opacity: 1; --jp-cell-inprompt-font-color: #2b5f8a; "
    "--jp-cell-outprompt-font-color: #9c3a14; }</style>\n</head>"
)


def execute(notebook: str | Path, parameters: dict, out_dir: str | Path, name: str, failed: str | Path) -> None:
    """Run a notebook with papermill; leave OUT_DIR/NAME.ipynb and .html, and what the notebook itself writes.

    Parameters
    ----------
    parameters
        values of the cell tagged `parameters`; `png` and `pdf` are added.
    failed
        where the notebook is kept, with its error, if a cell fails.

    Raises
    ------
    papermill.exceptions.PapermillExecutionError
        If a cell fails.
    """
    import papermill

    from metalclouds.figures.kernel import environment_kernel

    out = Path(out_dir)
    out.mkdir(parents=True, exist_ok=True)
    values = {**parameters, "png": str(out / f"{name}.png"), "pdf": str(out / f"{name}.pdf")}
    running = out / f".{name}.part.ipynb"
    try:
        with environment_kernel() as kernel:
            papermill.execute_notebook(
                str(notebook), str(running), parameters=values, progress_bar=False, log_output=False,
                start_timeout=START_TIMEOUT_S, record_timing=False, **kernel,
            )  # fmt: skip
        without_times(running)
        running.replace(out / f"{name}.ipynb")
    except BaseException:
        _keep(running, Path(failed))
        raise
    finally:
        running.unlink(missing_ok=True)
    export_html(out / f"{name}.ipynb", out / f"{name}.html")


def without_times(notebook: Path) -> None:
    """Take out of an executed notebook what differs between equal runs: times, paths, random names of cells."""
    content = json.loads(notebook.read_text(encoding="utf-8"))
    content["metadata"].pop("papermill", None)
    for number, cell in enumerate(content["cells"]):
        for name in ("papermill", "execution"):
            cell["metadata"].pop(name, None)
        if "injected-parameters" in cell["metadata"].get("tags", ()):
            cell["id"] = f"parameters-{number}"
    with replacing(notebook) as temporary:
        temporary.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _keep(notebook: Path, failed: Path) -> None:
    if notebook.is_file():
        failed.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(notebook, failed)


def export_html(notebook: Path, html: Path) -> None:
    """A page of an executed notebook that opens from disk and asks no other machine for anything."""
    from nbconvert import HTMLExporter

    exporter = HTMLExporter(
        template_name="lab", mathjax_url="", require_js_url="", jquery_url="", widget_renderer_url="",
        jupyter_widgets_base_url="", mermaid_js_url="", embed_images=True,
    )  # fmt: skip
    body, _ = exporter.from_filename(str(notebook))
    with replacing(html) as temporary:
        temporary.write_text(body.replace("</head>", READABLE, 1), encoding="utf-8")
