#!/usr/bin/env python3
"""Every reason and rule that a record of JSON, CSV or detail can meet is in a receipt, by its id and as often as it was met:
one run of `winnow sift` a format, under a config that says tests, home networks, limits and lists. Those that no such
record can meet are named here with the reason why."""
import collections
import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "support"))
import winnow as w  # noqa: E402

CONFIG = """
site: {country: 31, home: ["204-98"], zone: Europe/Amsterdam, test: {imsi: ["001-01"], numbers: ["+31600000001"]}}
limits:
  lateness: 35d
  future: 2h
  tolerance: 2s
  duration: {voice: 2h, data: 1d}
  volume: {rate: 1000, mobile: 500, least: 10s, most: 1MiB}
lists: {helplines: {file: %s, free: filter}}
"""
AS_OF = "2026-11-20T12:00:00Z"

NOT_MET = {
    **dict.fromkeys(["unknown-framing", "frame-lost", "tap-file", "foreign-asn1", "unsupported-encoding", "bad-ber", "bad-bcd",
                     "unsupported-record-type"], "BER, which a later version reads"),
    "counter-went-back": "needs the state of sessions, which a later version keeps",
    "message-too-long": "a message of Kafka",
}


def call(n, **changes):
    """A call that passes, changed. A value of None takes the member out."""
    members = {"id": f"c{n}", "service": "voice", "start": "2026-11-20 10:00:00", "end": "2026-11-20 10:01:00",
               "duration": 60, "calling": "+31610000009", "called": "+31201230000"} | changes
    return json.dumps({name: value for name, value in members.items() if value is not None}, ensure_ascii=False)


# What is wrong with a call, and what becomes of it; None: it passes. On both sides of what the config says.
CALLS = [
    (dict(), None),
    (dict(mark="attempt"), "attempt"),
    (dict(mark="omit"), "omit"),
    (dict(mark="not-usage"), "not-usage"),
    (dict(mark="other-leg"), "other-leg"),
    (dict(mark="internal-call"), "internal-call"),
    (dict(mark="trunk"), "trunk"),
    (dict(mark="covered"), "covered"),
    (dict(mark="unauthenticated"), "unauthenticated"),
    (dict(end="2026-11-20 10:00:00", duration=0), "zero-usage"),
    (dict(imsi="262010000000001"), "foreign-imsi"),
    (dict(imsi="204980000000001"), None),
    (dict(imsi="001010000000001"), "test"),
    (dict(called="0600000001"), "test"),
    (dict(called="0600000002"), None),
    (dict(called="112"), "emergency"),
    (dict(called="0800-0113"), "helpline"),
    (dict(called="116117"), "helpline"),
    (dict(service=None), "missing-field"),
    (dict(calling="anonymous"), "missing-subscriber"),
    (dict(billable="-1"), "bad-integer"),
    (dict(price="1.23456789", currency="EUR"), "bad-amount"),
    (dict(start="yesterday"), "bad-time"),
    (dict(start="1999-12-31 23:59:59"), "bad-time"),
    (dict(called="+31"), "bad-identifier"),
    (dict(called="06=1"), "bad-identifier"),
    (dict(trunk="alice@isp.example"), "token-suspect"),
    (dict(billable="1E+5"), "spreadsheet-damaged"),
    (dict(start="2026/11/20 10:00"), "spreadsheet-damaged"),
    (dict(start="2026-03-29 02:30:00"), "time-nonexistent"),
    (dict(start="2026-10-16 12:58:00", end="2026-10-16 12:59:00"), "late"),
    (dict(start="2026-10-16 14:30:00", end="2026-10-16 14:31:00"), None),
    (dict(start="2026-11-20 14:59:00", end="2026-11-20 15:00:00"), None),
    (dict(start="2026-11-20 14:59:01", end="2026-11-20 15:00:01"), "future"),
    (dict(duration=62), None),
    (dict(duration=63), "duration-mismatch"),
    (dict(start="2026-10-25 02:30:00", end="2026-10-25 03:10:00", duration=6000), None),        # the first 02:30
    (dict(start="2026-10-25 02:30:00", end="2026-10-25 03:10:00", duration=2400), None),        # the second
    (dict(start="2026-10-25 01:30:00", end="2026-10-25 03:10:00", duration=6000), None),        # the change itself
    (dict(start="2026-10-24 01:30:00", end="2026-10-24 03:10:00", duration=2400), "duration-mismatch"),
    (dict(end=None, duration=7200), None),
    (dict(end=None, duration=7201), "duration-implausible"),
    (dict(billable=3000000000), "transform-failed"),
    (dict(user="al\u00efce@isp.example", calling=None), None),
    (dict(nothing={"a": [1]}), None),
]
CALL_LINES = [
    ('{"id":"x","id":"y"}', "duplicate-field"),
    ('{"id":"x"', "record-cut"),
    ('{"id":"x","user":"\\ud800"}', "bad-encoding"),
    ("[" * 70 + "]" * 70, "json-syntax"),
    ('{"id":"x","deep":' + "[" * 70 + "]" * 70 + "}", "too-deep"),
    ("{" + ",".join(f'"n{i}":1' for i in range(5000)) + "}", "too-many-fields"),
    ('{"id":"x","long":"' + "a" * (16 << 20) + '"}', "record-too-long"),
]

SESSIONS = [
    ("s1,204980000000001,1795168800,60,1000,30000", None),
    ("s2,204980000000001,1795168800,60,1000,30001", "volume-implausible"),
    ("s3,204980000000001,1795080000,86400,1048576,0", None),
    ("s4,204980000000001,1795080000,86400,1048577,0", "volume-implausible"),
    ("s5,204980000000001,1795080000,86401,0,0", "duration-implausible"),
    ("s6,204980000000001,1795168800,0,0,0", "zero-usage"),
    ("s7,204980000000001,1795168800,0,0,1", None),
    ("s8,20498,1795168800,60,1,1", "bad-identifier"),
    ("s8,20498\xff,1795168800,60,1,1", "bad-encoding"),
    ("s9,204980000000001,1795168800,60,1", "column-count"),
    ('s10,"204980000000001,1795168800,60,1,1', "csv-quote"),
    ("s11,001010000000002,1795168800,60,1,1", "test"),
]

DETAIL = """Fri Nov 20 11:00:00 2026
\tAcct-Status-Type = Stop
\tAcct-Session-Id = "%s"
\tAcct-Session-Time = 60
\tAcct-Input-Octets = 1
\tAcct-Output-Octets = 1
\tNAS-IP-Address = 192.0.2.1
\tUser-Name = "%s"
\tEvent-Timestamp = "Nov 20 2026 11:00:00 CET"
%s\tTimestamp = 1795168800

"""
STOPS = [
    (DETAIL % ("d1", "alice@isp.example", ""), None),
    (DETAIL % ("d2", "alice@isp.example", "\tno equals sign\n"), "detail-syntax"),
    (DETAIL % ("d3", "alice@isp.example", '\tCalled-Station-Id = "cut\n'), "value-cut"),
    (DETAIL % ("d4", "alice@isp.example", "Fri Nov 20 11:00:00 2026\n\tAcct-Status-Type = Start\n"), "record-cut"),
    ("", "not-usage"),      # what stands behind the header in the last one
]


def expect(name, out, rows, more=()):
    """Compare a receipt with the rows; `more` are reasons that several records together make."""
    receipt = w.receipts(out)[-1]
    wanted = collections.Counter(reason for _, reason in rows if reason)
    wanted.update(more)
    got = collections.Counter(receipt["filtered"]) + collections.Counter(receipt["quarantined"])
    wrong = [f"{reason}: {got[reason]} in the receipt, expected {wanted[reason]}"
             for reason in sorted(wanted | got) if wanted[reason] != got[reason]]
    if wrong:
        raise w.Failed(f"{name}: " + "; ".join(wrong))
    return receipt


def known():
    """@return every reason and rule of the runbook that a record can meet."""
    text = w.winnow("help", "--runbook").stdout
    parts = [part for part in text.split("\n## ") if part.startswith(("Records in quarantine", "Records that are filtered"))]
    return {line.split("`")[1] for part in parts for line in part.splitlines() if line.startswith("| `")}


def sift(folder, name, source, rows, encoding="utf-8"):
    raw = folder / f"{name}.raw"
    raw.write_bytes("".join(text if text.endswith("\n\n") else text + "\n" for text, _ in rows if text).encode(encoding))
    w.sift(folder / name, source, [raw], folder / "keys", "--as-of", AS_OF, config=folder / "winnow.yaml", policy=folder / "policy")
    return folder / name


def main():
    seen = collections.Counter()
    with w.scratch() as place:
        folder = pathlib.Path(place)
        w.make_policy(folder / "policy")
        w.make_keys(folder, policy=folder / "policy")
        (folder / "winnow.yaml").write_text(CONFIG % (w.SOURCE / "schemas/lists/helplines.csv"))

        rows = [(call(n, **changes), reason) for n, (changes, reason) in enumerate(CALLS)] + CALL_LINES
        rows += [(call(0), None), (call(0, duration=61), None)]     # the first one again, and with another duration
        receipt = expect("calls", sift(folder, "calls", "rules-json", rows), rows, ["duplicate-conflict", "record-too-long"])    # its end counts, too
        assert receipt["duplicates"] == 1, receipt["duplicates"]
        passed = sum(reason is None for _, reason in rows) - 2
        assert receipt["passed"] == passed, (receipt["passed"], passed)
        seen.update(receipt["filtered"] | receipt["quarantined"])

        usage = {"id": "u", "opened": "1795168800", "containers": [{"group": 1}] * 1025}
        for name, source, rows, encoding in [
                ("sessions", "rules-csv", SESSIONS, "latin-1"),
                ("stops", "freeradius-detail", STOPS, "utf-8"),
                ("types", "types-json", [('{"id":"a","location":{}}', "unknown-record-type")], "utf-8"),
                ("items", "containers-json", [(json.dumps(usage), "too-many-items")], "utf-8"),
                ("encoding", "rules-json", [(call(1, user="al\u00efce@isp.example", calling=None), "bad-encoding")], "latin-1")]:
            receipt = expect(name, sift(folder, name, source, rows, encoding), rows)
            seen.update(receipt["filtered"] | receipt["quarantined"])

    missing = known() - set(seen) - set(NOT_MET)
    if missing:
        raise w.Failed(f"no record met: {', '.join(sorted(missing))}")
    if set(seen) & set(NOT_MET):
        raise w.Failed(f"met after all: {', '.join(sorted(set(seen) & set(NOT_MET)))}")
    print(f"{len(seen)} reasons and rules seen in receipts, {len(NOT_MET)} that no such record can meet")
    return 0


if __name__ == "__main__":
    sys.exit(main())
