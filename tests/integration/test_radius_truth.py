#!/usr/bin/env python3
"""The samples of FreeRADIUS against what was driven: each session's last counters arrive, once, and nobody
else's; as they lie, and with all times shifted in 200 steps over the tolerance's buckets and midnight, in file
order and shuffled."""
import collections
import json
import pathlib
import random
import re
import sys
import zoneinfo
from datetime import datetime, timezone

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "support"))
import winnow as w  # noqa: E402

RADIUS = w.SAMPLES / "freeradius"
ZONE = zoneinfo.ZoneInfo("Europe/Amsterdam")
EXPECTED = {"in": 394, "passed": 265, "duplicates": 14, "superseded": 0}
FILTERED = {"not-usage": 102, "test": 4, "foreign-imsi": 6}
QUARANTINED = {"value-cut": 3}
STEPS = 200


def truth(without=frozenset({"1b" * 253})):
    """What may be billed of each session: node, last session time [ms], octets up and down; as a multiset.

    @param without  user names, in hex, that the writer can't write.
    """
    wanted = collections.Counter()
    # An access server that sends no Gigawords lets its counters wrap: only the low 32 bits are in the record.
    packets = map(json.loads, (RADIUS / "packets.truth.jsonl").read_text().splitlines())
    wraps = {p["session"] for p in packets if p["gigawords"] == "never"}
    for line in (RADIUS / "sessions.truth.jsonl").read_text().splitlines():
        s = json.loads(line)
        k = s["knowable"]
        imsi = s.get("imsi") or ""
        if imsi.startswith(("00101", "99940")) or s["user_name_hex"] in without:
            continue
        if not k or k["last_session_time"] is None or (k["records"] == 1 and k["start_seen"]):
            continue
        most = 1 << (32 if s["session"] in wraps else 64)
        wanted[(s["nas_ip"], k["last_session_time"] * 1000, k["last_octets_up"] % most, k["last_octets_down"] % most)] += 1
    return wanted


def got(out):
    """The same of what came out: per session the record with the longest time, then the largest counters."""
    last = {}
    for r in w.usage(out, "billing", "session"):
        key = (r["duration"], r["session_uplink"] or 0, r["session_downlink"] or 0)
        if r["session"] not in last or key > last[r["session"]][1]:
            last[r["session"]] = (r["node"], key)
    return collections.Counter((node, *key) for node, key in last.values())


def shifted(text, by):
    """All times of a detail file moved by `by` seconds, in the same zone."""
    def local(epoch, form):
        at = datetime.fromtimestamp(epoch, ZONE)
        return at.strftime(form).replace("DAY", f"{at.day:2d}")

    def header(match):  # Never authoritative; its zone is unknown, so the first instant will do.
        at = datetime.strptime(match[0].decode(), "%a %b %d %H:%M:%S %Y").replace(tzinfo=ZONE)
        return local(at.timestamp() + by, "%a %b DAY %H:%M:%S %Y").encode()

    def event(match):
        at = datetime.strptime(match[2].decode(), "%b %d %Y %H:%M:%S")
        offset = {"CEST": 7200, "CET": 3600}[match[3].decode()]
        epoch = at.replace(tzinfo=timezone.utc).timestamp() - offset + by
        return match[1] + local(epoch, "%b DAY %Y %H:%M:%S %Z").encode() + b'"'

    text = re.sub(rb"(?m)^\w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d \d{4}$", header, text)
    text = re.sub(rb'(\tEvent-Timestamp = ")(\w{3} +\d+ \d{4} \d\d:\d\d:\d\d) (\w+)"', event, text)
    return re.sub(rb"(?m)^\tTimestamp = (\d+)$", lambda m: b"\tTimestamp = %d" % (int(m[1]) + by), text)


def records(text):
    return [r + b"\n\n" for r in text.split(b"\n\n") if r.strip()]


def check(summary, out, what):
    problems = [f"{n}: {summary[n]}, expected {v}" for n, v in EXPECTED.items() if summary[n] != v]
    if summary["filtered"] != FILTERED:
        problems.append(f"filtered: {summary['filtered']}, expected {FILTERED}")
    if summary["quarantined"] != QUARANTINED:
        problems.append(f"quarantined: {summary['quarantined']}, expected {QUARANTINED}")
    have, wanted = got(out), truth()
    if have != wanted:
        problems.append(f"sessions missing {list((wanted - have).items())[:3]}, not wanted {list((have - wanted).items())[:3]}")
    for problem in problems:
        print(f"{what}: {problem}")
    return not problems


def main():
    ok = True
    with w.scratch() as folder:
        keys = w.make_keys(folder)
        files = sorted(RADIUS.glob("radacct/*/*"))
        out = pathlib.Path(folder) / "plain"
        ok &= check(w.sift(out, "freeradius-detail", files, keys), out, "as they lie")
        n = sum(truth().values())
        if n != 92:
            print(f"the truth names {n} sessions, 92 are expected")
            ok = False

        texts = [f.read_bytes() for f in files]
        rng = random.Random(1)
        for step in range(STEPS):
            by = step * 37 - 3600  # Over the buckets of ten minutes, and over midnight UTC.
            moved = [r for t in texts for r in records(shifted(t, by))]
            if step % 2:
                rng.shuffle(moved)
            path = pathlib.Path(folder) / "moved"
            path.write_bytes(b"".join(moved))
            out = pathlib.Path(folder) / f"out-{step}"
            ok &= check(w.sift(out, "freeradius-detail", [path], keys), out,
                        f"shifted by {by} s, {'shuffled' if step % 2 else 'in order'}")
            if not ok:
                break
    print("ok" if ok else "failed")
    return 0 if ok else 1


if __name__ == "__main__":
    sys.exit(main())
