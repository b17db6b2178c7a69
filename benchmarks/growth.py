"""Reports of which one part, how cost grows, takes long to measure and is measured by itself."""

from pathlib import Path

_HEAD = "## Growth"


def growth_report(output: str, lines: list[str]) -> None:
    """Write what was measured, and print it: a part `## Growth` of an earlier measurement stays where none is in the lines;
    lines that are this part alone take its place."""
    path, text = Path(output), "\n".join(lines) + "\n"
    before, _, growth = (path.read_text(encoding="utf-8") if path.exists() else "").partition(_HEAD)
    if text.startswith(_HEAD):
        text = f"{before.rstrip()}\n\n{text}"
    elif growth and _HEAD not in text:
        text = f"{text}\n{_HEAD}{growth}"
    path.write_text(text, encoding="utf-8")
    print("\n".join(lines))
