#!/usr/bin/env python3
"""sift and `quarantine drop` with a fault at every n-th call that changes a file (it fails, the disk is full from there on, the
process is killed before it, the process is killed in it), and a kill at every named step: whatever happened, nothing is half
published, and the same command run again gives `usage.*` byte for byte as without a fault, the same receipts but for the
quarantine's hash, and a clean audit.

    WINNOW_FAULT_LIBRARY    tests/support/fault.c as a library to be preloaded
"""
import concurrent.futures
import hashlib
import json
import os
import pathlib
import shutil
import signal
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "support"))
import winnow as w  # noqa: E402

LIBRARY = os.environ["WINNOW_FAULT_LIBRARY"]
MODES = ("fail", "full", "kill", "torn")
STEPS = ("batch-written", "state-flushed", "committed", "rename", "receipt-published", "state-published")
MOST = 2000  # Calls of one run: more would be a loop that does not end.


def tree(out, *patterns):
    """@return {path: bytes} of the files below a folder."""
    return {str(p.relative_to(out)): p.read_bytes() for pattern in patterns for p in sorted(out.glob(pattern)) if p.is_file()}


def plain(receipt):
    """A receipt without what differs by nature: the quarantine's hash (sealed boxes), and what follows from it."""
    receipt = json.loads(receipt)
    del receipt["signature"], receipt["previous"]
    for output in receipt["outputs"]:
        if output["file"].startswith("quarantine/"):
            del output["sha256"]
    return receipt


def numbers(out):
    """What the state has of nodes' numbers."""
    lines = [line for line in (out / "state" / "index").read_text().splitlines() if line.startswith("numbers ")]
    if len(lines) != 1 or len(lines[0]) < 100:
        raise w.Failed(f"the state has no numbers of nodes: {lines}")
    return lines[0]


class Bench:
    """Input, keys and policy that all runs share."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.keys = w.make_keys(self.folder)
        numbered = {"sources/freeswitch-json.yaml": lambda text: text + "\ngaps: {number: /variables/billsec}\n"}  # Any number will do.
        self.policy = w.make_policy(self.folder / "policy", "contract", numbered)
        self.config = self.folder / "winnow.yaml"
        self.config.write_text((w.SAMPLES / "winnow.yaml").read_text() + "files: {batch: 1}\n")
        lines = (w.SAMPLES / "freeswitch" / "cdr.jsonl").read_text().splitlines()
        half = len(lines) // 2
        self.inputs = [self.folder / name for name in ("one", "two")]
        for path, part in zip(self.inputs, (lines[:half], lines[half:])):
            path.write_text("\n".join(part) + "\n{\"broken\n")
        self.reference = self.folder / "reference"
        self.sift(self.reference)
        self.usage = tree(self.reference, "usage.*/*")
        self.numbers = numbers(self.reference)
        self.receipts = {name: plain(text) for name, text in tree(self.reference, "receipts/*").items()}
        kinds = {name.split("/")[0] for name in self.usage}
        refused = [e["reason"] for e in w.cat(*sorted(self.reference.glob("quarantine/*.avro")))]
        self.reason = max(sorted(set(refused)), key=refused.count)
        self.refused = refused.count(self.reason)
        if kinds != {"usage.billing.call", "usage.insight.call"} or len(self.receipts) != 2 or self.refused < 2:
            raise w.Failed(f"the input makes {kinds} and {len(self.receipts)} receipts: not what is to be tested")

    def arguments(self, out):
        return ("sift", "--config", self.config, "--policy", self.policy, "--keys", self.keys, "--source", "freeswitch-json",
                "--out", out, *self.inputs)

    def sift(self, out, status=0, env=None):
        return w.winnow(*self.arguments(out), status=status, env=os.environ | (env or {}))

    def audit(self, out):
        return w.winnow("audit", out, "--public-key", self.keys / "signing.pub", status=None)

    def half_published(self, out):
        """What is visible though it must not be: a file that is not the reference's, a receipt before its files."""
        found = [f"{name} is half written" for name, data in tree(out, "usage.*/*").items() if self.usage.get(name) != data]
        for name, text in tree(out, "receipts/*").items():
            for output in json.loads(text)["outputs"]:
                path = out / output["file"]
                if not path.exists():
                    found.append(f"{name} is there before {output['file']}")
                elif hashlib.sha256(path.read_bytes()).hexdigest() != output["sha256"]:
                    found.append(f"{name} and {output['file']} do not agree")
        return found

    def finished(self, out):
        """What differs from the run without a fault."""
        found = []
        if tree(out, "usage.*/*") != self.usage:
            found.append("usage.* differs from a run without a fault")
        if {name: plain(text) for name, text in tree(out, "receipts/*").items()} != self.receipts:
            found.append("receipts differ from a run without a fault")
        if numbers(out) != self.numbers:
            found.append("what the state has of nodes' numbers differs from a run without a fault")
        if any(out.glob("tmp/*")):
            found.append("something is left in tmp/")
        audit = self.audit(out)
        return found + ([f"audit: {audit.stdout}{audit.stderr}"] if audit.returncode else [])


def one_sift(bench, name, env):
    """A run with a fault, and one without. @return (whether it struck, what is wrong)."""
    out = bench.folder / f"out-{name}"
    seen = bench.folder / f"seen-{name}"
    done = bench.sift(out, None, env | {"WINNOW_FAULT_SEEN": str(seen)})
    struck = seen.exists() or done.returncode == -signal.SIGKILL
    found = []
    if done.returncode not in (0, 1, -signal.SIGKILL):
        found.append(f"status {done.returncode}: {done.stderr}")
    if done.returncode == 1 and ("winnow: " not in done.stderr or "Traceback" in done.stderr):
        found.append(f"does not say what went wrong: {done.stderr}")
    if out.exists():
        found += bench.half_published(out)
    again = bench.sift(out, None)
    if again.returncode:
        found.append(f"the run after it ends with {again.returncode}: {again.stderr}")
    else:
        found += bench.finished(out)
    shutil.rmtree(out)
    seen.unlink(missing_ok=True)
    return struck, [f"{name}: {text}" for text in found]


def one_drop(bench, name, env):
    """The same for a drop of what the reference run refused."""
    out = bench.folder / f"drop-{name}"
    seen = bench.folder / f"seen-{name}"
    shutil.copytree(bench.reference, out)
    command = ("quarantine", "drop", "--reason", bench.reason, "--keys", bench.keys, out)
    done = w.winnow(*command, status=None, env=os.environ | env | {"WINNOW_FAULT_SEEN": str(seen)})
    struck = seen.exists() or done.returncode == -signal.SIGKILL
    found = []
    again = w.winnow(*command, status=None)
    if again.returncode:
        found.append(f"the drop after it ends with {again.returncode}: {again.stderr}")
    audit = bench.audit(out)
    if audit.returncode:
        found.append(f"audit: {audit.stdout}{audit.stderr}")
    sealed = [e["sealed"] for e in w.cat(*sorted(out.glob("quarantine/*.avro"))) if e["reason"] == bench.reason]
    if len(sealed) != bench.refused or any(sealed):
        found.append(f"sealed octets after the drop: {sealed}")
    if tree(out, "usage.*/*") != bench.usage:
        found.append("the drop changed usage.*")
    shutil.rmtree(out)
    seen.unlink(missing_ok=True)
    return struck, [f"drop {name}: {text}" for text in found]


def every_call(bench, pool, one, mode):
    """For each n until the run passes untouched. @return (how many struck, what is wrong)."""
    found, n = [], 1
    while n < MOST:
        numbers = range(n, n + 8)
        env = [{"LD_PRELOAD": LIBRARY, "WINNOW_FAULT": f"{mode}:{i}", "ASAN_OPTIONS": "verify_asan_link_order=0"} for i in numbers]
        done = list(pool.map(one, [bench] * len(env), [f"{mode}-{i}" for i in numbers], env))
        found += [text for struck, texts in done if struck for text in texts]
        if not all(struck for struck, _ in done):
            return n - 1 + sum(struck for struck, _ in done), found
        n += 8
        if len(found) > 20:
            break
    return n, found


def main():
    found = []
    # In memory where that can be: what is tested is the order of things, and a thousand runs wait for no disk.
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="winnow-fault-", dir=memory) as folder, concurrent.futures.ThreadPoolExecutor(max(2, os.cpu_count() or 2)) as pool:
        bench = Bench(folder)
        for one, what in ((one_sift, "sift"), (one_drop, "drop")):
            for mode in MODES:
                struck, texts = every_call(bench, pool, one, mode)
                print(f"{what}: {mode} at {struck} calls", flush=True)
                found += texts
                if struck < 20:
                    found.append(f"{what}: {mode} struck {struck} times only: the library was not loaded?")
        for step in STEPS:
            for n in (1, 2, 3, 4, 5, 6, 7, 8) if step == "rename" else (1, 2):
                struck, texts = one_sift(bench, f"{step}-{n}", {"WINNOW_KILL_AT": f"{step}:{n}"})
                found += texts if struck else [f"there is no step {step}:{n}"]
    print("\n".join(found[:40]) or "ok")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
