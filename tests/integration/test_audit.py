#!/usr/bin/env python3
"""`winnow audit DIR` finds whatever somebody else did to a folder: any changed octet of any published file, a file gone, a file
more, files exchanged, a receipt forged, the chain broken, the manifest gone or another's. And `quarantine` on the same folder."""
import concurrent.futures
import json
import pathlib
import random
import shutil
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "support"))
import winnow as w  # noqa: E402

rng = random.Random(7)
problems = []


def expect(holds, sentence):
    if not holds:
        problems.append(sentence)


def make(folder, keys):
    """A folder with two batches of two purposes, with quarantine."""
    policy = w.make_policy(folder / "policy", "contract")
    out = folder / "out"
    lines = (w.SAMPLES / "freeswitch" / "cdr.jsonl").read_text().splitlines()
    for n, part in enumerate((lines[:7], lines[7:])):
        path = folder / f"input-{n}"
        path.write_text("\n".join(part) + "\n{\"broken\n")
        w.sift(out, "freeswitch-json", [path], keys, policy=policy)
    return out


def published(out):
    return sorted(p for folder in ("usage.*", "receipts", "quarantine") for p in out.glob(folder + "/*"))


class Auditor:
    def __init__(self, folder, out, public_key):
        self.folder, self.out, self.public_key, self.n = folder, out, public_key, 0

    def audit(self, out, status=1):
        done = w.winnow("audit", out, "--public-key", self.public_key, status=None)
        return [] if done.returncode == status else [f"status {done.returncode}, {status} was expected: {done.stdout}{done.stderr}"]

    def after(self, what, change, names=None):
        """Copy the folder, change the copy, and expect a finding that names one of the files."""
        self.n += 1
        copy = self.folder / f"copy-{self.n}"
        shutil.copytree(self.out, copy)
        change(copy)
        done = w.winnow("audit", copy, "--public-key", self.public_key, status=None)
        found = done.returncode == 1 and all(name in done.stdout for name in names or [])
        shutil.rmtree(copy)
        return [] if found else [f"{what}: status {done.returncode}: {done.stdout}{done.stderr}"]


def flip(name, at, mask):
    def change(copy):
        path = copy / name
        data = bytearray(path.read_bytes())
        data[at] ^= mask
        path.write_bytes(data)
    return change


def every_octet(auditor, out):
    """A changed octet in each file: all of the first and last hundred, and one in twenty between."""
    jobs = []
    for path in published(out):
        name, size = str(path.relative_to(out)), path.stat().st_size
        for at in range(size):
            if at < 40 or at >= size - 40 or rng.random() < 0.04:
                jobs.append((f"octet {at} of {name}", flip(name, at, 1 << rng.randrange(8)), [name]))
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for texts in pool.map(lambda job: auditor.after(*job), jobs):
            problems.extend(texts)
    expect(len(jobs) > 400, f"only {len(jobs)} octets were tried")


def other_changes(auditor, out):
    files = {folder: [str(p.relative_to(out)) for p in published(out) if str(p.relative_to(out)).startswith(folder)]
             for folder in ("usage.billing", "usage.insight", "receipts", "quarantine")}
    expect(all(len(names) == 2 for names in files.values()), f"the folder has {files}")
    for names in files.values():
        for name in names:
            problems.extend(auditor.after(f"without {name}", lambda copy, name=name: (copy / name).unlink(), [name]))
            problems.extend(auditor.after(f"{name} cut", lambda copy, name=name: (copy / name).write_bytes((copy / name).read_bytes()[:-1]), [name]))
            problems.extend(auditor.after(f"{name} longer", lambda copy, name=name: (copy / name).write_bytes((copy / name).read_bytes() + b"\n"), [name]))
            problems.extend(auditor.after(f"{name} empty", lambda copy, name=name: (copy / name).write_bytes(b""), [name]))

        def exchange(copy, names=names):
            one, two = (copy / n for n in names)
            one.rename(copy / "aside"), two.rename(one), (copy / "aside").rename(two)
        problems.extend(auditor.after(f"{names} exchanged", exchange))
        problems.extend(auditor.after(f"{names[0]} twice", lambda copy, name=names[0]: shutil.copy(copy / name, copy / (name + ".more")), [names[0] + ".more"]))
        problems.extend(auditor.after(f"{names[0]} a link", lambda copy, name=names[0]: ((copy / name).rename(copy / "real"), (copy / name).symlink_to(copy / "real")), [names[0]]))

    def take_batch_back(copy):
        """The newest batch gone without a trace, receipt and all."""
        newest = max((json.loads(p.read_text())["receipt"], p) for p in copy.glob("receipts/*"))[1]
        for output in json.loads(newest.read_text())["outputs"]:
            (copy / output["file"]).unlink()
        newest.unlink()
    problems.extend(auditor.after("the newest batch taken back", take_batch_back, ["manifest"]))
    problems.extend(auditor.after("no manifest", lambda copy: (copy / "manifest.db").unlink(), ["manifest.db"]))
    problems.extend(auditor.after("another manifest", lambda copy: (copy / "manifest.db").write_bytes(b"SQLite format 3\0 no"), ["manifest.db"]))
    problems.extend(auditor.after("a stray folder", lambda copy: (copy / "usage.billing.call" / "folder").mkdir(), ["usage.billing.call/folder"]))


def forged(auditor, folder, keys, out):
    """A whole folder made with other keys, and a folder judged by another public key."""
    (folder / "others").mkdir()
    others = w.make_keys(folder / "others")
    done = w.winnow("audit", out, "--public-key", others / "signing.pub", status=1)
    expect(done.stdout.count("signature") >= 2, "another's public key: " + done.stdout)
    done = w.sift(out, "freeswitch-json", [w.SAMPLES / "freeswitch" / "old.json"], others, status=1)
    expect("another" in done.stderr, "a folder goes on under other keys: " + done.stderr)
    problems.extend(auditor.audit(out, 0))
    for arguments, status in (([out], 2), (["--public-key", keys / "signing.pub"], 2),
                              ([folder / "missing", "--public-key", keys / "signing.pub"], 1),
                              ([out, "--public-key", folder / "missing"], 1)):
        done = w.winnow("audit", *arguments, status=None)
        expect(done.returncode == status and done.stderr.startswith("winnow"), f"audit {arguments}: {done.returncode} {done.stderr}")


def quarantine(auditor, folder, keys, out):
    rows = [json.loads(line) for line in w.winnow("quarantine", "list", out, "--json").stdout.splitlines()]
    receipts = w.receipts(out)
    counted = {}
    for receipt in receipts:
        for reason, n in receipt["quarantined"].items():
            counted[reason] = counted.get(reason, 0) + n
    expect({r["reason"]: r["records"] for r in rows} == counted, f"list says {rows}, the receipts {counted}")
    expect(len(w.winnow("quarantine", "list", out).stdout.splitlines()) == len(rows) + 1, "list has a row a reason")

    officer = str(keys) + ".officer.key"
    shown = w.winnow("quarantine", "show", out, "--officer-key", officer)
    expect(shown.stdout.count("\n--- ") + shown.stdout.startswith("--- ") == sum(counted.values()), "show shows each record")
    expect("4477009" not in shown.stdout and "C-100" not in shown.stdout and "callflow" in shown.stdout, "values are masked, names stay")
    values = w.winnow("quarantine", "show", out, "--officer-key", officer, "--show-values").stdout
    expect("4477009" in values or "C-10" in values, "--show-values shows them")
    (folder / "foreign").mkdir()
    other = str(w.make_keys(folder / "foreign")) + ".officer.key"
    done = w.winnow("quarantine", "show", out, "--officer-key", other, status=1)
    expect("---" not in done.stdout and "another officer" in done.stderr, "another officer's key opens nothing: " + done.stderr)

    reason = rows[0]["reason"]
    before = {p: p.read_bytes() for p in published(out)}
    done = w.winnow("quarantine", "drop", out, "--reason", reason, "--source", "no-such", "--keys", keys)
    expect("0 envelopes" in done.stdout and {p: p.read_bytes() for p in published(out)} == before, "another source's are not dropped")
    w.winnow("quarantine", "drop", out, "--reason", reason, "--keys", keys)
    problems.extend(auditor.audit(out, 0))
    again = [json.loads(line) for line in w.winnow("quarantine", "list", out, "--json").stdout.splitlines()]
    dropped = {r["reason"]: r["dropped"] for r in again}
    expect(dropped == {r["reason"]: r["records"] if r["reason"] == reason else 0 for r in rows}, f"dropped: {dropped}")
    events = [r["event"] for r in w.receipts(out) if "event" in r]
    expect(events and all(e["kind"] == "drop" and e["reason"] == reason for e in events), f"events: {events}")
    expect({e["refers"] for e in events} <= {str(r["receipt"]) for r in receipts}, f"events refer to {events}")
    shown = w.winnow("quarantine", "show", out, "--officer-key", officer, "--reason", reason).stdout
    expect(shown == "", "what was dropped is gone")
    sealed = max(len(p.read_bytes()) for p in out.glob("quarantine/*"))
    expect(sealed <= max(len(d) for p, d in before.items() if p.parent.name == "quarantine"), "nothing grew")
    # A file as it was before the drop is a changed file.
    name = "quarantine/" + next(p.name for p in before if p.parent.name == "quarantine" and p.read_bytes() != before[p])
    problems.extend(auditor.after("a drop undone", lambda copy: (copy / name).write_bytes(before[out / name]), [name]))
    done = w.winnow("quarantine", "drop", out, "--reason", "no-such", "--keys", keys, status=2)
    expect("reason" in done.stderr, "an unknown reason is a usage error")
    # The folder goes on.
    w.sift(out, "freeswitch-json", [w.SAMPLES / "freeswitch" / "old.json"], keys, policy=folder / "policy")
    problems.extend(auditor.audit(out, 0))


with w.scratch() as scratch:
    scratch = pathlib.Path(scratch)
    ring = w.make_keys(scratch)
    made = make(scratch, ring)
    judge = Auditor(scratch, made, ring / "signing.pub")
    problems.extend(judge.audit(made, 0))
    every_octet(judge, made)
    other_changes(judge, made)
    forged(judge, scratch, ring, made)
    quarantine(judge, scratch, ring, made)
print("\n".join(problems[:40]) or "ok")
sys.exit(1 if problems else 0)
