#!/usr/bin/env python3
"""The manual page has each command and option that --help shows, and no other."""
import pathlib
import re
import subprocess
import sys

winnow, top = sys.argv[1], pathlib.Path(sys.argv[2])
page = (top / "docs" / "winnow.1.scd").read_text()
synopsis = re.search(r"(?s)# SYNOPSIS\n(.*?)\n# ", page)[1]
commands = re.search(r"(?s)# COMMANDS\n(.*?)\n# ", page)[1]
found = []


def help_of(*words):
    return subprocess.run([winnow, *words, "--help"], capture_output=True, text=True, check=True).stdout


def named(text):
    return set(re.findall(r"--([a-z][a-z-]*)", text)) - {"help"}


def shown(text):
    return set(re.findall(r"(?m)^  --([a-z-]+)", text)) - {"help"}


def options_of(command):
    """Those of the command and of its verbs: `keys` lists them in lines, `quarantine` with bars."""
    text = help_of(command)
    verbs = re.findall(rf"(?m)^  winnow {command} ([a-z-]+)", text)
    bars = re.search(rf"Usage: winnow {command} ([a-z-]+(?:\|[a-z-]+)+)", text)
    verbs += bars[1].split("|") if bars else []
    return shown(text).union(*(shown(help_of(command, verb)) for verb in verbs))


known = {command: options_of(command) for command in re.findall(r"(?m)^  ([a-z]+) {2,}", help_of())}
assert "sift" in known and "wrap" in known["keys"] and "officer-key" in known["quarantine"]
for command, options in known.items():
    lines = "\n".join(re.findall(rf"(?m)^\*winnow {command}\*.*$", synopsis))
    blocks = "\n".join(re.findall(rf"(?ms)^\*{command}(?: [a-z]+)?\*\n(.*?)(?=^\*|\Z)", commands))
    if not lines or not blocks:
        found.append(f"{command}: is not in the page's synopsis and its commands")
    found += [f"{command}: --{option} is not in the page" for option in sorted(options - named(lines + blocks))]
    found += [f"{command}: --{option} of the synopsis is no option" for option in sorted(named(lines) - options)]
found += [f"{command}: is no command" for command in set(re.findall(r"(?m)^\*winnow ([a-z]+)\*", synopsis)) - {*known, "help"}]
found += [f"--{option}: is no option of any command" for option in sorted(named(commands) - set().union(*known.values()))]
print("\n".join(found) or "ok")
sys.exit(1 if found else 0)
