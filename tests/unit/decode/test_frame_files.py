#!/usr/bin/env python3
"""The files of tests/data/3gpp/frames hold exactly the records that frames.jsonl.gz says, and declare what it says.

    frame_files.py PROGRAM DATA
"""
import gzip
import json
import pathlib
import re
import subprocess
import sys

NAMES = {"count": "count", "sequence": "sequence", "lost": "lost", "reason": "closed"}
STANDARD = {"3gpp-ps": "7", "3gpp-cs": "6", "3gpp-chf": "20"}


def lines(path):
    with gzip.open(path, "rt") as file:
        return [json.loads(line) for line in file]


def lost(indicator):
    """How many records the indicator says that are lost, at least."""
    return 1 if indicator == 128 else 127 if indicator == 255 else indicator - 128 if indicator > 128 else indicator


def differences(truth, told, data, octets):
    """What a file's pieces differ in from the truth."""
    content = (data / "frames" / truth["file"]).read_bytes()
    parts = dict(pair.split("=") for part in re.findall(r"\{(.*?)\}", told) for pair in part.split())
    pieces = re.findall(r"(?:^| )(\d+)\+(\d+)(?:/(\d+))?", re.sub(r"#\d+\+\d+\{.*?\}", "", told))
    records = [content[int(at):int(at) + int(length)] for at, length, _ in pieces]
    if "!" in told:
        yield "a piece is refused"
    if records != [octets[tuple(r)] for r in truth["records"]]:
        yield f"{len(records)} records that are not the {len(truth['records'])} of the truth"
    if truth["framing"] == "ts32297" and {s for _, _, s in pieces} != {STANDARD[truth["source"]]}:
        yield "a record's standard"
    for name, value in truth.get("declared", {}).items():
        value = lost(value) if name == "lost" else None if name == "count" and value == 0xFFFFFFFF else value
        if parts.get(NAMES[name]) != (None if value is None else str(value)):
            yield f"{name}: {parts.get(NAMES[name])}, not {value}"
    if "length" in parts and int(parts["length"]) != len(content):
        yield "length"


def main():
    program, data = sys.argv[1], pathlib.Path(sys.argv[2])
    octets = {}
    for line in lines(data / "truth.jsonl.gz"):
        content = (data / line["file"]).read_bytes()
        octets[line["file"], line["n"]] = content[line["offset"]:line["offset"] + line["length"]]
    truths = lines(data / "frames.jsonl.gz")
    paths = [data / "frames" / t["file"] for t in truths]
    run = subprocess.run([program, *paths], stdout=subprocess.PIPE, text=True, check=True)
    told = dict(line.split(" ", 1) for line in run.stdout.splitlines())
    failed = 0
    for truth in truths:
        for what in differences(truth, told[truth["file"]], data, octets):
            failed += 1
            print(f"{truth['file']}: {what}")
    print(f"{len(truths)} files, {failed} differences")
    return 1 if failed or not truths else 0


if __name__ == "__main__":
    sys.exit(main())
