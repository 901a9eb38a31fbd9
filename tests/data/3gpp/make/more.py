#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes a second corpus by another seed, with subscribers of its own: python3 more.py --asn FOLDER --out FOLDER. Records with
their truth only, packed; no framed files, no variants."""
import argparse
import gzip
import os

import generate

SEED, FIRST = 20261124, 2000


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--asn", required=True)
    p.add_argument("--out", required=True)
    a = p.parse_args()
    os.makedirs(a.out, exist_ok=True)
    corpus = generate.Maker(a.asn, SEED, FIRST).corpus()
    lines = generate.write_corpus(a.out, corpus)
    generate.write_lines(os.path.join(a.out, "truth.jsonl"), [{k: v for k, v in line.items() if k != "value"} for line in lines], True)
    for file in corpus:
        path = os.path.join(a.out, file + ".ber")
        with open(path, "rb") as plain, open(path + ".gz", "wb") as raw, gzip.GzipFile("", "wb", 9, raw, mtime=0) as packed:
            packed.write(plain.read())
        os.remove(path)
    print(sum(map(len, corpus.values())), "records")


if __name__ == "__main__":
    main()
