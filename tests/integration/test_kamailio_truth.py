#!/usr/bin/env python3
"""The samples of Kamailio against what was on the wire: each answered call is charged to the right party, once, with its numbers,
start and duration, whoever hung up; and the columns that most sites have would charge others."""
import calendar
import json
import pathlib
import random
import re
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "support"))
import winnow as w  # noqa: E402

KAMAILIO = w.SAMPLES / "kamailio"
SITE = "site: {country: 31, zone: Europe/Amsterdam}\n"
OWN = ("3160045", "3120004")
# What a source is that reads the same calls from the truth: who is charged there is known to be right.
TRUTH_SOURCE = """
format: json
type: call
clock: {resolution: 1ms}
node: {value: truth}
numbers: {bare: international}
fields:
  - {field: service, value: voice}
  - {field: start, from: /start, as: epoch_ms}
  - {field: duration, from: /duration, as: ms}
  - {field: direction, from: /direction, map: {originating: originating, terminating: terminating}}
  - {field: calling, from: /caller, as: number}
  - {field: called, from: /dialled, as: number}
subscriber:
  - {kind: number, from: {originating: calling, terminating: called}}
duplicate_key: [/id]
"""
NO_BYE = 9451  # Milliseconds of the call that the dialog's timer ended, as Kamailio has it.


def e164(dialled):
    """What was dialled, by the rules of the Netherlands, for the numbers of this sample."""
    for prefix, instead in (("+", ""), ("00", ""), ("0", "31")):
        if dialled.startswith(prefix):
            return instead + dialled.removeprefix(prefix)
    return dialled


def epoch_ms(stamp):
    return calendar.timegm(time.strptime(stamp[:19], "%Y-%m-%dT%H:%M:%S")) * 1000 + int(stamp[20:-1])


def truth():
    """The calls that are to be billed, by call id; and how many are not, by what becomes of them."""
    billed, counts = {}, {"attempt": 0, "trunk": 0, "missing-subscriber": 0}
    for call in map(json.loads, (KAMAILIO / "calls.truth.jsonl").read_text().splitlines()):
        if not call["answered"]:
            counts["attempt"] += 1
        elif e164(call["caller"]).startswith(OWN):
            billed[call["call_id"]] = call | {"direction": "originating"}
        elif e164(call["dialled"]).startswith(OWN):
            billed[call["call_id"]] = call | {"direction": "terminating"}
        else:
            counts["missing-subscriber" if call["caller"] == "anonymous" else "trunk"] += 1
    return billed, counts


class Check:
    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.keys = w.make_keys(folder)
        self.config = self.folder / "winnow.yaml"
        self.config.write_text(SITE)
        self.policy = w.make_policy(self.folder / "policy")
        self.n = 0
        self.ok = True

    def expect(self, what, have, wanted):
        if have != wanted:
            print(f"{what}: {have}, expected {wanted}")
            self.ok = False

    def source(self, name, text):
        (self.policy / "sources" / f"{name}.yaml").write_text(text)
        return name

    def sift(self, source, files):
        self.n += 1
        out = self.folder / f"out-{self.n}"
        return out, w.sift(out, source, files, self.keys, config=self.config, policy=self.policy)

    def charged(self, billed):
        """Who is charged for each call of the truth, by pseudonym."""
        path = self.folder / "truth.jsonl"
        path.write_text("".join(json.dumps({"id": c["call_id"], "caller": c["caller"], "dialled": c["dialled"], "direction": c["direction"],
                                            "start": epoch_ms(c["answer"]), "duration": int((c["duration_s"] or 0) * 1000) or NO_BYE}) + "\n"
                                for c in billed.values()))
        out, _ = self.sift(self.source("truth", TRUTH_SOURCE), [path])
        usage = {r["origin"]["offset"]: r for r in w.usage(out, "billing", "call")}
        return {call: usage[offset] for call, offset in zip(billed, sorted(usage))}


def record_of(call, cdrs, usage):
    """The usage record of a call, found by the place of its row."""
    return [r for r in usage if cdrs[r["origin"]["offset"]] == call]


def check_cdrs(check, rows, what):
    """Rows of acc_cdrs against the truth."""
    billed, counts = truth()
    right = check.charged(billed)
    path = check.folder / f"cdrs-{check.n}"
    path.write_text("".join(rows))
    out, summary = check.sift("kamailio-flatstore", [path])
    check.expect(f"{what}: passed", summary["passed"], len(billed))
    check.expect(f"{what}: filtered", summary["filtered"], {n: counts[n] for n in ("attempt", "trunk")})
    check.expect(f"{what}: quarantined", summary["quarantined"], {"missing-subscriber": counts["missing-subscriber"]})
    call_at, at = {}, 0
    for row in rows:
        call_at[at] = row.rstrip("\n").split("|")[-1]
        at += len(row.encode())
    usage = w.usage(out, "billing", "call")
    for call, t in billed.items():
        mine = record_of(call, call_at, usage)
        check.expect(f"{what}: {call}: records", len(mine), 1)
        for have in mine:
            for field in ("subscriber", "direction", "called", "called_class", "calling", "calling_class"):
                check.expect(f"{what}: {call}: {field}", have[field], right[call][field])
            check.expect(f"{what}: {call}: incomplete", have["incomplete"], t["end"] is None)
            off = abs(have["duration"] - right[call]["duration"])
            check.expect(f"{what}: {call}: duration is off by more than 50 ms", off > 50, False)
            late = have["start"] - right[call]["start"]
            check.expect(f"{what}: {call}: start is rounded down to the second", -1000 < late <= 50, True)


def check_transactions(check):
    """acc and missed_calls: everything is counted, nothing is billed."""
    calls = [json.loads(x) for x in (KAMAILIO / "calls.truth.jsonl").read_text().splitlines()]
    answered = sum(c["answered"] for c in calls)
    released = sum(c["released_by"] is not None for c in calls)
    elsewhere = sum(c["answered"] and ("forwarded" in c["what"] or "redirected" in c["what"]) for c in calls)
    for pattern, wanted in (("acc_[0-9]*.log", {"covered": answered, "attempt": len(calls) - answered, "not-usage": released}),
                            ("missed_calls_*.log", {"attempt": len(calls) - answered + elsewhere})):
        _, summary = check.sift("kamailio-acc", sorted(KAMAILIO.glob(pattern)))
        check.expect(f"{pattern}: passed", summary["passed"], 0)
        check.expect(f"{pattern}: filtered", summary["filtered"], wanted)
        check.expect(f"{pattern}: quarantined", summary["quarantined"], {})


def check_naive(check):
    """A source over the columns that come from the BYE charges another where the callee hung up: the reason for dialog variables."""
    text = (check.policy / "sources" / "kamailio-flatstore.yaml").read_text()
    naive = text.replace("from: /dialled,", "from: /dst_ouser,").replace("from: /caller,", "from: /src_user,")
    check.expect("the naive source is another one", naive != text, True)
    billed, _ = truth()
    right = check.charged(billed)
    out, _ = check.sift(check.source("naive", naive), [KAMAILIO / "acc_cdrs_129.log"])
    calls, at = {}, 0
    for row in (KAMAILIO / "acc_cdrs_129.log").read_text().splitlines(keepends=True):
        calls[at] = row.split("|")[3]
        at += len(row.encode())
    wrong = [c for c, at in ((calls[r["origin"]["offset"]], r) for r in w.usage(out, "billing", "call"))
             if c in right and at["direction"] != right[c]["direction"]]
    callee = [c for c, t in billed.items() if t["released_by"] == "callee"]
    check.expect("calls that the naive source gives the wrong direction", sorted(wrong), sorted(callee))


def check_wrong_file(check):
    """A file of another table has as many columns: all of it is refused, and the batch with it."""
    done = w.winnow("sift", "--config", check.config, "--policy", check.policy, "--keys", check.keys, "--source", "kamailio-flatstore",
                    "--out", check.folder / "wrong", "--json", KAMAILIO / "acc_129.log", status=None)
    passed = len(w.usage(check.folder / "wrong", "billing", "call"))
    check.expect("usage records of acc read as acc_cdrs", passed, 0)
    check.expect("acc read as acc_cdrs is refused", bool(re.search("bad-time", done.stdout + done.stderr)), True)


def main():
    with w.scratch() as folder:
        check = Check(folder)
        rows = [r for f in sorted(KAMAILIO.glob("acc_cdrs_*.log")) for r in f.read_text().splitlines(keepends=True)]
        check_cdrs(check, rows, "as they lie")
        random.Random(3).shuffle(rows)
        check_cdrs(check, rows, "shuffled")
        again, summary = check.sift("kamailio-flatstore", sorted(KAMAILIO.glob("acc_cdrs_*.log")))
        check.expect("two files of two processes: passed", summary["passed"], len(truth()[0]))
        check_transactions(check)
        check_naive(check)
        check_wrong_file(check)
    print("ok" if check.ok else "failed")
    return 0 if check.ok else 1


if __name__ == "__main__":
    sys.exit(main())
