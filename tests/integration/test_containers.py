#!/usr/bin/env python3
"""fastavro, a reader that is not ours, reads every container that sift writes: the same records as `winnow cat` says, under
the derived schemas of the tree. It runs in the Python of $WINNOW_PYTHON; where that has no fastavro the test fails, unless
WINNOW_WITHOUT_FASTAVRO=1 says that this is known."""
import json
import os
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "support"))
import winnow as w  # noqa: E402

READER = """
import json, sys, fastavro
def plain(value):
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, dict):
        return {k: plain(v) for k, v in value.items()}
    if isinstance(value, list):
        return [plain(v) for v in value]
    return value
for path in sys.argv[1:]:
    with open(path, "rb") as file:
        # Times as the numbers that they are.
        fastavro.read.LOGICAL_READERS.clear()
        reader = fastavro.reader(file)
        records = [plain(r) for r in reader]
        print(json.dumps({"codec": reader.codec, "schema": reader.metadata["avro.schema"], "records": records}))
"""
python = os.environ.get("WINNOW_PYTHON", sys.executable)
if subprocess.run([python, "-c", "import fastavro"], capture_output=True).returncode:
    if os.environ.get("WINNOW_WITHOUT_FASTAVRO") == "1":
        print("skipped: WINNOW_WITHOUT_FASTAVRO")
        sys.exit(77)
    print(f"{python} has no fastavro: pip install 'fastavro[zstandard]', and name it in WINNOW_PYTHON")
    sys.exit(1)

problems = []
with w.scratch() as scratch:
    scratch = pathlib.Path(scratch)
    keys = w.make_keys(scratch)
    policy = w.make_policy(scratch / "policy", "contract")
    samples = {"freeswitch-json": [w.SAMPLES / "freeswitch"], "freeradius-detail": sorted(w.SAMPLES.glob("freeradius/radacct/*"))}
    for source, files in samples.items():
        w.sift(scratch / "out", source, files, keys, policy=policy)
    usage = sorted((scratch / "out").glob("usage.*/*.avro"))
    sealed = sorted((scratch / "out").glob("quarantine/*.avro"))
    kinds = {p.parent.name for p in usage}
    if kinds != {"usage.billing.call", "usage.insight.call", "usage.billing.session", "usage.insight.session"} or not sealed:
        problems.append(f"the samples make {sorted(kinds)} and {len(sealed)} files of quarantine")
    done = subprocess.run([python, "-c", READER, *usage, *sealed], capture_output=True, text=True)
    if done.returncode:
        problems.append(f"fastavro: {done.stderr}")
    for path, line in zip(usage + sealed, done.stdout.splitlines()):
        read, ours = json.loads(line), w.cat(path)
        if read["codec"] != "zstandard":
            problems.append(f"{path.name}: codec {read['codec']}")
        if path in sealed:
            for record in read["records"]:
                record["sealed"] = len(record["sealed"]) // 2
        else:
            _, purpose, kind = path.parent.name.split(".")
            derived = w.winnow("schema", purpose, kind, "--policy", policy).stdout
            if json.loads(derived) != json.loads(read["schema"]):
                problems.append(f"{path.name}: its schema is not the derived one")
        if read["records"] != ours or not ours:
            where = next((i for i, (a, b) in enumerate(zip(read["records"], ours)) if a != b), min(len(ours), len(read["records"])))
            problems.append(f"{path.parent.name}: fastavro has {len(read['records'])} records, cat {len(ours)}; they differ at {where}")
print("\n".join(problems) or "ok")
sys.exit(1 if problems else 0)
