"""Writes config/README.md, every key with its type, default, rule and meaning, and config/schema.json for editors."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from metalclouds import config, io

HEAD = """# Configuration

Every key of `config/config.yaml`. A key that is not given has its default. A wrong key or value stops the run
before any job starts, with all mistakes at once. This page is made from the models in
`src/metalclouds/*/settings.py` by `python -m metalclouds.config_page`; a test compares the two.

Change a key for one run: `snakemake --cores all --config source=zenodo run=NAME`, or, for nested keys, write them
into a file and add `--configfile config/config.yaml my.yaml`; targets come before `--configfile`. Only the rules that
depend on the key run again: `snakemake --cores 1 -n --quiet rules` with the same options lists them. The results in
`results/<run>` are overwritten: copy them first and use `metalclouds compare`, or give `run: NAME`, which makes the
record and everything else anew. A key of a threshold does not change the numbers that claims ask for
(`config/claims.yaml`) or that a figure draws (its module). Editors that know YAML complete and check keys by
`config/schema.json`: `# yaml-language-server: $schema=schema.json` in the first line, as in `config.yaml`.
"""


def _rules(field: FieldInfo) -> str:
    parts = []
    for item in field.metadata:
        for name, sign in (
            ("ge", "≥"),
            ("gt", ">"),
            ("le", "≤"),
            ("lt", "<"),
            ("pattern", "matches"),
            ("min_length", "length ≥"),
        ):
            value = getattr(item, name, None)
            if value is not None:
                parts.append(f"{sign} `{value}`" if name == "pattern" else f"{sign} {value}")
    return ", ".join(parts).replace("|", "\\|")


def _type(annotation: Any) -> str:
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _type(arguments[0])
    if origin is Literal:
        return " or ".join(f"`{value}`" for value in arguments)
    if origin in (Union, UnionType):
        return " or ".join(_type(argument) for argument in arguments)
    if origin in (tuple, list):
        inner = dict.fromkeys(_type(argument) for argument in arguments if argument is not Ellipsis)
        return f"list of {', '.join(inner)}"
    if origin is dict:
        return "table"
    return {"NoneType": "null", "str": "text", "int": "integer", "float": "number", "bool": "true or false"}.get(
        annotation.__name__, annotation.__name__
    )


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    value = field.get_default(call_default_factory=True, validated_data={})
    if isinstance(value, tuple) and value and isinstance(value[0], BaseModel):
        return f"{len(value)} entries"
    return f"`{json.dumps(value, default=str, ensure_ascii=False)}`"


def _rows(model: type[BaseModel], prefix: str) -> list[str]:
    rows = []
    for name, field in model.model_fields.items():
        annotation, key = field.annotation, f"{prefix}{name}"
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            rows += _rows(annotation, f"{key}.")
            continue
        text = (field.description or "").replace("|", "\\|")
        rows.append(f"| `{key}` | {_type(annotation)} | {_default(field)} | {_rules(field)} | {text} |")
    return rows


def page() -> str:
    """The page as Markdown."""
    whole = config.model()
    lines = [HEAD]
    table = ["| key | type | default | rule | meaning |", "|---|---|---|---|---|"]
    sections: dict[str, Any] = {name: whole.model_fields[name].annotation for name in config.SECTIONS}
    lines += [
        "## Top level\n",
        *table,
        *[row for row in _rows(whole, "") if row.split("`")[1].split(".")[0] not in sections],
    ]
    for name, section in sections.items():
        lines += [f"\n## {name}\n", *table, *_rows(section, f"{name}.")]
    return "\n".join(lines) + "\n"


def schema() -> str:
    """The same as a JSON schema, with which editors complete and check keys."""
    return json.dumps(config.model().model_json_schema(), indent=1, ensure_ascii=False) + "\n"


def main(folder: str = "config") -> None:
    """Write both."""
    for name, text in (("README.md", page()), ("schema.json", schema())):
        with io.replacing(Path(folder) / name) as temporary:
            temporary.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
