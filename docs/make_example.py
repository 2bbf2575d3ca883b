"""Runs docs/example.ipynb: `python docs/make_example.py` keeps its outputs in it; --html DIR leaves a page only."""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import papermill

from metalclouds.figures.kernel import environment_kernel
from metalclouds.figures.render import export_html, without_times

NOTEBOOK = Path(__file__).with_name("example.ipynb")


def executed(notebook: Path, out: Path) -> Path:
    """The notebook as it ran, in the folder `out`."""
    target = out / notebook.name
    with environment_kernel() as kernel:
        papermill.execute_notebook(
            str(notebook),
            str(target),
            progress_bar=False,
            log_output=False,
            record_timing=False,
            cwd=str(out),
            **kernel,
        )  # fmt: skip
    without_times(target)
    return target


def main() -> None:
    """Run the example and leave what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--html", type=Path, help="folder for the page, in place of the outputs in the notebook")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        ran = executed(NOTEBOOK, Path(folder))
        if options.html:
            options.html.mkdir(parents=True, exist_ok=True)
            export_html(ran, options.html / "example.html")
        else:
            NOTEBOOK.write_bytes(ran.read_bytes())


if __name__ == "__main__":
    main()
