"""Lines that say when a file was made, changed or published: their dates and clocks are not those of the data."""

from __future__ import annotations

import re

_MADE = re.compile(
    r"(?<![a-z])(?:(?:file)?creat(?:ed|ion|e)(?:[ _]?(?:time|date))?|writ(?:ten|e[_ ]date)"
    r"|generat(?:ed|ion)|(?:re)?process(?:ed|ing)|version"
    r"|updat(?:ed?|es)"
    r"|modif(?:ied|ication)|export(?:ed)?|printed|access(?:ed)?|upload(?:ed)?|revis(?:ed|ion)|copyright"
    r"|publish(?:ed)?|publication|download(?:ed)?|saved|releas(?:ed?)|submi(?:tted|ssion)|received|archived"
    r"|erstellt|erzeugt|geschrieben|veröffentlicht|stand:|créée?s?|généré|publié|creado|generado|publicado)(?![a-z])"
    r"|更新|生成|创建|版本|上传|发布|修改",
    re.IGNORECASE,
)


def says_when_made(line: str) -> bool:
    """Whether a line is about the making of a file.

    Examples
    --------
    >>> says_when_made("# Created by Matlab on 04-Mar-2024 10:22:01 CET"), says_when_made("# Date: 2021-05-10, UT")
    (True, False)
    """
    return bool(_MADE.search(line))


def of_the_data(text: str) -> str:
    """A header without the lines that are about the making of the file.

    Examples
    --------
    >>> of_the_data("Night of 2021-05-10\\nFile written 2024-03-01 10:00 UTC+8")
    'Night of 2021-05-10'
    """
    return "\n".join(line for line in text.splitlines() if not says_when_made(line))
