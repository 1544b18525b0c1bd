"""A page of which parts are generated and the rest is people's: only the parts are replaced.

A part stands between ``<!-- generated: NAME -->`` and ``<!-- end of NAME -->``, each on a line of
its own.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from ansa_train.errors import TrainingError

_BEGIN = re.compile(r"^<!-- generated: ([a-z -]+) -->$", re.MULTILINE)


def part(name: str, text: str) -> str:
    """A generated part as it stands in a page."""
    return f"<!-- generated: {name} -->\n{text.strip()}\n<!-- end of {name} -->"


def renew(page: str, parts: Mapping[str, str], where: str) -> str:
    """The page with its generated parts made anew, and all else as it was.

    A part that the page lacks is added at its end; one that is no longer made is emptied, so that
    no old figure stands there as if it were of today.

    Args:
        page: as it is.
        parts: the text of each part by name.
        where: names the page in messages.

    Raises:
        TrainingError: a part does not end, or occurs twice.
    """
    found = _BEGIN.findall(page)
    for name in found:
        if found.count(name) > 1:
            raise TrainingError(f"{where}: the part {name!a} stands there twice; remove one")
        if f"<!-- end of {name} -->" not in page:
            raise TrainingError(
                f"{where}: the part {name!a} has no end; add the line <!-- end of {name} -->"
            )
        text = parts.get(name, "Nothing is known of this any more.")
        begin, end = f"<!-- generated: {name} -->", f"<!-- end of {name} -->"
        before, _, rest = page.partition(begin)
        _, _, after = rest.partition(end)
        page = before + part(name, text) + after
    added = [part(name, text) for name, text in parts.items() if name not in found]
    return "\n\n".join([page.rstrip("\n"), *added]) + "\n" if added else page
