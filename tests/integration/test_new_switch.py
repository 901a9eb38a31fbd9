#!/usr/bin/env python3
"""docs/new-switch.md is true: its commands, run one after the other in an empty folder, print what it says, and the lines of YAML that
it shows are those of the files beside it.

    test_new_switch.py             compare
    test_new_switch.py --show      print what the commands print, to write the page from

A line of `…` in the page stands for any lines; in a line it stands for anything. Hexadecimal digits of 16 and more are not compared.
"""
import os
import pathlib
import re
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "support"))
import winnow as w  # noqa: E402

PAGE = w.SOURCE / "docs" / "new-switch.md"
FILES = w.SOURCE / "docs" / "new-switch"


def blocks(kind):
    """The fenced blocks of a kind, with the number of their first line."""
    text = PAGE.read_text()
    for match in re.finditer(rf"(?ms)^```{kind}\n(.*?)^```$", text):
        yield text[:match.start(1)].count("\n") + 1, match[1]


def steps(block):
    """The commands of a console block, each with the lines that it is said to print."""
    for step in re.split(r"(?m)^\$ ", block)[1:]:
        command, _, printed = step.partition("\n")
        while command.endswith("\\"):
            more, _, printed = printed.partition("\n")
            command = command[:-1] + more.removeprefix("> ")
        yield command, printed.splitlines()


def pattern(lines):
    """A regular expression for the lines of the page."""
    out = ""
    for line in lines:
        out += r"(?:.*\n)*?" if line.strip() == "…" else re.sub(r"\\?…", ".*", re.escape(line.rstrip())) + r"[ ]*\n"
    return out


def neutral(text):
    return re.sub(r"[0-9a-f]{16,}", "…", text)


def main():
    show = "--show" in sys.argv
    ok = True
    files = [f.read_text(encoding="cp1252") if f.suffix == ".csv" else f.read_text() for f in sorted(FILES.iterdir())]
    for line, block in blocks("yaml"):
        if not any(block in text for text in files):
            print(f"docs/new-switch.md:{line}: no file of docs/new-switch/ has these lines")
            ok = False
    n = 0
    with w.scratch() as folder:
        env = {"PATH": f"{pathlib.Path(w.BINARY).parent}:/usr/bin:/bin", "LC_ALL": "C.UTF-8", "HOME": folder,
               "EXAMPLE": str(FILES), "SCHEMAS": str(w.SOURCE / "schemas")}
        for line, block in blocks("console"):
            for command, expected in steps(block):
                ran = subprocess.run(["sh", "-c", command], cwd=folder, env=os.environ | env, stdout=subprocess.PIPE,
                                     stderr=subprocess.STDOUT, text=True, encoding="utf-8")
                n += 1
                if show:
                    print(f"$ {command}\n{ran.stdout}", end="")
                elif not re.fullmatch(pattern(expected), neutral(ran.stdout.rstrip("\n") + "\n" if ran.stdout else "")):
                    print(f"docs/new-switch.md:{line}: $ {command}\nprints\n{ran.stdout}")
                    ok = False
    if n < 10:
        print("docs/new-switch.md has no commands")
        ok = False
    print("ok" if ok else "failed")
    return 0 if ok else 1


if __name__ == "__main__":
    sys.exit(main())
