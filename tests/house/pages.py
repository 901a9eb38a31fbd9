#!/usr/bin/env python3
"""Each shipped source has a page that names it, in the table of docs/sources.md; each page says the same five things; links and
names of files lead somewhere; decisions are numbered once."""
import pathlib
import re
import sys

top = pathlib.Path(sys.argv[1])
HEADINGS = ["What is read", "What is dropped", "How to configure the switch", "What it loses by itself", "What is refused and why"]
found = []


def links(page):
    text = re.sub(r"(?s)```.*?```", "", page.read_text())
    for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", text):
        if "://" not in target and not (page.parent / target).exists():
            found.append(f"{page.relative_to(top)}: nothing lies at {target}")
    for name in re.findall(r"(?<![\w/])(?:docs|schemas|src|tests|bench|contrib)/[\w./-]*\w\.(?:md|c|h|py|sh|yaml|avsc|csv|scd|service)\b", text):
        if not (top / name).exists() and "NAME" not in name:
            found.append(f"{page.relative_to(top)}: there is no {name}")


table = (top / "docs" / "sources.md").read_text()
pages = sorted((top / "docs" / "sources").glob("*.md"))
titles = {name: page.name for page in pages
          for name in [page.stem] + re.findall(r"[a-z0-9-]+", page.read_text().split("\n", 1)[0])}
for page in pages:
    name = page.relative_to(top)
    headings = re.findall(r"(?m)^## (.*)$", page.read_text())
    if headings != HEADINGS:
        found.append(f"{name}: its headings are not: {', '.join(HEADINGS)}")
for source in sorted((top / "schemas" / "sources").glob("*.yaml")):
    page = titles.get(source.stem)
    if not page:
        found.append(f"{source.relative_to(top)}: no page of docs/sources/ is named after it, or names it in its first line")
    elif not re.search(rf"(?m)^\| .*\[`{source.stem}`\].*\(sources/{page}\)", table):
        found.append(f"docs/sources.md: the table of shipped sources has no row with {source.stem} and its page {page}")
for page in sorted(top.glob("docs/**/*.md")) + [top / "README.md", top / "CHANGELOG.md", top / "bench/README.md", top / "docs/winnow.1.scd"]:
    links(page)
for number, page in enumerate(sorted(top.glob("docs/adr/*.md")), 1):
    if not page.name.startswith(f"{number:04}-") or not page.read_text().startswith(f"# {number}. "):
        found.append(f"{page.relative_to(top)}: is decision {number} by its place; its name or its title says another number")
print("\n".join(found) or "ok")
sys.exit(1 if found else 0)
