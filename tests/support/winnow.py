"""Run the winnow binary from tests: a folder of its own, keys, one function a command."""
import gzip
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time
import traceback

SOURCE = pathlib.Path(os.environ.get("WINNOW_SOURCE", pathlib.Path(__file__).parents[2]))
BINARY = os.environ.get("WINNOW_BIN", str(SOURCE / "build-test" / "src" / "winnow"))
SAMPLES = SOURCE / "contrib" / "samples"
TEST_KEYS = SOURCE / "tests" / "golden" / "keys"


class Failed(Exception):
    """A command ended with another status than expected."""


def winnow(*args, status=0, text=True, **more):
    """Run a command. @return the finished process; raises where its status is another one."""
    done = subprocess.run([BINARY, *map(str, args)], capture_output=True, text=text, **more)
    if status is not None and done.returncode != status:
        raise Failed(f"winnow {' '.join(map(str, args))}: status {done.returncode}, expected {status}\n"
                     f"{done.stdout}\n{done.stderr}")
    return done


def scratch():
    """@return a new folder that goes away with the object."""
    return tempfile.TemporaryDirectory(prefix="winnow-test-")


def make_keys(folder, policy=SOURCE / "schemas", first="2026-01", last="2026-12"):
    """Make fresh keys in FOLDER/keys. @return the path."""
    keys = pathlib.Path(folder) / "keys"
    winnow("keys", "init", "--keys", keys, "--policy", policy)
    winnow("keys", "ensure", "--keys", keys, "--policy", policy, "--from", first, "--to", last)
    return keys


def fixed_keys(folder):
    """Import the committed keys of the tests, the same for every run. @return the path."""
    keys = pathlib.Path(folder) / "keys"
    wrap = pathlib.Path(folder) / "test.wrap"
    wrap.write_bytes((TEST_KEYS / "test.wrap").read_bytes())
    wrap.chmod(0o400)
    winnow("keys", "import", TEST_KEYS / "test.export", "--wrap", wrap, "--keys", keys)
    # What came later is new in each run: `consent`, whose digests nobody sees.
    winnow("keys", "ensure", "--keys", keys, "--policy", SOURCE / "schemas", "--from", "2026-10", "--to", "2026-12")
    return keys


def make_policy(folder, basis=None, change=None):
    """Copy the shipped policy with the tests' own sources to a folder.

    @param basis   Let insight rest on this basis in place of consent.
    @param change  {path below the folder: function text -> text}.
    @return the folder.
    """
    folder = pathlib.Path(folder)
    if not folder.exists():
        shutil.copytree(SOURCE / "schemas", folder)
        for source in (SOURCE / "tests/golden/sources").glob("*.yaml"):
            shutil.copy(source, folder / "sources")
        for schema in folder.glob("*.avsc") if basis else ():
            schema.write_text(schema.read_text().replace('"basis": "consent"', f'"basis": "{basis}"'))
        for path, edit in (change or {}).items():
            (folder / path).write_text(edit((folder / path).read_text()))
    return folder


def sift(out, source, files, keys, *more, config=SAMPLES / "winnow.yaml", policy=SOURCE / "schemas",
         status=0, **run):
    """Sift files into a folder. @return the summary of --json."""
    done = winnow("sift", "--config", config, "--policy", policy, "--keys", keys, "--source", source,
                  "--out", out, "--json", *more, *files, status=status, **run)
    return json.loads(done.stdout) if status == 0 and done.stdout else done


def cat(*files):
    """@return the records of containers or receipts as objects."""
    lines = winnow("cat", *files).stdout.splitlines() if files else []
    return [json.loads(line) for line in lines]


def usage(out, purpose, kind):
    """@return all usage records of a purpose and type below a folder."""
    return cat(*sorted(pathlib.Path(out).glob(f"usage.{purpose}.{kind}/*.avro")))


def receipts(out):
    """@return the receipts of a folder, by number."""
    return sorted(cat(*sorted(pathlib.Path(out).glob("receipts/*.json"))), key=lambda r: r["receipt"])


def total(out, *path):
    """Add one count over all receipts: total(out, "filtered", "attempt")."""
    sum_ = 0
    for receipt in receipts(out):
        value = receipt
        for name in path:
            value = value.get(name, {}) if isinstance(value, dict) else {}
        sum_ += value if isinstance(value, int) else 0
    return sum_


def packed_lines(path):
    """@return the objects of a file of JSON lines, packed by gzip."""
    with gzip.open(path, "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def main(tests):
    """Run tests as TAP; names given as arguments choose. @return the exit status."""
    chosen = [t for t in tests if len(sys.argv) < 2 or t.__name__ in sys.argv[1:]]
    print(f"1..{len(chosen)}", flush=True)
    failed = 0
    for number, test in enumerate(chosen, 1):
        begun = time.time()
        try:
            test()
            print(f"ok {number} - {test.__name__} # {time.time() - begun:.1f} s", flush=True)
        except Exception:  # Each test's fault is its own.
            failed += 1
            print(f"not ok {number} - {test.__name__}", flush=True)
            print("\n".join("# " + line for line in traceback.format_exc().splitlines()), flush=True)
    return 1 if failed else 0
