#!/usr/bin/env python3
"""BER of 3GPP: split and decode with the shipped sources against a plain walk over the same octets (bench_ber), and sift
against sift of the same records as compact JSON, in turn: CPU of the whole process.

    ber.py BUILD_DIR [--runs N] [--records N]      prints one line a figure: name value unit (what)
"""
import argparse
import json
import pathlib
import shutil
import statistics
import subprocess
import tempfile

import ber_mix
from sift import TOP, timed


def parts(build, policy, name, data):
    """The walk and the decode, in one process of their own."""
    said = subprocess.run([build / "bench/bench_ber", policy, policy / f"sources/3gpp-{name}.yaml", data],
                          capture_output=True, text=True, check=True).stdout
    for line in said.splitlines():
        print(f"ber_{name}_{line}")


def as_json(winnow, data, out):
    """The same records as JSON. NULL says by being there that something is so; in JSON null is absent, so it becomes true."""
    with open(out, "wb") as file, subprocess.Popen([winnow, "cat", "--show-values", data], stdout=subprocess.PIPE) as process:
        for line in process.stdout:
            file.write(line.replace(b":null", b":true"))
    if process.returncode:
        raise SystemExit("winnow cat failed")


def sifted(winnow, policy, keys, source, data):
    """@return (what timed() returns, the receipt)."""
    out = data.with_suffix(".out")
    figures = timed([winnow, "sift", "--policy", policy, "--keys", keys, "--source", source, "--out", out, data])
    receipt = json.loads(subprocess.run([winnow, "cat", *out.glob("receipts/*.json")], capture_output=True, check=True).stdout)
    shutil.rmtree(out)
    return figures, receipt


def against_json(winnow, policy, keys, data, runs):
    text = data.with_suffix(".jsonl")
    as_json(winnow, data, text)
    ours, theirs = [], []
    for _ in range(runs):
        figures, of_ber = sifted(winnow, policy, keys, "3gpp-ps", data)
        ours.append(figures)
        figures, of_json = sifted(winnow, policy, keys, "3gpp-ps-json", text)
        theirs.append(figures)
    fates = [[receipt[key] for key in ("in", "passed", "duplicates", "filtered", "quarantined")] for receipt in (of_ber, of_json)]
    if fates[0] != fates[1]:
        raise SystemExit(f"BER and JSON did not fare the same: {fates[0]}, {fates[1]}")
    records = of_ber["in"]
    print(f"ber_sift_input {data.stat().st_size / records:.0f} octets/record ({records} records, {of_ber['passed']} passed)")
    print(f"ber_sift_json_input {text.stat().st_size / records:.0f} octets/record (the same as JSON)")
    for name, series in ("ber_sift", ours), ("ber_sift_json", theirs):
        cpu = [one[0] / records * 1e6 for one in series]
        print(f"{name}_cpu {min(cpu):.2f} us/record (best of {runs}; median {statistics.median(cpu):.2f})")
        print(f"{name}_rss {max(one[2] for one in series):.0f} MiB (largest resident set)")
    ratio = statistics.median(theirs[i][0] / ours[i][0] for i in range(runs))
    print(f"ber_sift_ratio {ratio:.2f} x (CPU of sift of JSON over CPU of sift of BER, median of pairs; goal 2.5)")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("build")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--records", type=int, default=100000)
    arguments = parser.parse_args()
    build = pathlib.Path(arguments.build).resolve()
    winnow = build / "src/winnow"
    with tempfile.TemporaryDirectory(prefix="winnow-bench-") as folder:
        folder = pathlib.Path(folder)
        policy, keys = folder / "policy", folder / "keys"
        shutil.copytree(TOP / "schemas", policy)
        shutil.copy(TOP / "bench/sources/3gpp-ps-json.yaml", policy / "sources")
        subprocess.run([winnow, "keys", "init", "--keys", keys, "--policy", policy], check=True, stdout=subprocess.DEVNULL)
        for name in ber_mix.SETS:
            with open(folder / f"{name}.ber", "wb") as out:
                ber_mix.write(out, name, arguments.records)
            parts(build, policy, name, folder / f"{name}.ber")
        against_json(winnow, policy, keys, folder / "ps.ber", arguments.runs)


if __name__ == "__main__":
    main()
