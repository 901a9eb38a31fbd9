#!/usr/bin/env python3
"""`winnow sift` as an operator meets it: arguments, batches, repeated contents, archives, folders, standard input, faults of
the input, of the folder and of its state, the progress line, the summary; and the same bytes whichever way the input came."""
import fcntl
import gzip
import json
import os
import pathlib
import pty
import re
import resource
import shutil
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "support"))
import winnow as w  # noqa: E402

SOURCE = "freeswitch-json"
CALLS = w.SAMPLES / "freeswitch" / "cdr.jsonl"
problems = []


def expect(holds, sentence):
    if not holds:
        problems.append(sentence)


def usage_bytes(out):
    return {str(p.relative_to(out)): p.read_bytes() for p in sorted(out.glob("usage.*/*"))}


def refused(what, status, words, *args, **more):
    """A command that must end with a status and say something of it."""
    done = w.winnow(*args, status=None, **more)
    expect(done.returncode == status and all(x in done.stderr for x in words) and "winnow" in done.stderr,
           f"{what}: status {done.returncode}, expected {status} and {words}: {done.stderr}")
    return done


class Place:
    """Keys, input in three parts, and a folder for what comes out."""

    def __init__(self, folder):
        self.folder = folder
        self.keys = w.make_keys(folder)
        self.config = folder / "one.yaml"
        self.config.write_text((w.SAMPLES / "winnow.yaml").read_text() + "files: {batch: 1}\n")
        self.parts = folder / "parts"
        self.parts.mkdir()
        lines = CALLS.read_text().splitlines()
        for n in range(3):
            (self.parts / f"part-{n}").write_text("\n".join(lines[n * 5:n * 5 + 5]) + "\n")
        self.files = sorted(self.parts.iterdir())

    def out(self, name):
        return self.folder / "out" / name

    def sift(self, name, files, *more, **run):
        return w.sift(self.out(name), SOURCE, files, self.keys, *more, **run)

    def command(self, out, *files, config=w.SAMPLES / "winnow.yaml", source=SOURCE):
        return ("sift", "--config", config, "--policy", w.SOURCE / "schemas", "--keys", self.keys, "--source", source,
                "--out", out, *files)


def arguments(place):
    out = place.out("arguments")
    all_ = place.command(out, CALLS)
    for what, words, args in (
            ("no FILE", ["FILE"], all_[:-1]), ("no --out", ["--out"], all_[:7] + all_[11:]),
            ("--consent", ["no-such-file: No such file"], all_ + ("--consent", "no-such-file")),
            ("--as-of", ["--as-of expects", "2026-10-24T00:00:00Z"], all_ + ("--as-of", "yesterday")),
            ("--as-of without a day", ["--as-of expects"], all_ + ("--as-of", "2026-13-24T00:00:00Z")),
            ("an unknown option", ["no option"], all_ + ("--batch", "1")),
            ("an unknown source", ["no-such"], place.command(out, CALLS, source="no-such"))):
        refused(what, 2, words, *args)
    refused("a missing file", 1, ["missing-file", "No such file"], *place.command(out, place.folder / "missing-file"))
    refused("a device", 1, ["/dev/null", "pipe it into"], *place.command(out, "/dev/null"))
    expect(not list(out.glob("receipts/*")) and not list(out.glob("usage.*")), "wrong usage published something")
    help_ = w.winnow("sift", "--help").stdout
    expect(all("--" + name in help_ for name in ("config", "policy", "keys", "kek", "register", "source", "out", "as-of", "json")), "--help")


def ways(place):
    """Files, a folder, archives, standard input: the same contents are the same bytes."""
    summary = place.sift("files", place.files)
    expect(summary["batches"] == 1 and summary["inputs"] == 3 and summary["passed"] > 0, f"summary: {summary}")
    wanted = usage_bytes(place.out("files"))
    (place.parts / ".part-9").write_text("hidden: nothing to read")
    packed = place.folder / "packed"
    packed.mkdir()
    for n, path in enumerate(place.files):
        if n == 1:
            subprocess.run(["zstd", "-q", path, "-o", packed / (path.name + ".zst")], check=True)
        else:
            (packed / (path.name + ".gz")).write_bytes(gzip.compress(path.read_bytes()))
    for name, files in (("folder", [place.parts]), ("archives", [packed]), ("mixed", [place.files[0], *sorted(packed.iterdir())[1:]])):
        place.sift(name, files)
        expect(usage_bytes(place.out(name)) == wanted, f"{name}: other bytes than from plain files")
    stdin = "".join(p.read_text() for p in place.files)
    place.sift("stdin", ["-"], input=stdin)
    whole = place.folder / "whole"
    whole.write_text(stdin)
    place.sift("whole", [whole])
    expect(usage_bytes(place.out("stdin")) == usage_bytes(place.out("whole")) != {}, "standard input: other bytes than from a file")
    expect(not list(place.out("stdin").glob("tmp/*")), "standard input was left behind")
    for record in w.usage(place.out("whole"), "billing", "call"):
        line = stdin.encode()[record["origin"]["offset"]:].split(b"\n")[0]
        expect(json.loads(line)["switchname"] == record["node"], f"offset {record['origin']['offset']} is not where its record begins")
    for path in [*place.out("files").glob("usage.*/*"), *place.out("files").glob("receipts/*")]:
        expect(path.stat().st_mode & 0o007 == 0, f"{path.name} is readable by all")


def repeated(place):
    """A content is sifted once, whatever it is called and however it is packed."""
    out = "repeated"
    copy = place.folder / "copy.gz"
    copy.write_bytes(gzip.compress(place.files[0].read_bytes()))
    first = place.sift(out, [place.files[0], place.files[1], copy])
    expect(first["file-repeated"] == 1 and first["repeated-first-argument"] == 3 and first["inputs"] == 2, f"within one run: {first}")
    before = usage_bytes(place.out(out))
    again = place.sift(out, [place.files[1], copy])
    expect(again["file-repeated"] == 2 and again["in"] == 0 and again["batches"] == 0, f"in a later run: {again}")
    expect(usage_bytes(place.out(out)) == before and len(w.receipts(place.out(out))) == 1, "a repeated content made something")
    text = w.winnow(*place.command(place.out(out), *place.files)).stdout
    expect("file-repeated: 2 contents" in text and "argument 1" in text, f"said in words: {text}")
    expect(len(w.receipts(place.out(out))) == 2, "the new content has its receipt")


def batches(place):
    """Batches of their least size; what came before a broken one stands."""
    summary = place.sift("batches", place.files, config=place.config)
    receipts = w.receipts(place.out("batches"))
    expect(summary["batches"] == 3 and [r["receipt"] for r in receipts] == [1, 2, 3], f"three batches: {summary}")
    expect(receipts[0]["previous"] is None and all(r["previous"] for r in receipts[1:]), "the receipts are a chain")
    total = {n: sum(r[n] for r in receipts) for n in ("in", "passed", "duplicates")}
    expect(total == {n: summary[n] for n in total}, "the summary is the sum of the receipts")

    broken = place.folder / "broken.gz"
    broken.write_bytes(gzip.compress(place.files[1].read_bytes())[:-9])
    files = [place.files[0], broken, place.files[2]]
    for name, config, n in (("one-batch", w.SAMPLES / "winnow.yaml", 0), ("three-batches", place.config, 1)):
        done = refused(f"{name} with a cut archive", 1, ["broken.gz"], *place.command(place.out(name), *files, config=config))
        expect(("1 batch before it was published" in done.stderr) == (n == 1), f"{name}: says what stands: {done.stderr}")
        out = place.out(name)
        expect(len(list(out.glob("receipts/*"))) == n and len(list(out.glob("usage.billing.call/*"))) == n, f"{name}: what is published")
        expect(not list(out.glob("tmp/*")), f"{name}: something is left in tmp/")
        broken_too = broken.read_bytes()
        broken.write_bytes(gzip.compress(place.files[1].read_bytes()))
        w.winnow(*place.command(out, *files, config=config))
        broken.write_bytes(broken_too)
        wanted = usage_bytes(place.out("files" if n == 0 else "batches"))
        expect(usage_bytes(out) == wanted, f"{name}: a run with the mended file gives other bytes")

    empty = place.folder / "empty"
    empty.write_bytes(b"")
    summary = place.sift("empty", [empty])
    expect(summary["batches"] == 1 and summary["in"] == 0 and not list(place.out("empty").glob("usage.*")), "an empty file has a receipt")


def folder_faults(place):
    """The folder is locked, no folder, without its state, or of another rule."""
    out = place.out("faults")
    place.sift("faults", place.files[:1])
    command = place.command(out, place.files[1])
    with open(out / "lock") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        refused("a locked folder", 1, ["out-locked"], *command)
        refused("an audit of a locked folder", 1, ["out-locked"], "audit", out, "--public-key", place.keys / "signing.pub")
    file = place.folder / "a-file"
    file.write_text("x")
    refused("a file in place of the folder", 1, ["a-file"], *place.command(file, CALLS))
    policy = w.make_policy(place.folder / "other-rule", None, {
        "sources/freeswitch-json.yaml": lambda text: re.sub(r"(?m)^duplicate_key:.*$", "duplicate_key: [/variables/uuid]", text)})
    done = refused("another duplicate rule", 2, ["duplicate rule", "new --out"], *[policy if a == w.SOURCE / "schemas" else a for a in command])
    del done
    shutil.move(out / "state", place.folder / "state-away")
    refused("the state is gone", 1, ["state", "backup"], *command)
    (out / "state").rmdir() if (out / "state").exists() and not any((out / "state").iterdir()) else shutil.rmtree(out / "state", ignore_errors=True)
    shutil.move(place.folder / "state-away", out / "state")
    shutil.move(out / "manifest.db", place.folder / "manifest-away")
    refused("the manifest is gone", 1, ["manifest", "backup"], *command)
    shutil.move(place.folder / "manifest-away", out / "manifest.db")
    w.winnow(*command)


def clock(place):
    """Late and future are judged by --as-of, and without it not at all."""
    plain = place.sift("clock-none", [CALLS])
    late = place.sift("clock-late", [CALLS], "--as-of", "2030-01-01T00:00:00Z")
    future = place.sift("clock-future", [CALLS], "--as-of", "2020-01-01T00:00:00Z")
    expect(not {"late", "future"} & set(plain["quarantined"]), f"without a clock: {plain['quarantined']}")
    expect(late["quarantined"].get("late", 0) > 0 and late["passed"] == 0, f"late: {late['quarantined']}")
    expect(future["quarantined"].get("future", 0) > 0 and future["passed"] == 0, f"future: {future['quarantined']}")


def far_future(place):
    """Without a clock a record of the year 2150 is taken as it comes, and forgets no entry: what was sifted before is still a
    duplicate."""
    first = CALLS.read_text().splitlines()[0]
    far = json.loads(first)
    far["variables"] |= {"uuid": "far", "answer_uepoch": "5680281600000000", "end_uepoch": "5680281660000000",
                         "billusec": "60000000", "answer_epoch": "5680281600"}
    del far["variables"]["answer_stamp"]
    files = {}
    for name, text in (("first", first), ("far", json.dumps(far)), ("again", " " + first)):
        files[name] = place.folder / f"future-{name}"
        files[name].write_text(text + "\n")
        summary = place.sift("far-future", [files[name]])
        want = {"first": (1, 0), "far": (1, 0), "again": (0, 1)}[name]
        expect((summary["passed"], summary["duplicates"]) == want, f"a record of 2150: {name}: {summary}")


def standard_streams(place):
    """A closed standard stream is no file of ours; what can't be printed is said; names of files are printed as they can be."""
    out = place.out("closed")
    for closed, status in (((1,), 1), ((2,), 0), ((0, 1, 2), 1)):
        shutil.rmtree(out, ignore_errors=True)
        done = subprocess.run([w.BINARY, *map(str, place.command(out, CALLS))], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                              preexec_fn=lambda fds=closed: [os.close(fd) for fd in fds])
        audit = w.winnow("audit", out, "--public-key", place.keys / "signing.pub", status=None)
        expect((done.returncode, audit.returncode) == (status, 0), f"streams {closed} closed: {done.returncode}, {audit.stdout}")
        expect((out / "lock").read_bytes() == b"", f"streams {closed} closed: something is in the lock file")
    refused("standard input is closed", 1, ["standard input", "Bad file"], *place.command(place.out("closed-0"), "-"),
            preexec_fn=lambda: os.close(0))
    receipts = place.out("closed") / "receipts"
    for args in (("help",), ("sift", "--help"), ("policy", "show", "--policy", w.SOURCE / "schemas"),
                 ("schema", "billing", "call", "--policy", w.SOURCE / "schemas"), ("keys", "list", "--keys", place.keys),
                 ("audit", out, "--public-key", place.keys / "signing.pub"), ("quarantine", "list", out), ("cat", *receipts.iterdir())):
        with open("/dev/full", "w") as full:
            done = subprocess.run([w.BINARY, *map(str, args)], stdout=full, stderr=subprocess.PIPE, text=True)
        expect(done.returncode == 1 and "standard output" in done.stderr, f"{args[0]}: a full standard output: {done.returncode} {done.stderr}")
    name = place.folder / "two\nlines \x1b[31m.gz"
    name.write_bytes(gzip.compress(b"{}")[:-4])
    done = refused("a name with control octets", 1, ["two?lines ?[31m.gz", "cut"], *place.command(place.out("closed-0"), name))
    expect(done.stderr.count("\n") == 2, f"a name with a line break breaks the line: {done.stderr!r}")


def hurry(place):
    """What a script with an unset variable or a hurried operator does."""
    out = place.out("hurry")
    refused("an empty operand", 2, ["empty"], *place.command(out, ""))
    refused("an empty value", 2, ["--out", "empty"], *place.command("", CALLS))
    refused("- twice", 2, ["stands twice"], *place.command(out, "-", "-"), input="")
    refused("--as-of without T", 2, ["--as-of"], *place.command(out, CALLS), "--as-of", "2026-11-24 10:00:00Z")
    expect(not out.exists(), "wrong usage made a folder")
    tree = place.folder / "radacct"
    for nas in ("127.0.0.41", "127.0.0.42"):
        (tree / nas).mkdir(parents=True)
        shutil.copy(CALLS, tree / nas)
    shutil.copy(CALLS, tree)
    summary = place.sift("hurry", [tree])
    expect(summary["left-out"] == 2 and summary["inputs"] == 1, f"folders in a folder are counted: {summary}")
    said = w.winnow(*place.command(out, tree)).stdout
    refused("the input is --out", 2, ["folder of --out itself"], *place.command(out, out))
    evil = out / "receipts" / "x\n9 receipts in 1 chains, 9 outputs, 9 records in: no findings"
    evil.write_bytes(b"x")
    done = w.winnow("audit", out, "--public-key", place.keys / "signing.pub", status=None)
    expect(done.returncode == 1 and not any(line.startswith("9 receipts") for line in done.stdout.splitlines()),
           f"the name of a file makes a line of its own: {done.stdout}")
    evil.unlink()
    expect("left out: 2 entries" in said and "name it too" in said, f"folders in a folder are said: {said}")


def limits(place):
    """A limit on the size of files is an error that is said, not a signal; and a damaged manifest asks for a backup, not for room."""
    many = place.folder / "many"
    line = CALLS.read_text().splitlines()[0]
    many.write_text("".join(line.replace('"uuid":"', f'"uuid":"{n:08x}', 1) + "\n" for n in range(4000)))
    out = place.out("limits")
    refused("a limit on the size of files", 1, ["File too large", "Make room"], *place.command(out, many),
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (60000, 60000)))
    expect(not list(out.glob("usage.*")) and not list(out.glob("tmp/*")), "something is left behind a limit on the size of files")
    w.winnow(*place.command(out, many))
    whole = (out / "manifest.db").read_bytes()
    for what, damaged in (("no database", b"no database" * 999), ("cut", whole[:len(whole) // 2])):
        (out / "manifest.db").write_bytes(damaged)
        refused(f"a manifest that is {what}", 1, ["is damaged", "from one backup", "new --out"], *place.command(out, many))
    (out / "manifest.db").write_bytes(whole)
    w.winnow(*place.command(out, many))


def large(place):
    """A record of more than 16 MiB is refused, in pieces, and those around it are not."""
    line = CALLS.read_text().splitlines()[0]
    other = CALLS.read_text().splitlines()[1]
    path = place.folder / "large"
    path.write_text(line + "\n" + '{"x": "' + "a" * (17 << 20) + '"}\n' + other + "\n")
    summary = place.sift("large", [path])
    expect(summary["passed"] == 2 and sum(summary["quarantined"].values()) >= 1, f"large: {summary}")
    envelopes = w.cat(*place.out("large").glob("quarantine/*"))
    expect(max(e["pieces"] for e in envelopes) > 30, "it is sealed in pieces")
    shown = w.winnow("quarantine", "show", place.out("large"), "--officer-key", str(place.keys) + ".officer.key").stdout
    expect(shown.count("aaaaaaaaaa") > 1 << 20, "the pieces are put together")


def terminal(place):
    """The progress line is for a terminal only."""
    command = [w.BINARY, *map(str, place.command(place.out("terminal"), CALLS))]
    ours, theirs = pty.openpty()
    subprocess.run(command, stdout=subprocess.DEVNULL, stderr=theirs, check=True)
    os.set_blocking(ours, False)
    said = os.read(ours, 65536).decode()
    os.close(theirs)
    os.close(ours)
    expect("records/s" in said and "refused" in said and "%" in said, f"a terminal sees {said!r}")
    done = w.winnow(*place.command(place.out("no-terminal"), CALLS))
    expect(done.stderr == "", f"no terminal, and it says {done.stderr!r}")
    for word in ("in ", "passed", "duplicates", "filtered", "quarantined", "billing", "insight", "without consent", "usage.billing.call: 1 file",
                 "receipts: 1 file"):
        expect(word in done.stdout, f"the summary lacks {word!r}: {done.stdout}")
    with open("/dev/full", "w") as full:
        done = subprocess.run([w.BINARY, *map(str, place.command(place.out("full"), CALLS))], stdout=full, stderr=subprocess.PIPE, text=True)
    expect(done.returncode == 1 and "standard output" in done.stderr, f"a full standard output: {done.returncode} {done.stderr}")
    done = subprocess.run([w.BINARY, "cat", *place.out("files").glob("usage.*/*")], stdout=open("/dev/full", "w"), stderr=subprocess.PIPE, text=True)
    expect(done.returncode == 1 and "standard output" in done.stderr, f"cat: a full standard output: {done.returncode} {done.stderr}")


def cat(place):
    out = place.out("whole")
    usage = sorted(out.glob("usage.*/*"))
    rows = w.winnow("cat", "--csv", *usage).stdout.splitlines()
    records = w.cat(*usage)
    expect(rows[0].startswith("record_id,origin.input,") and len(rows) == len(records) + 1, "cat --csv of usage")
    receipt = next(out.glob("receipts/*"))
    expect(w.winnow("cat", receipt).stdout == receipt.read_text(), "cat of a receipt is the receipt")
    rows = w.winnow("cat", "--csv", receipt).stdout.splitlines()
    expect(rows[0] == "receipt,member,value" and f"1,in,{json.loads(receipt.read_text())['in']}" in rows, f"cat --csv of a receipt: {rows[:9]}")
    refused("cat of something else", 1, ["neither a container, nor a receipt, nor charging records"], "cat", place.keys / "signing.pub")
    refused("cat of nothing", 2, ["FILE"], "cat")


with w.scratch() as scratch:
    place = Place(pathlib.Path(scratch))
    for check in (arguments, ways, repeated, batches, folder_faults, clock, far_future, standard_streams, hurry, limits, large, terminal, cat):
        check(place)
print("\n".join(problems) or "ok")
sys.exit(1 if problems else 0)
