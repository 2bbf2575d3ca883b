"""What the Snakemake files need: source files of a module, the log of a job, its dask client."""

from __future__ import annotations

import ast
import contextlib
import functools
import os
import sys
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from metalclouds import parallel
from metalclouds.errors import MetalcloudsError, in_words
from metalclouds.run_lock import end_with_run

PACKAGE = Path(__file__).parent
# One thread for every library that would take all cores behind Snakemake's back.
THREAD_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")


def limit_threads() -> None:
    """Let each numerical library use one thread, unless the user said otherwise."""
    for name in THREAD_VARIABLES:
        os.environ.setdefault(name, "1")


def _file_of(module: str) -> Path | None:
    base = PACKAGE.parent.joinpath(*module.split("."))
    for candidate in (base.with_suffix(".py"), base / "__init__.py"):
        if candidate.is_file():
            return candidate
    return None


@functools.cache
def _imports(path: Path) -> tuple[str, ...]:
    """Modules of this package that a file imports, anywhere in it."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module)
            found.update(f"{node.module}.{alias.name}" for alias in node.names)
    return tuple(sorted(name for name in found if name.split(".")[0] == "metalclouds"))


@functools.cache
def library_files(*modules: str) -> tuple[str, ...]:
    """Source files of modules of this package and of all they import, themselves included.

    Snakemake does not see edits in an imported package, so rules declare these as inputs. Imports are read from
    the source text, so a module imported inside a function counts too.

    Raises
    ------
    FileNotFoundError
        If one of `modules` does not exist.
    """
    pending, seen = list(modules), set()
    for name in modules:
        if _file_of(name) is None:
            raise FileNotFoundError(f"no module {name} below {PACKAGE}")
    while pending:
        path = _file_of(pending.pop())
        if path is not None and path not in seen:
            seen.add(path)
            pending.extend(_imports(path))
    # The root module holds the version number only; a release must not rerun everything.
    return tuple(sorted(str(path) for path in seen - {PACKAGE / "__init__.py"}))


@contextlib.contextmanager
def job(snakemake: Any) -> Iterator[None]:
    """Send what a script prints to the rule's log; on failure the reason stands there and outside.

    An error of ours says what to do, so the log holds its text; any other one is a fault of the code: its traceback.
    The reason reaches the terminal also where the log cannot be written. The job ends with its run.
    """
    limit_threads()
    end_with_run()
    log = Path(str(snakemake.log[0])) if snakemake.log else None
    try:
        with _printing_to(log):
            yield
    except BaseException as error:
        print(f"{snakemake.rule}: {in_words(error)}" + (f"\n  log: {log}" if log else ""), file=sys.stderr)
        sys.exit(1)


@contextlib.contextmanager
def _printing_to(log: Path | None) -> Iterator[None]:
    """Everything printed goes to a file, an exception too."""
    if log is None:
        yield
        return
    log.parent.mkdir(parents=True, exist_ok=True)
    stream = open(log, "w", encoding="utf-8", errors="backslashreplace", buffering=1)  # noqa: SIM115
    try:
        with contextlib.redirect_stdout(stream), contextlib.redirect_stderr(stream):
            yield
    except BaseException as error:
        # The disk may be full: then the log is cut, and the reason goes on to the terminal.
        with contextlib.suppress(OSError):
            print(in_words(error) if isinstance(error, MetalcloudsError) else traceback.format_exc(), file=stream)
        raise
    finally:
        with contextlib.suppress(OSError):
            stream.close()


def client(snakemake: Any) -> contextlib.AbstractContextManager[Any]:
    """The dask client of a job, as the config section parallel has it."""
    # Imported here: most jobs have no client, and pydantic costs them a fifth of a second.
    from metalclouds.parallel_settings import ParallelSettings

    chosen = ParallelSettings(**(snakemake.config.get("parallel") or {}))
    return parallel.client(
        chosen.dask,
        chosen.workers or int(snakemake.threads),
        adaptive=chosen.adaptive,
        dashboard=chosen.dashboard,
        options=chosen.dask_options,
    )
