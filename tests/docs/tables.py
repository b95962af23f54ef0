"""Tables of the documentation, for tests that hold them against the code."""

from pathlib import Path

DOCS = Path(__file__).parents[2] / "docs"


def table(file: str, heading: str) -> dict[str, list[str]]:
    """The rows of the first table below a heading of a file, by their first cell without its marks."""
    text = (DOCS / file).read_text(encoding="utf-8")
    section = text.split(f"## {heading}\n", 1)[1].split("\n## ", 1)[0]
    lines = section[section.index("\n|") + 1 :].split("\n\n", 1)[0].splitlines()
    rows = ([cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:])
    return {row[0].strip("`"): row[1:] for row in rows}
