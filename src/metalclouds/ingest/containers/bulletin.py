"""Tables of a month as bulletins of ionospheric data print them: a row a day, twelve hours a block, a title above."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from metalclouds.errors import ReadError
from metalclouds.ingest.containers.arrays import Arrays
from metalclouds.ingest.containers.cells import numbers_of

_DAY = re.compile(r"days?|date|d[/\\]h|日期?", re.IGNORECASE)
_HOUR = re.compile(r"(\d{1,2})(?:h|:00|时)?", re.IGNORECASE)
_QUANTITY = re.compile(r"(?<![a-z])(?:f[ob]?_?(?:es|f2)|h['’`]?_?(?:es|f2))(?![a-z])", re.IGNORECASE)
_NAMES = {"foes": "foEs", "fbes": "fbEs", "fof2": "foF2", "hes": "hEs", "hf2": "hF2"}
_FEWEST_HOURS, _LAST_HOUR = 6, 24
_FEWEST_DAYS, _MOST_DAYS = 5, 31
# Key among the attributes of a file: how many rows do not fit their block, which are left out.
ROWS_LOST = "rows_lost"
# More than this share is a stop.
LARGEST_LOSS = 0.1


@dataclass
class Block:
    """Hours from left to right, words behind them (`last` of them), the title above, and the cells of each day."""

    hours: list[int]
    behind: int
    title: str
    last: str = ""
    raw: list[tuple[int, list[str]]] = field(default_factory=list)
    rows: dict[int, list[str]] = field(default_factory=dict)
    lost: int = 0

    def settle(self) -> None:
        """Keep the rows that are as long as most of the block, and name their day again where the block does.

        A row with one cell less would be taken an hour late; of two rows of a day nothing says which is right.
        """
        widths = [len(cells) for _, cells in self.raw]
        usual = max(set(widths), key=widths.count, default=0)
        fits = usual in (len(self.hours), len(self.hours) + self.behind)
        closed = self.behind and usual > len(self.hours) and bool(_DAY.fullmatch(self.last))
        whole = [
            (day, cells)
            for day, cells in self.raw
            if fits and len(cells) == usual and (not closed or cells[-1].lstrip("0") == str(day))
        ]
        days = [day for day, _ in whole]
        self.rows = {day: cells[: len(self.hours)] for day, cells in whole if days.count(day) == 1}
        self.lost = len(self.raw) - len(self.rows)


def load_bulletin(lines: Sequence[str], file: str) -> Arrays | None:
    """Matrices of (day, hour) with their margins, one a quantity; None where a text is no bulletin.

    Raises
    ------
    ReadError
        If two blocks have the same hours of the same quantity, or more than a tenth of the rows do not fit the hours
        above them; fewer are left out and counted.
    """
    blocks = [block for block in _blocks(lines) if len(block.raw) >= _FEWEST_DAYS]
    if len(blocks) < 2 and not any(block.behind for block in blocks):
        return None
    groups: dict[str, list[Block]] = {}
    name = quantity_in(file)
    for block in blocks:
        name = quantity_in(block.title) or name
        groups.setdefault(name, []).append(block)
    if not groups or "" in groups:
        return None
    for block in blocks:
        block.settle()
    lost, count = sum(block.lost for block in blocks), sum(len(block.raw) for block in blocks)
    if lost > LARGEST_LOSS * count:
        raise ReadError("rows of a table of a month do not fit its hours", file=file, given=f"{lost} of {count} rows")
    out = _joined(groups, file)
    if lost:
        out.attributes_of_file[ROWS_LOST] = f"{lost} of {count}"
    return out


def _joined(groups: dict[str, list[Block]], file: str) -> Arrays:
    blocks = [block for group in groups.values() for block in group]
    days = sorted({day for block in blocks for day in block.rows})
    hours = sorted({hour for block in blocks for hour in block.hours})
    out = Arrays("text", {}, attributes_of_file={"header": "\n".join(block.title for block in blocks)})
    for name, group in groups.items():
        texts = np.full((len(days), len(hours)), "", dtype=object)
        filled = np.zeros(texts.shape, bool)
        for block in group:
            columns = [hours.index(hour) for hour in block.hours]
            for day, row in block.rows.items():
                if filled[days.index(day), columns].any():
                    raise ReadError(
                        "two tables of a month have the same hours", file=file, given=f"{name}, day {day}"
                    )
                texts[days.index(day), columns], filled[days.index(day), columns] = row, True
        cells = texts.astype(str)
        out.values[name], out.cells[name] = numbers_of(cells.ravel()).reshape(cells.shape), cells
        out.attributes[name] = {"title": "\n".join(block.title for block in group)}
    out.values["first_column"], out.values["first_row"] = np.array(days, float), np.array(hours, float)
    return out


def _blocks(lines: Sequence[str]) -> list[Block]:
    out: list[Block] = []
    title: list[str] = []
    for line in lines:
        tokens = [token for token in re.split(r"[\s,;|]+", line.strip()) if token]
        head = _head(tokens, "\n".join(title))
        if head is not None:
            out.append(head)
            title = []
        elif out and tokens and re.fullmatch(r"0?[1-9]|[12]\d|3[01]", tokens[0]) and len(tokens) > _FEWEST_HOURS // 2:
            out[-1].raw.append((int(tokens[0]), tokens[1:]))
        elif tokens and (not out or _QUANTITY.search(line) or title):
            title.append(line.strip("#% "))
    return out


def _head(tokens: Sequence[str], title: str) -> Block | None:
    """A row of hours that follow one another, perhaps behind and before a word for the day."""
    words = list(tokens)
    if words and _DAY.fullmatch(words[0].lstrip("#%")):
        words = words[1:]
    hours: list[int] = []
    while len(hours) < len(words) and (match := _HOUR.fullmatch(words[len(hours)])):
        if hours and int(match[1]) != hours[-1] + 1:
            break
        hours.append(int(match[1]))
    behind = words[len(hours) :]
    named = len(words) < len(tokens) or words[:1] != [str(hours[0])] if hours else False
    if len(hours) < _FEWEST_HOURS or hours[-1] > _LAST_HOUR or any(word[0].isdigit() for word in behind) or not named:
        return None
    return Block(hours, len(behind), title, behind[-1] if behind else "")


def quantity_in(text: str) -> str:
    """The one characteristic that a text names, `foEs`; "" where it names none, or several."""
    found = {re.sub(r"[^a-z0-9]", "", match.lower()) for match in _QUANTITY.findall(re.sub(r"_", " ", text))}
    return _NAMES.get(next(iter(found)), "") if len(found) == 1 else ""
