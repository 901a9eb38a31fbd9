#!/usr/bin/env python3
"""winnow keys as an operator runs it: made, listed, destroyed for ever, carried to another host; wrong usage exits 2; no
message and no listing shows a secret."""
import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "support"))
import winnow as w  # noqa: E402

SCHEMAS = w.SOURCE / "schemas"
MONTHS = ["--from", "2026-11", "--to", "2027-01"]
problems = []
said = []


def expect(holds, sentence):
    if not holds:
        problems.append(sentence)


def keys(*args, status=0):
    done = w.winnow("keys", *args, status=status)
    said.append(done.stdout + done.stderr)
    return done


def states(folder):
    listed = json.loads(keys("list", "--json", "--keys", folder).stdout)["keys"]
    return {(k["purpose"], k["period"]): (k["state"], k["key_id"]) for k in listed}


def made_and_destroyed(folder):
    ring = folder / "keys"
    keys("init", "--keys", ring, "--policy", SCHEMAS, *MONTHS)
    first = states(ring)
    expect(set(first) == {("record", 0), ("billing", 0), ("insight", 202611), ("insight", 202612), ("insight", 202701)},
           f"init made other keys: {sorted(first)}")
    expect(oct((folder / "keys.kek").stat().st_mode)[-4:] == "0400", "mode of the key-encryption key")
    keys("init", "--keys", ring, "--policy", SCHEMAS, status=1)
    done = keys("ensure", "--keys", ring, "--policy", SCHEMAS, *MONTHS)
    expect(done.stdout == "0 keys made, 5 were there.\n", "ensure is not idempotent")
    expect(states(ring) == first, "ensure changed a key")

    backup = (ring / "insight-202611.key").read_bytes()
    done = keys("destroy", "insight", "2026-11", "--keys", ring, status=2)
    expect("for ever" in done.stderr and "--yes" in done.stderr, "destroy does not say what it means")
    expect(states(ring) == first, "destroy without --yes did something")
    keys("destroy", "insight", "2026-11", "--keys", ring, "--yes")
    (ring / "insight-202611.key").write_bytes(backup)
    (ring / "insight-202611.key").chmod(0o400)
    now = states(ring)
    expect(now.pop(("insight", 202611))[0] == "destroyed", "a destroyed key came back")
    expect(all(state == "live" for state, _ in now.values()), "another key than the destroyed one suffered")
    done = keys("ensure", "--keys", ring, "--policy", SCHEMAS, *MONTHS)
    expect("1 stay destroyed" in done.stdout, "ensure made a destroyed key again")
    keys("destroy", "insight", "2020-01", "--keys", ring, "--yes", status=1)


def carried(folder):
    keys("export", folder / "export", "--keys", folder / "keys", "--wrap", folder / "wrap")
    keys("import", folder / "export", "--keys", folder / "other", "--wrap", folder / "wrap")
    expect(states(folder / "other") == states(folder / "keys"), "the other host has other keys")
    keys("import", folder / "export", "--keys", folder / "third", "--wrap", folder / "keys.kek", status=1)
    expect(not (folder / "third").exists(), "an import with a wrong key left a folder")


def wrong_usage(folder):
    for args in ([], ["make"], ["list"], ["list", "x", "--keys", folder / "keys"], ["destroy", "--keys", folder / "keys"],
                 ["destroy", "insight", "11-2026", "--yes", "--keys", folder / "keys"],
                 ["export", folder / "e", "--keys", folder / "keys"], ["list", "--policy", "x"],
                 ["ensure", "--keys", folder / "keys", "--from", "2026-13"],
                 ["ensure", "--keys", folder / "keys", "--from", "2027-01", "--to", "2026-01"],
                 ["ensure", "--keys", folder / "keys", "--policy", folder / "none"]):
        keys(*args, status=2)


def a_fault_of_the_folder(folder):
    (folder / "keys" / "insight-202612.key").unlink()
    done = keys("list", "--keys", folder / "keys", status=1)
    expect("missing" in done.stdout and "withheld" in done.stderr, "list does not tell of a missing key")
    (folder / "keys.register").unlink()
    done = keys("list", "--keys", folder / "keys", status=1)
    expect("the register is missing" in done.stderr, "a missing register is not named")


with w.scratch() as scratch:
    scratch = pathlib.Path(scratch)
    made_and_destroyed(scratch)
    carried(scratch)
    wrong_usage(scratch)
    secrets = [(scratch / name).read_text().strip() for name in ("keys.kek", "other.kek", "keys.officer.key", "wrap")]
    a_fault_of_the_folder(scratch)
    expect(not any(secret in text for secret in secrets for text in said), "a message shows a secret")
print("\n".join(problems) or "ok")
sys.exit(1 if problems else 0)
