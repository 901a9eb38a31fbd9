#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A gzip or Zstandard bomb costs one file, not the machine: it is left out and said, the others are sifted, the status is 1."""
import gzip
import pathlib
import resource
import subprocess
import sys
import zlib

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "support"))
import winnow as w  # noqa: E402

SOURCE = "freeswitch-json"
CALLS = w.SAMPLES / "freeswitch" / "cdr.jsonl"
GIB = 1 << 30
problems = []


def expect(holds, sentence):
    if not holds:
        problems.append(sentence)


def gzip_bomb(path, size):
    """One member of zeros, 1,030 to 1."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    block = bytes(1 << 20)
    with open(path, "wb") as file:
        for _ in range(size >> 20):
            file.write(packer.compress(block))
        file.write(packer.flush())
    return path


def members_bomb(path, members):
    """Many members, each of 8 MiB: no header tells what comes."""
    path.write_bytes(gzip.compress(bytes(8 << 20)) * members)
    return path


def zstd_bomb(path, size):
    """Far over 10,000 to 1."""
    with open(path, "wb") as out:
        process = subprocess.Popen(["zstd", "-q", "-c", "-3"], stdin=subprocess.PIPE, stdout=out)
        for _ in range(size >> 20):
            process.stdin.write(bytes(1 << 20))
        process.stdin.close()
        expect(process.wait() == 0, "zstd")
    return path


def command(place, out, *files, config=w.SAMPLES / "winnow.yaml"):
    return [w.BINARY, "sift", "--config", str(config), "--policy", str(w.SOURCE / "schemas"), "--keys", str(place / "keys"),
            "--source", SOURCE, "--out", str(place / out), "--json", *map(str, files)]


def with_little_memory():
    resource.setrlimit(resource.RLIMIT_AS, (GIB, GIB))


def run(place):
    lines = CALLS.read_text().splitlines()
    first, last = place / "a-good", place / "z-good.gz"
    first.write_text("\n".join(lines[:5]) + "\n")
    last.write_bytes(gzip.compress(("\n".join(lines[5:10]) + "\n").encode()))
    bombs = [gzip_bomb(place / "b-gzip.gz", GIB // 2), members_bomb(place / "c-members.gz", 200), zstd_bomb(place / "d-zstd.zst", GIB // 2)]
    done = subprocess.run(command(place, "out", first, *bombs, last), capture_output=True, text=True, preexec_fn=with_little_memory)
    expect(done.returncode == 1, f"status {done.returncode}: {done.stderr}")
    for bomb in bombs:
        expect(f"{bomb}: unpacks to more than" in done.stderr, f"{bomb.name} is not named: {done.stderr}")
    expect("3 files were left out" in done.stderr and "files: {unpacked" in done.stderr, f"the remedy: {done.stderr}")
    expect(w.total(place / "out", "in") == 10 and w.total(place / "out", "passed") == 7 and '"file-refused":3' in done.stdout, f"the others: {done.stdout}")
    for bomb in bombs:  # By itself.
        done = subprocess.run(command(place, "alone", bomb), capture_output=True, text=True, preexec_fn=with_little_memory)
        expect(done.returncode == 1 and "1 file was left out" in done.stderr and not w.receipts(place / "alone"), f"{bomb.name} alone: {done.stderr}")
    with open(bombs[0], "rb") as stdin:
        done = subprocess.run(command(place, "stdin", "-"), stdin=stdin, capture_output=True, text=True)
    expect(done.returncode == 1 and "standard input: unpacks to more than" in done.stderr, f"standard input: {done.stderr}")
    odd = gzip_bomb(place / "odd\n\x1b[31mname.gz", GIB // 4)
    done = subprocess.run(command(place, "odd", odd), capture_output=True, text=True)
    expect("/odd??[31mname.gz: unpacks to more than" in done.stderr and "\x1b" not in done.stderr, f"a name that moves a cursor: {done.stderr!r}")
    # A file that is just long is none; and the limits are the operator's.
    plain = place / "long"
    plain.write_text((lines[0] + "\n") * 40000)
    packed = place / "long.gz"
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    expect(plain.stat().st_size > 64 << 20, "the long file is not long")
    for name, files, status in (("unpacked: 1MiB", [packed], 1), ("unpacked: 1MiB", [plain], 0), ("ratio: 2", [packed], 1), ("ratio: 500", [packed], 0)):
        config = place / "limits.yaml"
        config.write_text((w.SAMPLES / "winnow.yaml").read_text() + f"files: {{{name}}}\n")
        done = subprocess.run(command(place, f"limits-{name}-{files[0].name}", *files, config=config), capture_output=True, text=True)
        expect(done.returncode == status, f"{name}, {files[0].name}: status {done.returncode}, expected {status}: {done.stderr}")


with w.scratch() as scratch:
    w.make_keys(scratch)
    run(pathlib.Path(scratch))
print("\n".join(problems) or "ok")
sys.exit(1 if problems else 0)
