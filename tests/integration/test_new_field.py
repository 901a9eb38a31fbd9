#!/usr/bin/env python3
"""A new field on an existing kind is a line in a schema and a line in a source, no C. And: a purpose that can't go out (its
key is missing) is withheld and counted, billing goes on; insight's files can't be linked to billing's."""
import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "support"))
import winnow as w  # noqa: E402

CALLS = [w.SAMPLES / "freeswitch" / "cdr.jsonl"]
problems = []


def expect(holds, sentence):
    if not holds:
        problems.append(sentence)


def new_field(folder, keys):
    codec = '{"name": "codec", "type": ["null", "string"], "doc": "Voice codec.", "winnow": {"kind": "token", "billing": "keep"}},\n'
    policy = w.make_policy(folder / "policy-codec", None, {
        "call.avsc": lambda text: text.replace('  {"name": "quality"', "  " + codec + '  {"name": "quality"'),
        "sources/freeswitch-json.yaml": lambda text: text.replace(
            "  - {field: trunk,", "  - {field: codec, from: /variables/read_codec}\n  - {field: trunk,")})
    w.sift(folder / "out-codec", "freeswitch-json", CALLS, keys, policy=policy)
    out = w.usage(folder / "out-codec", "billing", "call")
    expect(out and all(r.get("codec") == "PCMA" for r in out), "the new field is not in every record")
    shown = w.winnow("policy", "show", "--policy", policy).stdout
    expect("codec" in shown, "policy show does not name the new field")


def other_basis(folder, keys):
    """A second purpose that needs no consent: it goes out, under its own keys and unlinkable; without its key it is withheld."""
    policy = w.make_policy(folder / "policy-basis", "contract")
    out = folder / "out-basis"
    w.sift(out, "freeswitch-json", CALLS, keys, policy=policy)
    billing, insight = w.usage(out, "billing", "call"), w.usage(out, "insight", "call")
    expect(billing and len(insight) == len(billing), "insight did not go out")
    expect(not {r["subscriber"] for r in billing} & {r["subscriber"] for r in insight}, "one pseudonym in two purposes")
    expect(all(not {"record_id", "origin", "start", "called", "calling", "session", "account"} & set(r) for r in insight),
           "insight has a field that links it")
    expect(all(r["hour"] % 3600000 == 0 for r in insight), "insight's hour is finer than an hour")
    names = {p: sorted(f.stem for f in out.glob(f"usage.{p}.call/*.avro")) for p in ("billing", "insight")}
    expect(not set(names["billing"]) & set(names["insight"]), "both purposes' files have one name")
    batch = names["billing"][0].encode()
    for path in out.glob("usage.insight.call/*.avro"):
        data = path.read_bytes()
        expect(batch not in data and bytes.fromhex(batch.decode()) not in data, "the batch's id stands in insight's file")
        expect(path.stat().st_mtime % 3600 == 0, "insight's file tells when it was made")
        sync = {p.read_bytes()[-16:] for p in out.glob("usage.billing.call/*.avro")}
        expect(data[-16:] not in sync, "both purposes' files have one sync marker")

    # Calls that grow longer from record to record: insight must not stand in their order.
    record = json.loads(CALLS[0].read_text().splitlines()[0])
    grown = folder / "grown.jsonl"
    with grown.open("w") as lines:
        for i in range(60):
            variables = record["variables"] | {"uuid": f"grown-{i}", "billusec": str((i + 1) * 40000000)}
            variables["end_uepoch"] = str(int(variables["answer_uepoch"]) + (i + 1) * 40000000)
            lines.write(json.dumps(record | {"variables": variables}) + "\n")
    w.sift(folder / "out-grown", "freeswitch-json", [grown], keys, policy=policy)
    lengths = {p: [r["duration"] for r in w.usage(folder / "out-grown", p, "call")] for p in ("billing", "insight")}
    expect(len(lengths["billing"]) == 60 and lengths["billing"] == sorted(lengths["billing"]), "billing lost its order")
    expect(len(lengths["insight"]) == 60 and lengths["insight"] != sorted(lengths["insight"]), "insight stands in the order of its input")

    w.winnow("keys", "destroy", "insight", "2026-10", "--yes", "--keys", keys)
    out = folder / "out-destroyed"
    summary = w.sift(out, "freeswitch-json", CALLS, keys, policy=policy)
    receipt = w.receipts(out)[0]
    expect(receipt["purposes"]["insight"] == {"no_consent": 0, "out": 0, "withheld": {"key-missing": len(billing)}},
           f"insight without its key: {json.dumps(receipt['purposes']['insight'])}")
    expect(receipt["purposes"]["billing"]["out"] == len(billing), "billing did not go on")
    expect(summary["passed"] == len(billing), "records did not pass")
    expect(not list(out.glob("usage.insight.*")), "a folder of insight without a record")


def consent(folder, keys):
    """The shipped policy: nobody has consented, nothing goes out, and it is counted."""
    out = folder / "out-consent"
    w.sift(out, "freeswitch-json", CALLS, keys)
    receipt = w.receipts(out)[0]
    expect(receipt["purposes"]["insight"]["no_consent"] == receipt["passed"] > 0, "no_consent is not counted")
    expect(not list(out.glob("usage.insight.*")), "insight without consent")


with w.scratch() as scratch:
    scratch = pathlib.Path(scratch)
    ring = w.make_keys(scratch)
    new_field(scratch, ring)
    consent(scratch, ring)
    other_basis(scratch, ring)
print("\n".join(problems) or "ok")
sys.exit(1 if problems else 0)
