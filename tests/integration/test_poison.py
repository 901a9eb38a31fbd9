#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The poison guard of `winnow sift`: a batch of a source that has gone wrong is not published, the status is 3, and the same
command with a mended source finishes the job. And what `quarantine replay` says of a folder."""
import gzip
import hashlib
import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "support"))
import winnow as w  # noqa: E402

SOURCE = "freeswitch-json"
BROKEN = "/variables/billusec_gone"
CANARY = "KANARIE00poison00"
problems = []


def expect(holds, sentence):
    if not holds:
        problems.append(sentence)


def call(number, **variables):
    start = 1792850400000000 + number * 1000000
    values = {"direction": "inbound", "uuid": f"5d0a0b2e-0000-4000-8000-{number:012d}", "answer_uepoch": str(start),
              "end_uepoch": str(start + 60000000), "billusec": "60000000", "billsec": "60",
              "hangup_cause": "NORMAL_CLEARING", "accountcode": f"acct-{number % 97}", **variables}
    return json.dumps({"switchname": "north-1", "variables": values, "callflow": [{"caller_profile": {
        "destination_number": "447700900201", "caller_id_number": "447700900011", "context": "default"}}]})


def bad(number):
    return call(number, billusec=CANARY)


def write(folder, name, lines):
    path = folder / name
    path.write_text("\n".join(lines) + "\n")
    return path


def nothing_of_the_batch(folder, keys):
    """Good batches before it stand, the one at hand is not published, and a mended source finishes the job."""
    config = folder / "small.yaml"
    config.write_text((w.SAMPLES / "winnow.yaml").read_text() + "files: {batch: 1}\n")
    wrong = w.make_policy(folder / "wrong", change={
        "sources/freeswitch-json.yaml": lambda t: t.replace("from: /variables/billusec, as: us", "from: /variables/usec_text, as: us")})
    good = write(folder, "1-good", [call(n) for n in range(1000)])
    # The switch was updated: from now on it writes a text where the source expects a number.
    odd = write(folder, "2-odd", [call(1000 + n, usec_text=f"{CANARY}") for n in range(2000)])
    out = folder / "out"
    done = w.sift(out, SOURCE, [good, odd], keys, config=config, policy=wrong, status=None)
    expect(done.returncode == 3, f"status {done.returncode}, expected 3: {done.stderr}")
    for word in ("'freeswitch-json'", "bad-integer", "records", "explain --all", "run again", "limits: {poison", "1 batch before it was published"):
        expect(word in done.stderr, f"the message lacks {word!r}: {done.stderr}")
    expect(CANARY not in done.stderr + done.stdout, "a value is in the message")
    expect(len(w.receipts(out)) == 1 and w.total(out, "passed") == 1000 and not list(out.glob("quarantine/*")), "the batch is out")
    expect(not list(out.glob("tmp/*")), "something of the batch was left")
    expect(CANARY.encode() not in b"".join(p.read_bytes() for p in out.rglob("*") if p.is_file()), "a value is in the folder")
    again = w.sift(out, SOURCE, [good, odd], keys, config=config, policy=wrong, status=None)
    expect(again.returncode == 3 and len(w.receipts(out)) == 1, "the same source gave another answer")
    summary = w.sift(out, SOURCE, [good, odd], keys, config=config)
    expect(summary["passed"] == 2000 and w.total(out, "passed") == 3000 and w.total(out, "quarantined", "bad-integer") == 0,
           f"the mended source did not finish the job: {summary}")
    w.winnow("audit", out, "--public-key", keys / "signing.pub")


def both_sides(folder, keys):
    """As many as the limit allows pass; one more does not. The window goes on over batches; limits are by config."""
    config = folder / "limits.yaml"
    config.write_text((w.SAMPLES / "winnow.yaml").read_text() + "files: {batch: 1}\nlimits: {poison: {share: 10%, least: 100}}\n")
    base = w.SAMPLES / "winnow.yaml"
    for what, lines, settings, status in (
            ("the very share", [call(n) for n in range(950)] + [bad(950 + n) for n in range(50)], base, 0),
            ("one record more", [call(n) for n in range(949)] + [bad(949 + n) for n in range(51)], base, 3),
            ("all of too few", [bad(n) for n in range(999)], base, 0),
            ("the very share that is configured", [call(n) for n in range(90)] + [bad(90 + n) for n in range(10)], config, 0),
            ("one more than is configured", [call(n) for n in range(89)] + [bad(89 + n) for n in range(11)], config, 3)):
        done = w.sift(folder / what.replace(" ", "-"), SOURCE, [write(folder, "one", lines)], keys, config=settings, status=None)
        expect(done.returncode == status, f"{what}: status {done.returncode}, expected {status}: {done.stderr}")
    out = folder / "over-batches"
    parts = [write(folder, f"part-{n}", [bad(n * 60 + i) for i in range(60)]) for n in range(3)]
    done = w.sift(out, SOURCE, parts, keys, config=config, status=None)
    expect(done.returncode == 3 and len(w.receipts(out)) == 1, f"the window ended with its batch: {done.returncode}")
    conflicts = [call(n, answer_uepoch="1792850400000000", end_uepoch="1792850999000000", billusec="599000000") for n in range(600)]
    duplicates = write(folder, "conflicts", [call(n) for n in range(600)] + conflicts)
    done = w.sift(folder / "conflicts-out", SOURCE, [duplicates], keys, status=None)
    expect(done.returncode == 3 and "duplicate-conflict" in done.stderr, f"conflicts: {done.returncode} {done.stderr}")


def replay_of_a_folder(folder, keys):
    """It says which contents hold refused records, and which of the named files they are, by content."""
    one = write(folder, "one", [call(n) for n in range(20)] + [bad(20 + n) for n in range(3)])
    two = write(folder, "two", [call(100 + n) for n in range(20)] + ["{", bad(200)])
    fine = write(folder, "fine", [call(300)])
    out = folder / "out"
    w.sift(out, SOURCE, [one, two, fine], keys)
    packed = folder / "renamed.gz"
    packed.write_bytes(gzip.compress(two.read_bytes()))
    sums = {path: hashlib.sha256(path.read_bytes()).hexdigest() for path in (one, two, fine)}
    for options, files, counts in (
            ((), (), {one: (3, "-"), two: (2, "-")}), ((), (one, packed, fine), {one: (3, str(one)), two: (2, str(packed))}),
            (("--reason", "bad-integer"), (), {one: (3, "-"), two: (1, "-")}), (("--source", "other"), (), {}), (("--reason", "late"), (), {})):
        done = w.winnow("quarantine", "replay", *options, out, *files)
        rows = {line.split()[0]: (int(line.split()[1]), line.split()[2]) for line in done.stdout.splitlines() if len(line.split()[0]) == 64}
        expect(rows == {sums[path]: row for path, row in counts.items()}, f"replay {options} {files}: {done.stdout}")
        expect(("new --out" in done.stderr) == bool(counts) and CANARY not in done.stdout + done.stderr, f"replay: {done.stderr}")
    for args, status, word in (((out, folder / "none"), 1, "No such file"), ((out, "--reason", "attempt"), 2, "reason of quarantine"),
                               ((), 2, "DIR or --config"), ((folder / "nowhere",), 1, "nowhere")):
        done = w.winnow("quarantine", "replay", *args, status=None)
        expect(done.returncode == status and word in done.stderr, f"replay {args}: {done.returncode} {done.stderr}")


with w.scratch() as scratch:
    root = pathlib.Path(scratch)
    test_keys = w.make_keys(root)
    for check in (nothing_of_the_batch, both_sides, replay_of_a_folder):
        place = root / check.__name__
        place.mkdir()
        check(place, test_keys)
print("\n".join(problems) or "ok")
sys.exit(1 if problems else 0)
