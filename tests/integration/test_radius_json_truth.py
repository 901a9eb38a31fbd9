#!/usr/bin/env python3
"""The samples of FreeRADIUS in JSON against what was driven, and against the detail files of the same packets: the same usage
records but for source and origin, in every mode, in order and shuffled, with times shifted; and by version 4's names."""
import gzip
import json
import pathlib
import random
import re
import sys
from datetime import datetime, timezone

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "support"))
import winnow as w  # noqa: E402
import test_radius_truth as radius  # noqa: E402

JSON = w.SAMPLES / "freeradius" / "json"
DETAIL = sorted((w.SAMPLES / "freeradius").glob("radacct/*/*"))
NUL = "nul\0na@gast.example".encode().hex()
LONG = "1b" * 253
STEPS = 24

# What each writer does to two user names of the truth: see docs/sources/freeradius-json.md.
CUT = {"quarantined": {"record-cut": 3}, "without": {LONG}}         # rlm_linelog cuts the line
NUL_IS_REFUSED = {"quarantined": {"bad-encoding": 3}, "without": {NUL}}  # rlm_rest writes \u0000


def lines(name):
    return gzip.decompress((JSON / name).read_bytes()).splitlines(keepends=True)


def whole(records):
    """The records that rlm_linelog did not cut."""
    return [r for r in records if r.rstrip().endswith(b"}")]


def dump(value):
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogateescape") + b"\n"


def load(record):
    return json.loads(record.decode("utf-8", "surrogateescape"))


def as_list(record, in_lists=False):
    """Mode array, of a record of mode object."""
    return dump([{"name": n, "type": v["type"], "value": x} for n, v in load(record).items()
                 for x in ([v["value"]] if in_lists or not isinstance(v["value"], list) else v["value"])])


def in_lists(record):
    """Option single_value_as_array, of a record of mode object or object_simple."""
    def listed(v):
        if isinstance(v, dict):
            return v | {"value": listed(v["value"])}
        return v if isinstance(v, list) else [v]
    return dump({n: listed(v) for n, v in load(record).items()})


def all_texts(record):
    """Options always_string and enum_as_integer, as far as numbers are read."""
    numbers = {"Start": "1", "Stop": "2", "Interim-Update": "3", "Accounting-On": "7", "Accounting-Off": "8", "Wireless-802.11": "19",
               "EUTRAN": "6", "UTRAN": "1", "GERAN": "2"}
    return dump({n: str(numbers.get(v, v)) if not isinstance(v, list) else v for n, v in load(record).items()})


def as_epochs(record):
    """Option dates_as_integer (from 3.2.8)."""
    def event(match):
        at = datetime.strptime(match[2].decode(), "%b %d %Y %H:%M:%S").replace(tzinfo=timezone.utc).timestamp()
        return match[1] + b"%d" % (at - {b"CEST": 7200, b"CET": 3600}[match[3]])
    return re.sub(rb'("Event-Timestamp":)"(\w{3} +\d+ \d{4} \d\d:\d\d:\d\d) (\w+)"', event, record)


def as_version_4(record):
    """Version 4, mode object: attributes of vendors below Vendor-Specific, texts escaped once, octets below 0x80 or UTF-8."""
    inner, outer = {}, {}
    for name, v in load(record).items():
        # Once more what version 3 does twice.
        if isinstance(v["value"], str):
            v = v | {"value": json.loads('"' + v["value"] + '"')}
        if name.startswith("3GPP-"):
            inner[name.removeprefix("3GPP-")] = v
        else:
            outer[name] = v
    if inner:
        outer["Vendor-Specific"] = {"type": "vsa", "value": {"3GPP": {"type": "vendor", "value": inner}}}
    return dump(outer)


def shifted(record, by):
    """The event of a record moved by `by` seconds, in the same zone."""
    def event(match):
        at = datetime.strptime(match[2].decode(), "%b %d %Y %H:%M:%S").replace(tzinfo=timezone.utc).timestamp()
        epoch = at - {b"CEST": 7200, b"CET": 3600}[match[3]] + by
        return match[1] + datetime.fromtimestamp(epoch, radius.ZONE).strftime("%b %d %Y %H:%M:%S %Z").encode() + b'"'
    return re.sub(rb'("Event-Timestamp":[^}]*?")(\w{3} +\d+ \d{4} \d\d:\d\d:\d\d) (\w+)"', event, record)


def same_but_source(out):
    """The usage records of a folder without source and origin, as lines."""
    return sorted(json.dumps({k: v for k, v in r.items() if k not in ("origin", "source")}, sort_keys=True)
                  for r in w.usage(out, "billing", "session"))


class Check:
    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.keys = w.make_keys(folder)
        self.policy = w.make_policy(self.folder / "policy")
        self.ok = True
        self.n = 0
        self.baseline = None

    def sift(self, source, data):
        self.n += 1
        path = self.folder / f"in-{self.n}"
        path.write_bytes(data)
        out = self.folder / f"out-{self.n}"
        return out, w.sift(out, source, [path], self.keys, policy=self.policy)

    def fail(self, what):
        print(what)
        self.ok = False

    def of(self, what, source, records, expected, strange=2):
        """Sift records, compare with the truth, and with what the detail files gave: `strange` of them may differ."""
        out, summary = self.sift(source, b"".join(records))
        counts = dict(radius.EXPECTED) | {"in": 391 + sum(expected["quarantined"].values())}
        for name, value in counts.items():
            if summary[name] != value:
                self.fail(f"{what}: {name}: {summary[name]}, expected {value}")
        for name, value in (("filtered", radius.FILTERED), ("quarantined", expected["quarantined"])):
            if summary[name] != value:
                self.fail(f"{what}: {name}: {summary[name]}, expected {value}")
        have, wanted = radius.got(out), radius.truth(expected["without"])
        if have != wanted:
            self.fail(f"{what}: sessions missing {list((wanted - have).items())[:3]}, not wanted {list((have - wanted).items())[:3]}")
        if self.baseline and strange is not None:
            differing = set(self.baseline) - set(same_but_source(out))
            if len(differing) != strange:
                self.fail(f"{what}: {len(differing)} usage records of the detail files are not the same, {strange} expected")


def main():
    with w.scratch() as folder:
        check = Check(folder)
        out = pathlib.Path(folder) / "detail"
        w.sift(out, "freeradius-detail", DETAIL, check.keys)
        check.baseline = same_but_source(out)

        objects, simple, rest = lines("object.jsonl.gz"), lines("object_simple.jsonl.gz"), lines("rlm_rest.jsonl.gz")
        uncut = {"quarantined": {}, "without": {LONG}}
        check.of("object", "freeradius-json", objects, CUT)
        check.of("object_simple", "freeradius-json", simple, CUT)
        check.of("rlm_rest", "freeradius-rest", rest, NUL_IS_REFUSED)
        for name, records, change in (("array", objects, as_list), ("array in lists", objects, lambda r: as_list(r, True)),
                                      ("object in lists", objects, in_lists), ("object_simple in lists", simple, in_lists),
                                      ("texts and numbers", simple, all_texts), ("epochs", simple, as_epochs)):
            check.of(name, "freeradius-json", [change(r) for r in whole(records)], uncut)

        check.of("version 4", "freeradius-json-4", [as_version_4(r) for r in whole(objects)], uncut)

        rng = random.Random(2)
        for step in range(STEPS):
            by = step * 307 - 3600  # Over the buckets of ten minutes, and over midnight UTC.
            name, source, records, expected = (("object_simple", "freeradius-json", whole(simple), uncut),
                                               ("rlm_rest", "freeradius-rest", rest, NUL_IS_REFUSED))[step % 2]
            moved = [shifted(r, by) for r in records]
            rng.shuffle(moved)
            check.of(f"{name}, shifted by {by} s and shuffled", source, moved, expected, None)
    print("ok" if check.ok else "failed")
    return 0 if check.ok else 1


if __name__ == "__main__":
    sys.exit(main())
