#!/usr/bin/env python3
"""`winnow explain`: why a record became what it is, by line of the source; a whole file's account; and that it says what
sift does, of every format, packed or not, of hostile bytes, without keys, without a value."""
import gzip
import json
import pathlib
import random
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "support"))
import winnow as w  # noqa: E402

found = []


def check(name, good, more=""):
    if not good:
        found.append(f"{name}: {more}" if more else name)


SOURCE = """format: json
type: call
node: {value: a}
numbers: {bare: international}
fields:
  - {field: service, value: voice}
  - {field: start, from: /start, as: epoch_s}
  - {field: start, from: /begin, as: epoch_s}
  - {field: duration, from: /seconds, as: s}
  - {field: called, from: /to}
  - {field: cause, from: /cause, map: {ok: normal}}
subscriber:
  - {kind: account, from: /account}
required: [/id]
duplicate_key: [/id]
session_key: []
filter:
  - {rule: attempt, when: {field: start, present: false}}
"""
RECORDS = [
    {"id": "1", "begin": 1792888205, "seconds": "60", "to": "+44 7700 900123", "account": "C1", "extra": {"deep": 1}, "ua": "x"},
    {"id": "1", "begin": 1792888205, "seconds": "60", "to": "+44 7700 900123", "account": "C1"},
    {"id": "2", "seconds": "60", "account": "C1"},
    {"id": "3", "start": 1792888205, "seconds": "6O min", "account": "C1"},
    {"id": "4", "start": 1792888205, "seconds": "7x", "account": "C1"},
    {"start": 1792888205, "seconds": "60", "account": "C1"},
    {"id": "6", "start": 1792888205, "seconds": "60", "account": "C1", "cause": "Odd"},
    {"id": "7", "start": 1792888205, "seconds": "60", "account": "C1", "cause": "ok", "+31600000001": "1"},
]
LINES = [json.dumps(r) for r in RECORDS]
RAW = ("\n".join(LINES[:3]) + "\n\n" + "\n".join(LINES[3:]) + "\n" + '{"broken": tru}\n').encode()


def explain(policy, *args, status=0, **more):
    return w.winnow("explain", "--policy", policy, "--source", "made-up", *args, status=status, **more)


def one(policy, file, n):
    return json.loads(explain(policy, "--record", n, "--json", file).stdout)


def entry(record, line):
    return [e for e in record["entries"] if e["line"] == line][0]


def records(policy, file):
    """One record at a time."""
    first = one(policy, file, 1)
    check("a record that passes", first["verdict"] == "passed" and first["purposes"] == {
        "billing": "out", "insight": "only-with-consent"}, first)
    check("the entry that gave, its line, and that nothing was at the one above",
          entry(first, 7)["did"] == "absent" and entry(first, 8) == {"field": "start", "line": 8, "did": "gave", "path": "/begin"}, first)
    check("what each purpose gets", first["fields"]["start"] == {"billing": "exact to the millisecond", "insight": "hour only (as hour)"})
    check("names that nobody wants", first["unwanted"] == {"extra": 1, "ua": 1}, first["unwanted"])

    second = one(policy, file, 2)
    check("a duplicate within the file", second["verdict"] == "duplicate" and "fields" not in second, second)
    third = one(policy, file, 3)
    check("a filter by its line", (third["verdict"], third["reason"], third["decided-by-line"]) == ("filtered", "attempt", 18), third)
    fourth = one(policy, file, 4)
    check("a refused value by line and shape, its place by line and octet",
          (fourth["reason"], fourth["decided-by-line"], fourth["line"], fourth["octet"]) == ("bad-integer", 9, 5, RAW.index(LINES[3].encode()))
          and entry(fourth, 9)["shape"] == "'9A aaa'", fourth)
    sixth = one(policy, file, 6)
    check("what is required and missing", sixth["reason"] == "missing-field" and sixth["missing"] == [{"name": "/id", "line": 14}], sixth)
    seventh = one(policy, file, 7)
    check("a word that no map has", entry(seventh, 11)["did"] == "unmapped" and entry(seventh, 11)["shape"] == "'Aaa'", seventh)
    eighth = one(policy, file, 8)
    check("a name that is a value", eighth["unwanted"] == {"(hidden)": 1}, eighth["unwanted"])
    ninth = one(policy, file, 9)
    check("what is no record", ninth["reason"] == "json-syntax" and ninth["entries"] == [], ninth)

    text = explain(policy, "--record", "4", file).stdout
    for part in ("record 4: line 5, octet", "verdict: quarantined: bad-integer", "sources/made-up.yaml:9, which reads /seconds",
                 "'9A aaa'", "what to do: "):
        check(f"text of a refused record has {part!r}", part in text, text)
    text = explain(policy, file).stdout
    for part in ("verdict: passed", "goes out to usage.billing.call", "keyed pseudonym only", "never", "| 8    | /begin",
                 "read by conditions and keys, kept by nobody: /id (line 15)", "dropped unread, by name: extra, ua"):
        check(f"text of a passed record has {part!r}", part in text, text)
    for value in ("1792888205", "7700", "C1", "6O"):
        check(f"no value in a text: {value}", all(value not in explain(policy, "--record", n, file).stdout for n in range(1, 10)))


def whole(policy, file):
    """The account of a file."""
    account = json.loads(explain(policy, "--all", "--json", file).stdout)
    check("verdicts", [account[k] for k in ("in", "passed", "duplicate", "filtered", "quarantined")] == [9, 3, 1, 1, 4], account)
    causes = {(c["reason"] or c["verdict"], c["line"]): c for c in account["causes"]}
    bad = causes[("bad-integer", 9)]
    check("refusals of one cause, their shapes and places", bad["count"] == 2 and bad["shapes"] == {"'9A aaa'": 1, "'9a'": 1} and
          bad["name"] == "/seconds" and [f["record"] for f in bad["first"]] == [4, 5] and bad["first"][0]["line"] == 5, bad)
    check("other causes", {("attempt", 18), ("missing-field", 14), ("unmapped", 11), ("json-syntax", 0), ("none", 0)} >= set(causes) - {("bad-integer", 9), ("duplicate", 0)}, list(causes))
    names = {n["name"]: n for n in account["names"]}
    check("a path: found, gave, refused", [names["/seconds"][k] for k in ("found", "gave", "refused")] == [8, 6, 2], names["/seconds"])
    check("a path: what it is read for", names["/id"]["read-for"] == "duplicate_key (line 15), required (line 14)", names["/id"])
    gave = {e["line"]: e["gave"] for e in account["entries"]}
    check("entries", gave[7] == 5 and gave[8] == 2 and gave[6] == 8, gave)
    check("unwanted names", account["unwanted"] == {"(hidden)": 1, "broken": 1, "extra": 1, "ua": 1}, account["unwanted"])
    text = explain(policy, "--all", file).stdout
    for part in ("9 records; call by ", "quarantined          4", "bad-integer: 2, field duration, /seconds, ", "shape '9A aaa' 1 times",
                 "record 4 (line 5, octet", "attempt: 1, ", "words that no map or table has", "1  (hidden)"):
        check(f"account has {part!r}", part in text, text)


def same_as_sift(folder, policy):
    """Explain and sift say the same of the samples, and need the same of nothing."""
    keys = w.make_keys(folder)
    cases = [("freeswitch-json", w.SAMPLES / "freeswitch/cdr.jsonl"),
             ("freeradius-detail", w.SAMPLES / "freeradius/radacct/127.0.0.42/detail-20261024")]
    cases += [(c.parent.name, c) for c in sorted((w.SOURCE / "tests/golden").glob("*/*.raw"))]
    for i, (source, raw) in enumerate(cases):
        if not (policy / "sources" / f"{source}.yaml").exists():
            continue
        out = folder / f"out-{i}"
        done = w.sift(out, source, [raw], keys, policy=policy, status=None)
        if done.returncode != 0:
            continue  # Poisoned on purpose.
        summary = json.loads(done.stdout)
        seen = json.loads(w.winnow("explain", "--config", w.SAMPLES / "winnow.yaml", "--policy", policy, "--source", source,
                                   "--all", "--json", raw).stdout)
        for theirs, ours in (("in", "in"), ("passed", "passed"), ("duplicates", "duplicate")):
            check(f"{source}/{raw.name}: {ours}", summary[theirs] == seen[ours], (summary[theirs], seen[ours]))
        for theirs, ours in (("filtered", "filtered"), ("quarantined", "quarantined")):
            by_reason = {}
            for cause in seen["causes"]:
                if cause["verdict"] == ours:
                    by_reason[cause["reason"]] = by_reason.get(cause["reason"], 0) + cause["count"]
            check(f"{source}/{raw.name}: {ours} by reason", summary[theirs] == by_reason, (summary[theirs], by_reason))
    check("some cases", len(cases) > 4)


def inputs(folder, policy, file):
    """Packed files, standard input; what is no input; the command line."""
    plain = explain(policy, "--all", "--json", file).stdout
    (folder / "x.gz").write_bytes(gzip.compress(RAW))
    check("gzip", explain(policy, "--all", "--json", folder / "x.gz").stdout == plain)
    subprocess.run(["zstd", "-q", "-f", str(file), "-o", str(folder / "x.zst")], check=False)
    if (folder / "x.zst").exists():
        check("zstd", explain(policy, "--all", "--json", folder / "x.zst").stdout == plain)
    check("standard input", explain(policy, "--all", "--json", "-", text=False, input=RAW).stdout.decode() == plain)
    (folder / "empty").write_bytes(b"")
    check("an empty file", json.loads(explain(policy, "--all", "--json", folder / "empty").stdout)["in"] == 0)
    (folder / "cut.gz").write_bytes(gzip.compress(RAW)[:-20])
    wrong = [
        (("--record", "10", file), 1, "there is no record 10; the file has 9"),
        ((folder / "empty",), 1, "there is no record 1; the file has 0"),
        ((folder,), 1, "is a folder; name one of its files"),
        ((folder / "gone",), 1, "No such file"),
        ((folder / "cut.gz", "--all"), 1, "cut.gz"),
        ((), 2, "--source and one FILE are needed"),
        ((file, file), 2, "--source and one FILE are needed"),
        (("--record", "0", file), 2, "--record expects a whole number from 1"),
        (("--record", "x", file), 2, "--record expects a whole number from 1"),
        (("--record", "1", "--all", file), 2, "--record and --all exclude each other"),
        (("--all", "--show-values", file), 2, "--all shows the shapes of values only"),
        (("--show-values", file), 2, "only on a terminal"),
        (("--show-values", "--json", file), 2, "only on a terminal"),
    ]
    for args, status, part in wrong:
        done = explain(policy, *args, status=None)
        check(f"{args}: status {done.returncode}", done.returncode == status and part in done.stderr and not done.stdout, done.stderr)
    done = w.winnow("explain", "--policy", policy, "--source", "none-such", file, status=None)
    check("a source that is not there", done.returncode == 2 and "there is no source none-such" in done.stderr, done.stderr)


def like_another(policy):
    """A source that is like another one: each line with the file that it stands in."""
    raw = w.SOURCE / "tests/golden/asterisk-csv-16/calls.raw"
    base = (policy / "sources/asterisk-csv.yaml").read_text().splitlines()
    line = 1 + [i for i, text in enumerate(base) if "rule: attempt" in text][0]
    run = ("explain", "--policy", policy, "--source", "asterisk-csv-16")
    text = w.winnow(*run, "--record", 7, raw).stdout
    check("the file of the filter that decided", f"decided by {policy}/sources/asterisk-csv.yaml:{line}\n" in text, text)
    check("the source of an entry that gave a value", any("| asterisk-csv:" in row and "/channel" not in row for row in text.splitlines()), text)
    check("a line of its own", "/src (line 8)" in w.winnow(*run, "--record", 3, raw).stdout or "duplicate_key (line 8)" in w.winnow(*run, "--all", raw).stdout)
    record = json.loads(w.winnow(*run, "--record", 7, "--json", raw).stdout)
    check("the same as JSON", record["decided-by-line"] == line and record["source-file"].endswith("/asterisk-csv.yaml"), record)
    account = json.loads(w.winnow(*run, "--all", "--json", raw).stdout)
    cause = [c for c in account["causes"] if c["reason"] == "attempt"][0]
    check("the same of a whole file", cause["line"] == line and cause["source-file"].endswith("/asterisk-csv.yaml"), cause)


def on_a_terminal(policy, file):
    """--show-values where standard output is a terminal."""
    import pty
    import os
    leader, follower = pty.openpty()
    process = subprocess.Popen([w.BINARY, "explain", "--policy", str(policy), "--source", "made-up", "--show-values", str(file)],
                               stdout=follower, stderr=subprocess.PIPE)
    os.close(follower)
    said = b""
    while True:
        try:
            more = os.read(leader, 65536)
        except OSError:
            break
        if not more:
            break
        said += more
    process.wait(timeout=120)
    os.close(leader)
    said = said.decode()
    for part in ("value as written", "1792888205", "+44 7700 900123", "billing would get (its pseudonyms are made with throw-away keys)",
                 '"called":"+447700900123"', '"hour":'):
        check(f"values on a terminal: {part!r}", part in said, said)


def hostile(folder, policy):
    """Any bytes: an answer, never a crash, and the account balances."""
    rng = random.Random(7)
    for source, good in (("made-up", RAW), ("freeradius-detail", (w.SAMPLES / "freeradius/radacct/127.0.0.42/detail-20261024").read_bytes()),
                         ("kamailio-flatstore", b"INVITE|a|b|c|200|OK|1792888205\n" * 5)):
        for i in range(12):
            raw = bytearray(good)
            for _ in range(rng.randrange(1, 60)):
                at = rng.randrange(len(raw) + 1) % (len(raw) or 1)
                kind = rng.randrange(4)
                if kind == 0 and raw:
                    raw[at] = rng.randrange(256)
                elif kind == 1:
                    del raw[at:at + rng.randrange(1, 40)]
                elif kind == 2:
                    raw[at:at] = rng.choice([b"\0", b'"', b"{" * 70, b"\xff\xfe", b"9" * 30, b"\n", b"\x1b[2J"])
                else:
                    raw = raw[:at + 1]
            (folder / "hostile").write_bytes(raw)
            for args in (("--all",), ("--all", "--json"), ("--json",)):
                done = w.winnow("explain", "--config", w.SAMPLES / "winnow.yaml", "--policy", policy, "--source", source, *args,
                                folder / "hostile", status=None, text=False)
                if done.returncode not in (0, 1):
                    found.append(f"{source}, mutation {i}, {args}: status {done.returncode}")
                if b"\x1b" in done.stdout + done.stderr:
                    found.append(f"{source}, mutation {i}, {args}: steers the terminal")
                if args == ("--all", "--json"):
                    account = json.loads(done.stdout)
                    sums = sum(account[k] for k in ("passed", "duplicate", "superseded", "filtered", "quarantined"))
                    check(f"{source}, mutation {i}: the account balances", sums == account["in"])


if __name__ == "__main__":
    with w.scratch() as scratch:
        scratch = pathlib.Path(scratch)
        policy = w.make_policy(scratch / "policy")
        (policy / "sources/made-up.yaml").write_text(SOURCE)
        file = scratch / "x.raw"
        file.write_bytes(RAW)
        records(policy, file)
        whole(policy, file)
        inputs(scratch, policy, file)
        on_a_terminal(policy, file)
        like_another(policy)
        same_as_sift(scratch, policy)
        hostile(scratch, policy)
    print("\n".join(found) or "ok")
    sys.exit(1 if found else 0)
