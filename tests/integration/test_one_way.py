#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""One way, two carriers: the same records through `sift` and through `run`, one a message and packed, give the same usage
records (all but `origin`), the same verdicts and the same counts by reason. The clock is out of play."""
import io
import json
import os
import sys

try:
    import fastavro
except ImportError:
    if os.environ.get("WINNOW_PYTHON", sys.executable) == sys.executable:
        sys.exit("fastavro is missing: name a Python that has it in WINNOW_PYTHON, as ./test.sh does")
    os.execv(os.environ["WINNOW_PYTHON"], [os.environ["WINNOW_PYTHON"], *sys.argv])

import kafka
from kafka import Site, W

SETS = {
    "freeswitch-json": (("call",), lambda: (W.SAMPLES / "freeswitch/cdr.jsonl").read_bytes().splitlines(keepends=True)),
    "freeradius-detail": (("session",), lambda: [
        record + b"\n\n" for path in sorted(W.SAMPLES.glob("freeradius/radacct/*/*"))
        for record in path.read_bytes().split(b"\n\n") if record]),
    "containers-json": (("session",), lambda: (W.SOURCE / "tests/golden/containers-json/two-containers.raw").read_bytes().splitlines(keepends=True)),
    "types-json": (("session", "call"), lambda: (W.SOURCE / "tests/golden/types-json/one-stream.raw").read_bytes().splitlines(keepends=True)),
}
COUNTS = ("in", "passed", "duplicates", "superseded", "filtered", "quarantined", "purposes", "drift", "first", "last")
SITE = """site:
  country: 44
  home: ["204-98", "999-70"]
  zone: Europe/Amsterdam
  test: {imsi: ["001-01"]}
"""


def pack(messages):
    return b"".join(len(m).to_bytes(4, "big") + m for m in messages)


def without_origin(records):
    """Usage records as a sorted list of texts; what says where each lay is left out."""
    return sorted(json.dumps({k: v for k, v in r.items() if k != "origin"}, sort_keys=True) for r in records)


def from_topic(site, purpose, kind):
    """What `run` put out for this site, read by `winnow cat`."""
    schema = W.winnow("schema", purpose, kind, "--policy", site.policy).stdout
    parsed = fastavro.parse_schema(json.loads(schema))
    found = []
    for _, avro in site.usage(purpose, kind):
        record = fastavro.schemaless_reader(io.BytesIO(avro), parsed)
        if purpose != "billing" or record["origin"]["input"] == site.topic:
            found.append(json.loads(json.dumps(record, default=plain)))
    return found


def plain(value):
    if isinstance(value, bytes):
        return value.hex()
    return int(value.timestamp() * 1000 + 0.5)  # fastavro turns a timestamp into a datetime.


def add(into, counts):
    """Add counts of receipts, however nested."""
    for name, value in counts.items():
        if isinstance(value, dict):
            add(into.setdefault(name, {}), value)
        elif name == "first":
            into[name] = min(into.get(name, value), value) if value is not None else into.get(name)
        elif name == "last":
            into[name] = max(into.get(name, value), value) if value is not None else into.get(name)
        else:
            into[name] = into.get(name, 0) + value


def compare_usage(site, out, purpose, kind, what):
    """The usage records of one purpose and type, by both carriers. @return sentences."""
    files, topics = W.usage(out, purpose, kind), from_topic(site, purpose, kind)
    mine = without_origin(topics)
    if purpose == "insight":  # Its records do not say whose they are: take what the runs before put out away.
        before = SEEN.setdefault(kind, [])
        for text in before:
            mine.remove(text)
        before += mine
    wrong = []
    if without_origin(files) != mine:
        wrong.append(f"{what}: {purpose} {kind}: {len(files)} records by sift, {len(mine)} by run, and they differ")
    if not files:
        wrong.append(f"{what}: {purpose} {kind}: no records, so that nothing was compared")
    return wrong


def one_way(source, kinds, records, packed):
    """Both carriers over the same records. @return sentences."""
    site = Site(source=source, policy=POLICY)
    text = site.config.read_text().replace("lateness: 35d", "lateness: 36500d")
    site.config.write_text(SITE + text)
    messages = [b"".join(records[i:i + 7]) for i in range(0, len(records), 7)] if packed else records
    site.tool("pack", site.topic, 0, stdin=pack(messages))
    process = site.start()
    site.await_end(process)
    site.stop(process)

    raw = site.dir / "raw"
    raw.write_bytes(b"".join(records))
    out = site.dir / "out"
    W.winnow("sift", "--config", site.config, "--policy", POLICY, "--keys", site.keys, "--source", source, "--out", out,
             "--as-of", "2026-11-24T00:00:00Z", raw)

    wrong = []
    what = f"{source}, {'packed' if packed else 'one a message'}"
    for purpose in ("billing", "insight"):
        for kind in kinds:
            wrong += compare_usage(site, out, purpose, kind, what)
    by_run, by_sift = {}, {}
    for chain in site.receipts().values():
        for receipt, _ in chain:
            add(by_run, {n: receipt[n] for n in COUNTS})
    for receipt in W.receipts(out):
        add(by_sift, {n: receipt[n] for n in COUNTS})
    if by_run != by_sift:
        wrong.append(f"{what}: counts differ\n  sift {by_sift}\n  run  {by_run}")
    site.close()
    return wrong


if __name__ == "__main__":
    SEEN = {}
    scratch = W.scratch()
    POLICY = W.make_policy(f"{scratch.name}/policy", "contract")
    problems = []
    try:
        for name, (kinds_, read) in SETS.items():
            rows = read()
            for is_packed in (False, True):
                problems += one_way(name, kinds_, rows, is_packed)
    finally:
        kafka.close_broker()
    print("\n".join(problems) or "ok")
    sys.exit(1 if problems else 0)
