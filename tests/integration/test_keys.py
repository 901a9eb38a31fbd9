#!/usr/bin/env python3
"""winnow keys as an operator runs it: made, listed, destroyed for ever, carried to another host; wrong usage exits 2; no
message and no listing shows a secret. A `keys init` that is killed at any of its steps is taken up again."""
import hashlib
import json
import os
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "support"))
import winnow as w  # noqa: E402

SCHEMAS = w.SOURCE / "schemas"
MONTHS = ["--from", "2026-11", "--to", "2027-01"]
WANTED = {("record", 0), ("consent", 0), ("billing", 0), ("insight", 202611), ("insight", 202612), ("insight", 202701)}
FAULT = os.environ.get("WINNOW_FAULT_LIBRARY")
problems = []
said = []


def expect(holds, sentence):
    if not holds:
        problems.append(sentence)


def keys(*args, status=0, **more):
    done = w.winnow("keys", *args, status=status, **more)
    said.append(done.stdout + done.stderr)
    return done


def states(folder):
    listed = json.loads(keys("list", "--json", "--keys", folder).stdout)["keys"]
    return {(k["purpose"], k["period"]): (k["state"], k["key_id"]) for k in listed}


def made_and_destroyed(folder):
    ring = folder / "keys"
    keys("init", "--keys", ring, "--policy", SCHEMAS, *MONTHS)
    first = states(ring)
    expect(set(first) == WANTED, f"init made other keys: {sorted(first)}")
    expect(oct((folder / "keys.kek").stat().st_mode)[-4:] == "0400", "mode of the key-encryption key")
    done = keys("init", "--keys", ring, "--policy", SCHEMAS, status=1)
    expect("winnow keys ensure" in done.stderr, "a second init does not name ensure")
    officer = hashlib.sha256(bytes.fromhex((ring / "officer.pub").read_text())).hexdigest()[:16]
    expect(json.loads(keys("list", "--json", "--keys", ring).stdout)["officer"]["key_id"] == officer,
           "list --json shows another officer's key")
    expect(f"officer's public key: {officer}, made " in keys("list", "--keys", ring).stdout, "list does not show the officer's key")
    done = keys("ensure", "--keys", ring, "--policy", SCHEMAS, *MONTHS)
    expect(done.stdout == "0 keys made, 6 were there.\n", "ensure is not idempotent")
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
    ring = folder / "keys"
    good = (ring / "officer.pub").read_text()
    (ring / "officer.pub").chmod(0o644)
    (ring / "officer.pub").write_text((ring / "signing.pub").read_text())
    for verb in (["list"], ["ensure", "--policy", SCHEMAS], ["export", folder / "e", "--wrap", folder / "w"]):
        done = keys(*verb, "--keys", ring, status=1)
        expect("is not the officer's public key that the register" in done.stderr, f"{verb[0]} takes another officer's key")
    (ring / "officer.pub").write_text(good)

    broken = (ring / "insight-202612.key")
    broken.chmod(0o600)
    broken.write_bytes((ring / "billing-0.key").read_bytes())
    done = keys("ensure", "--keys", ring, "--policy", SCHEMAS, *MONTHS[:3], "2027-02", status=1)
    expect(done.stdout.startswith("1 keys made, 4 were there"), f"ensure does not make the others: {done.stdout}")
    expect("the key of insight 2026-12 is broken, and can't be made again" in done.stderr and "from a backup" in done.stderr,
           "ensure does not say which key is broken, and the remedy")
    broken.unlink()
    done = keys("ensure", "--keys", ring, "--policy", SCHEMAS, *MONTHS, status=1)
    expect("the key of insight 2026-12 is missing, and can't be made again" in done.stderr, "ensure does not tell of a missing key")
    done = keys("list", "--keys", folder / "keys", status=1)
    expect("missing" in done.stdout and "withheld" in done.stderr, "list does not tell of a missing key")
    (folder / "keys.register").unlink()
    done = keys("list", "--keys", folder / "keys", status=1)
    expect("the register is missing" in done.stderr, "a missing register is not named")


def a_place_that_is_none(folder):
    (folder / "file").write_text("")
    done = keys("init", "--keys", folder / "file" / "keys", "--policy", SCHEMAS, status=1)
    expect("Not a directory" in done.stderr and "already" not in done.stderr, "init below a file says something else")


def killed(folder):
    """Kill init at its first step, at its second, until it gets through; after each, what init or its message says works."""
    ends = set()
    for mode in ("kill", "torn"):
        for n in range(1, 1000):
            home = folder / f"{mode}-{n}"
            home.mkdir()
            seen = home / "seen"
            ring = home / "keys"
            init = ["init", "--keys", ring, "--policy", SCHEMAS, *MONTHS]
            keys(*init, status=None, env=os.environ | {
                "LD_PRELOAD": FAULT, "WINNOW_FAULT": f"{mode}:{n}", "WINNOW_FAULT_SEEN": str(seen),
                "ASAN_OPTIONS": "verify_asan_link_order=0"})
            if not seen.exists():
                break
            again = keys(*init, status=None)
            ends.add(again.returncode)
            if again.returncode != 0:
                expect("is there already; winnow keys ensure" in again.stderr, f"{mode}:{n}: {again.stderr}")
                keys("ensure", *init[1:])
            expect(all(state == "live" for state, _ in states(ring).values()) and set(states(ring)) == WANTED,
                   f"{mode}:{n}: not all keys are live")
            expect({path.name for path in home.iterdir()} <= {"seen", "keys", "keys.kek", "keys.register", "keys.officer.key"},
                   f"{mode}:{n}: something is left over: {sorted(path.name for path in home.iterdir())}")
    expect(ends == {0, 1}, f"init was not killed on both sides of the folder's name: {ends}")


with w.scratch() as scratch:
    scratch = pathlib.Path(scratch)
    made_and_destroyed(scratch)
    carried(scratch)
    wrong_usage(scratch)
    a_place_that_is_none(scratch)
    if FAULT:
        killed(scratch)
    secrets = [(scratch / name).read_text().strip() for name in ("keys.kek", "other.kek", "keys.officer.key", "wrap")]
    a_fault_of_the_folder(scratch)
    expect(not any(secret in text for secret in secrets for text in said), "a message shows a secret")
print("\n".join(problems) or "ok")
sys.exit(1 if problems else 0)
