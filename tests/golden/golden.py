#!/usr/bin/env python3
"""Golden files: tests/golden/SOURCE/CASE.raw through `winnow sift` must give CASE.json, whole: usage records of every
purpose, verdicts by reason, drift, and the envelopes of quarantine.

    golden.py            compare
    golden.py --update   write what came out; review the diff

The keys are the committed ones of tests/golden/keys, so pseudonyms and ids are known answers. Sources that only tests
need lie in tests/golden/sources. `CASE.args` holds further arguments of sift, one a line; the line `basis=WORD` lets insight
rest on another basis than consent. `CASE.consent` is the file of --consent.
"""
import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "support"))
import winnow as w  # noqa: E402

HERE = pathlib.Path(__file__).parent


def outcome(raw, source, folder, keys):
    """Everything that a user of the output sees of one case."""
    out = pathlib.Path(folder) / f"{source}-{raw.stem}"
    basis, args = None, []
    extra = raw.with_suffix(".args")
    for line in extra.read_text().splitlines() if extra.exists() else []:
        if line.startswith("basis="):
            basis = line.removeprefix("basis=")
        else:
            args.append(line)
    consent = raw.with_suffix(".consent")
    args += ["--consent", consent] if consent.exists() else []
    policy = w.make_policy(pathlib.Path(folder) / f"policy-{basis}", basis)
    w.sift(out, source, [raw], keys, *args, policy=policy)
    receipt = w.receipts(out)[0]
    result = {
        "counts": {n: receipt[n] for n in ("in", "passed", "duplicates", "superseded", "filtered", "quarantined", "purposes")},
        "drift": receipt["drift"],
        "first": receipt["first"],
        "last": receipt["last"],
        "usage": {},
        "quarantine": [],
    }
    if receipt["attempts"]:
        result["counts"]["attempts"] = receipt["attempts"]
    if receipt["declared"]:
        result["declared"] = receipt["declared"]
    for path in sorted(out.glob("usage.*")):
        result["usage"][path.name] = w.cat(*sorted(path.glob("*.avro")))
    for envelope in w.cat(*sorted(out.glob("quarantine/*.avro"))):
        result["quarantine"].append({n: envelope[n] for n in ("reason", "origin", "piece", "pieces")})
    return json.dumps(result, indent=1, ensure_ascii=False) + "\n"


def main():
    update = "--update" in sys.argv
    failed = 0
    with w.scratch() as folder:
        keys = w.fixed_keys(folder)
        cases = sorted(HERE.glob("*/*.raw"))
        for raw in cases:
            got = outcome(raw, raw.parent.name, folder, keys)
            expected = raw.with_suffix(".json")
            if update:
                expected.write_text(got)
            elif not expected.exists() or expected.read_text() != got:
                failed += 1
                print(f"{raw.parent.name}/{raw.stem}: differs; update-golden shows how")
                for have, want in zip(got.splitlines(), expected.read_text().splitlines() if expected.exists() else []):
                    if have != want:
                        print(f"  expected {want.strip()}\n  got      {have.strip()}")
                        break
    print(f"{len(cases) - failed} of {len(cases)} cases")
    return 1 if failed or not cases else 0


if __name__ == "__main__":
    sys.exit(main())
