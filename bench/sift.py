#!/usr/bin/env python3
"""sift against simdjson DOM + SHA-256 of the same bytes, both in one run: CPU and elapsed time, best and median of N pairs; and
what a record costs on disk.

    sift.py BUILD_DIR [--runs N] [--mib M]      prints one line a figure: name value unit (what)
"""
import argparse
import os
import pathlib
import resource
import shutil
import statistics
import subprocess
import tempfile
import time

TOP = pathlib.Path(__file__).resolve().parents[1]
SETS = {  # name: (what generate writes, its source, octets a record, limit of the ratio)
    "freeswitch": ("freeswitch", "freeswitch-json", 10000, 1.5),
    "flat": ("flat", "flat-json", 600, 2.5),
    "detail": ("detail", "freeradius-detail", 760, None),
    "csv": ("csv", "asterisk-csv", 350, None),
}


def timed(command):
    """@return (CPU seconds, elapsed seconds, largest resident set in MiB)."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    begin = time.monotonic()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
        said = process.stderr.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{command}: {said.decode()}")
    del before
    return usage.ru_utime + usage.ru_stime, time.monotonic() - begin, usage.ru_maxrss / 1024


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("build")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--mib", type=int, default=256)
    parser.add_argument("--only", choices=SETS)
    arguments = parser.parse_args()
    build = pathlib.Path(arguments.build).resolve()
    winnow = build / "src" / "winnow"
    with tempfile.TemporaryDirectory(prefix="winnow-bench-") as folder:
        folder = pathlib.Path(folder)
        policy = folder / "policy"
        shutil.copytree(TOP / "schemas", policy)
        shutil.copy(TOP / "bench/sources/flat-json.yaml", policy / "sources")
        subprocess.run([winnow, "keys", "init", "--keys", folder / "keys", "--policy", policy], check=True, stdout=subprocess.DEVNULL)
        for name, (what, source, size, limit) in SETS.items():
            if arguments.only and name != arguments.only:
                continue
            data = folder / name
            with open(data, "wb") as out:
                subprocess.run([build / "bench" / "generate", what, str(arguments.mib * (1 << 20) // size)], stdout=out, check=True)
            mib = data.stat().st_size / (1 << 20)
            ours, peers = [], []
            for run in range(arguments.runs):
                out = folder / f"out-{name}-{run}"
                ours.append(timed([winnow, "sift", "--policy", policy, "--keys", folder / "keys", "--source", source, "--out", out, data]))
                if limit:
                    peers.append(timed([build / "bench" / "dom_sha", data]))
                receipt = subprocess.run([winnow, "cat", *out.glob("receipts/*.json")], capture_output=True, text=True, check=True).stdout
                archived = sum(f.stat().st_size for f in out.glob("usage.*/*"))
                if run + 1 < arguments.runs:
                    shutil.rmtree(out)
            import json
            counts = json.loads(receipt)
            cpu = [o[0] for o in ours]
            print(f"{name}_input {mib:.0f} MiB ({counts['in']} records, {counts['passed']} passed)")
            print(f"{name}_cpu {min(cpu) / counts['in'] * 1e6:.2f} us/record (best of {len(cpu)}; median {statistics.median(cpu) / counts['in'] * 1e6:.2f})")
            print(f"{name}_rate {counts['in'] / min(o[1] for o in ours):.0f} records/s (best of {len(ours)}, one process)")
            print(f"{name}_rss {max(o[2] for o in ours):.0f} MiB (largest resident set)")
            print(f"{name}_archived {archived / max(counts['passed'], 1):.1f} octets/record (usage containers, zstd)")
            parts = subprocess.run([build / "bench" / "bench_decode", policy, policy / "sources" / f"{source}.yaml", data],
                                   capture_output=True, text=True, check=True).stdout
            print("".join(f"{name}_{line}\n" for line in parts.splitlines()), end="")
            if limit:
                ratio = statistics.median(o[0] / p[0] for o, p in zip(ours, peers))
                print(f"{name}_ratio {ratio:.2f} x (CPU of sift over CPU of DOM + SHA-256, median of pairs; limit {limit})")
            data.unlink()


if __name__ == "__main__":
    main()
