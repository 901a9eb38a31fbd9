#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A source with records of several types, in files: one account over all of them, outputs by type, one duplicate rule; and what
`explain` and `check` tell of it."""
import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "support"))
import winnow as w  # noqa: E402

RAW = w.SOURCE / "tests/golden/types-json/one-stream.raw"
LINES = RAW.read_text().splitlines(keepends=True)
AS_OF = ("--as-of", "2026-11-24T00:00:00Z")
LOCATION = """
  - type: session
    when: {from: /location, present: true}
    fields:
      - {field: service, value: data}
      - {field: start, from: /opened, as: epoch_s}
      - {field: duration, from: /seconds, as: s}
      - {field: uplink, from: /up, as: octets}
      - {field: downlink, from: /down, as: octets}
      - {field: sequence, from: /sequence, as: int}
      - {field: final, value: true}
    duplicate_key: [node, subscriber, /id, start, sequence]
    content: [duration, uplink, downlink]
    session_key: [node, subscriber, /id]
    filter: [{rule: not-usage}]
"""


def change(text, *pairs):
    for old, new in pairs:
        assert text.count(old) == 1, (old, text.count(old))
        text = text.replace(old, new)
    return text


def accounts_for_all_types_as_one(folder, policy, keys):
    """The sums hold over all types, and the audit finds each type's records in its own outputs."""
    out = folder / "out"
    w.sift(out, "types-json", [RAW], keys, *AS_OF, policy=policy)
    receipt = w.receipts(out)[0]
    assert receipt["in"] == len(LINES) == receipt["passed"] + receipt["duplicates"] + receipt["superseded"] + \
        sum(receipt["filtered"].values()) + sum(receipt["quarantined"].values()), receipt
    records = {}
    for output in receipt["outputs"]:
        records[output["file"].split("/")[0]] = output["records"]
    assert records == {"usage.billing.call": 4, "usage.billing.session": 4, "usage.insight.call": 4, "usage.insight.session": 1,
                       "quarantine": 5}, records
    assert records["usage.billing.call"] + records["usage.billing.session"] == receipt["purposes"]["billing"]["out"] == receipt["passed"]
    done = w.winnow("audit", out, "--public-key", keys / "signing.pub")
    assert "types-json" not in done.stderr, done.stderr
    # Sent again, all of it: nothing of any type is new, and what was refused is refused again.
    again = folder / "again.json"
    again.write_text("\n" + RAW.read_text())
    w.sift(out, "types-json", [again], keys, *AS_OF, policy=policy)
    receipt = w.receipts(out)[1]
    assert receipt["passed"] == 0 and receipt["duplicates"] == 12, receipt
    w.winnow("audit", out, "--public-key", keys / "signing.pub")


def refuses_another_rule_of_any_type(folder, policy, keys):
    """Where there is state, a key of one type may change as little as that of another; what is filtered, or taken, may."""
    out, file = folder / "out", policy / "sources/types-json.yaml"
    before, more = file.read_text(), folder / "more.json"
    more.write_text(LINES[14])
    taken = [before + LOCATION, change(before, ("when: {from: /message, present: true}", "when: {from: [/message, /sms], present: true}")),
             change(before, ("{rule: attempt, when: {from: /message/error, present: true}}", "{rule: attempt}"))]
    refused = [change(before, ("    content: [duration]\n", "")), change(before, ("/id, start, sequence]", "/id, sequence]")),
               change(before, ("session_key: [node, subscriber, /id]", "session_key: [node, /id]")),
               before + LOCATION.replace("content: [duration, uplink, downlink]", "content: [duration]"),
               change(before, ("duplicate_key: [node, subscriber, /id, start]\n", "duplicate_key: [node, subscriber, /id]\n"))]
    for n, text in enumerate(taken):
        file.write_text(text)
        more.write_text("\n" * n + LINES[14])
        w.sift(out, "types-json", [more], keys, *AS_OF, policy=policy)
    for text in refused:
        file.write_text(text)
        done = w.sift(out, "types-json", [more], keys, *AS_OF, policy=policy, status=2)
        assert "another duplicate rule of source 'types-json'" in done.stderr, done.stderr
    file.write_text(before)
    filtered = [r["filtered"] for r in w.receipts(out)[2:]]
    assert filtered == [{"not-usage": 1}, {}, {}], filtered


def explains_each_record_by_its_type(policy):
    """A record is told by the section that took it; one of no type by what it lacks; a file by how many there were of each."""
    explain = ("explain", "--policy", policy, "--source", "types-json")
    for n, head in ((1, "session by"), (2, "call by"), (6, "call by"), (15, "of no type by"), (20, "of no type by")):
        text = w.winnow(*explain, "--record", n, RAW).stdout
        assert head in text.splitlines()[0], text
        assert ("usage/rating_group" in text) == (n == 1) and ("called" in text) == (n in (2, 6)), text
    text = w.winnow(*explain, "--record", 15, RAW).stdout
    assert "unknown-record-type" in text and "no entry of `types` takes this record" in text and "dropped unread, by name: location" in text, text
    records = [json.loads(w.winnow(*explain, "--record", n, "--json", RAW).stdout) for n in (1, 2, 15)]
    assert [r.get("type") for r in records] == ["session", "call", None], records
    assert {e["field"] for e in records[1]["entries"]} == {"node", "service", "start", "direction", "called", "calling", "subscriber"}
    assert [e["field"] for e in records[2]["entries"]] == ["node"]

    text = w.winnow(*explain, "--all", RAW).stdout
    assert text.startswith(f"{len(LINES)} records; session, call by ") and "call                12  of this type" in text, text
    report = json.loads(w.winnow(*explain, "--all", "--json", RAW).stdout)
    assert report["types"] == {"call": 12, "session": 6} and report["purposes"]["billing"]["out"] == 8, report
    imsi = [n for n in report["names"] if n["name"] == "/imsi"]
    assert len(imsi) == 1 and imsi[0]["read-for"].count("subscriber") == 1, imsi       # Shared by two types, told once.


def check_tells_fields_by_type(folder, policy):
    """What each type fills and never fills; a remark on what types share stands once."""
    (folder / "winnow.yaml").write_text(f"policy: {policy}\n")
    text = w.winnow("check", "--config", folder / "winnow.yaml", "--policy", policy).stdout
    mine = text.split("\ntypes-json: ")[1].split("\n\n")[0]
    assert mine.startswith("session, call, by ") and mine.count("  call (line ") == 2 and mine.count("  session (line ") == 1, mine
    report = json.loads(w.winnow("check", "--json", "--config", folder / "winnow.yaml", "--policy", policy).stdout)
    types = [s for s in report["sources"] if s["name"] == "types-json"][0]["types"]
    assert [t["type"] for t in types] == ["session", "call", "call"], types
    assert "duration" in types[1]["never"] and "duration" in {f["field"] for f in types[2]["fills"]}, types
    remarks = [line for line in report["warnings"] if "types-json.yaml" in line]
    assert len(remarks) == len(set(remarks)) and any("content: is empty" in line for line in remarks), remarks


def a_type_with_a_fault_is_not_looked_at(folder):
    """A policy's fault is said once, and not again by each source that has a record type of it."""
    policy = w.make_policy(folder / "faulty", change={"call.avsc": lambda t: t.replace('"kind": "cause"', '"kind": "causes"')})
    done = w.winnow("check", "--policy", policy, status=2)
    assert "types-json.yaml: is not looked at: its record type has faults" in done.stdout, done.stdout


def main():
    with w.scratch() as place:
        folder = pathlib.Path(place)
        policy = w.make_policy(folder / "policy", "contract")
        keys = w.make_keys(folder, policy=policy)
        accounts_for_all_types_as_one(folder, policy, keys)
        refuses_another_rule_of_any_type(folder, policy, keys)
        explains_each_record_by_its_type(policy)
        check_tells_fields_by_type(folder, policy)
        a_type_with_a_fault_is_not_looked_at(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
