#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Winnows without one guard each (mutants/*.patch): the test that a patch names must fail on it, and pass on the tree as it is.

    mutants.py                     each: caught or not caught; exit status 1 where one is not
    mutants.py NAME…               these
    mutants.py --chaos 5 NAME…     by chaos.py instead, with up to five seeds: says which one caught it
    mutants.py --check             only whether each patch still applies

The tree is copied, the copy patched and built; nothing of it comes into a build that is shipped. A patch begins with
`Rule:`, what it takes away; `Model:`, the option of tests/model that does the same; `Test:`, a program and a test of it.
"""
import argparse
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
TOP = HERE.parents[1]


class Mutant:
    def __init__(self, path):
        self.path, self.name = path, path.stem
        head = path.read_text().split("\n\n", 1)[0]
        self.rule, self.model, self.test = (re.search(rf"^{key}: (.+)$", head, re.M)[1] for key in ("Rule", "Model", "Test"))

    def patch(self, folder, *more):
        """Apply it. @return the finished process."""
        return subprocess.run(["patch", "-p1", "--no-backup-if-mismatch", "--silent", *more, "-i", str(self.path)], cwd=folder,
                              capture_output=True, text=True)

    def program(self):
        """@return the words of its test's command; raises where there is no such test."""
        file, name = self.test.split()
        text = (TOP / file).read_text()
        stem, _, point = name.partition("survives_kills_")  # Those are made of a list of points.
        if f"def {name}(" not in text and not (stem == "" and f'"{point.replace("_", "-")}"' in text):
            raise AssertionError(f"{self.path}: {file} has no test {name}")
        return [sys.executable, str(TOP / file), name]


def copy_tree(folder):
    """Copy what a build of the program needs."""
    for name in ("src", "include", "schemas", "docs", "contrib"):
        shutil.copytree(TOP / name, folder / name)
    for name in ("meson.build", "meson_options.txt"):
        shutil.copy(TOP / name, folder)


def build(folder):
    if not (folder / "build").exists():
        subprocess.run(["meson", "setup", "build", "-Dtests=disabled"], cwd=folder, check=True, capture_output=True)
    done = subprocess.run(["ninja", "-C", "build", "src/winnow"], cwd=folder, capture_output=True, text=True)
    if done.returncode:
        raise AssertionError(done.stdout[-3000:])
    return folder / "build/src/winnow"


def fails(words, binary):
    """@return whether a test fails with this program."""
    done = subprocess.run(words, env=dict(os.environ, WINNOW_PATIENCE="40", WINNOW_BIN=str(binary),
                                           WINNOW_SOURCE=str(TOP)), capture_output=True,
                          text=True)
    return done.returncode != 0


def caught_by(mutant, binary, seeds):
    """@return by what it was caught; None: it was not."""
    if not seeds:
        return mutant.test.split()[1] if fails(mutant.program(), binary) else None
    for seed in range(1, seeds + 1):
        if fails([sys.executable, str(HERE / "chaos.py"), "--seed", str(seed), "--clean"], binary):
            return f"chaos.py --seed {seed}"
    return None


def try_all(mutants, seeds):
    missed = 0
    with tempfile.TemporaryDirectory(prefix="winnow-mutants-") as name:
        folder = pathlib.Path(name)
        copy_tree(folder)
        binary = build(folder)
        for mutant in mutants:
            begun = time.time()
            if not seeds and fails(mutant.program(), binary):
                missed += 1
                print(f"BROKEN      {mutant.name}: {mutant.test} fails without it as well", flush=True)
                continue
            done = mutant.patch(folder)
            if done.returncode:
                raise AssertionError(f"{mutant.path} does not apply:\n{done.stdout}")
            found = caught_by(mutant, build(folder), seeds)
            mutant.patch(folder, "-R")
            missed += not found
            print(f"{'caught' if found else 'NOT CAUGHT':<11} {mutant.name}: {found or mutant.rule} "
                  f"({time.time() - begun:.0f} s)", flush=True)
    return missed


def check(mutants):
    """@return how many patches do not apply any more, or name a test that is none."""
    wrong = 0
    for mutant in mutants:
        mutant.program()
        done = mutant.patch(TOP, "--dry-run")
        if done.returncode:
            wrong += 1
            print(f"{mutant.path.relative_to(TOP)} does not apply any more; make the same change by hand, and `git diff` it:\n"
                  f"{done.stdout}")
    print(f"{len(mutants)} mutants, {wrong} do not apply")
    return wrong


def main():
    parser = argparse.ArgumentParser(description="winnows without one guard each; see the top of this file")
    parser.add_argument("name", nargs="*")
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--chaos", type=int, default=0, metavar="SEEDS")
    options = parser.parse_args()
    mutants = [Mutant(path) for path in sorted((HERE / "mutants").glob("*.patch"))]
    unknown = set(options.name) - {m.name for m in mutants}
    if unknown:
        parser.error(f"no such mutant: {', '.join(sorted(unknown))}")
    mutants = [m for m in mutants if not options.name or m.name in options.name]
    return 1 if (check(mutants) if options.check else try_all(mutants, options.chaos)) else 0


if __name__ == "__main__":
    sys.exit(main())
