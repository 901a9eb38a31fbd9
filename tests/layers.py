#!/usr/bin/env python3
"""Check the rooms: who may include whom, which library lives where, how long a file may be."""
import pathlib
import re
import sys

top = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else pathlib.Path(__file__).resolve().parents[1]
# A room may include what is to its left; policy, decode and keys do not know one another.
LAYERS = [["base"], ["record"], ["policy", "decode", "keys"], ["judge"], ["minimise"], ["account"],
          ["pipeline"], ["carry"], ["rights", "serve"], ["cmd"], ["main"]]
RANK = {room: rank for rank, rooms in enumerate(LAYERS) for room in rooms}
# Outside libraries and their homes.
HOMES = {
    "librdkafka/": ("src/carry/kafka/",), "sqlite3.h": ("src/carry/files/manifest",),
    "zstd.h": ("src/carry/files/container", "src/decode/unpack"), "zlib.h": ("src/decode/unpack",),
    "avro.h": ("src/policy/derive", "src/account/reader"), "simdjson.h": ("src/decode/json_simd.cc",),
    "microhttpd.h": ("src/serve/http",), "yaml.h": ("src/base/config",), 
    "jansson.h": ("src/policy/", "src/account/", "src/carry/registry.c"), "curl/": ("src/carry/web.c",),
    "openssl/": ("src/keys/mac.c", "src/base/hash.c"), "utf8proc.h": ("src/record/identifier",),
    "sodium.h": ("src/keys/", "src/account/quarantine.c", "src/account/receipt", "src/minimise/pseudonym.c"),
}
SHARED = {"base": "base", "error": "base", "slice": "base", "arena": "base", "hash": "base",
          "log": "base", "config": "base", "io": "base"}
found = []


def room_of(path):
    parts = path.relative_to(top).parts
    return parts[1] if len(parts) > 2 else path.stem


def homes_of_headers():
    """Which room a header of include/winnow belongs to: where its functions are defined."""
    homes = dict(SHARED)
    for line in (top / "docs" / "ARCHITECTURE.md").read_text().splitlines():
        match = re.match(r"\| `(\w+)\.h` \| `(\w+)` \|", line)
        if match:
            homes[match[1]] = match[2]
    return homes


homes = homes_of_headers()
for header in sorted((top / "include" / "winnow").glob("*.h")):
    if header.stem not in homes:
        found.append(f"{header.relative_to(top)}: has no row in the table of headers in docs/ARCHITECTURE.md")
for path in sorted((top / "src").rglob("*.[ch]*")) + sorted((top / "include" / "winnow").glob("*.h")):
    if path.suffix not in (".c", ".h", ".cc"):
        continue
    name = path.relative_to(top)
    text = path.read_text()
    lines = text.count("\n")
    if lines > 600:
        found.append(f"{name}: {lines} lines, 600 at most")
    mine = homes.get(path.stem) if "include" in name.parts else room_of(path)
    for number, line in enumerate(text.splitlines(), 1):
        match = re.match(r'#include [<"]([^>"]+)', line)
        if not match:
            continue
        target = match[1]
        for library, places in HOMES.items():
            if target.startswith(library) and not str(name).startswith(places):
                found.append(f"{name}:{number}: {target} lives in {', '.join(places)}")
        theirs = homes.get(pathlib.Path(target).stem) if target.startswith("winnow/") else None
        if theirs and mine and theirs != mine and RANK[theirs] >= RANK[mine]:
            found.append(f"{name}:{number}: {mine} may not use {theirs}")
print("\n".join(found) or "ok")
sys.exit(bool(found))
