#!/usr/bin/env python3
"""Consent by file, as `winnow sift` takes it: what comes out for whom, before and after each bound; files that are wrong, gone
or replaced between batches; and that no identifier of the file shows anywhere."""
import datetime
import hashlib
import json
import os
import pathlib
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "support"))
import canary  # noqa: E402
import winnow as w  # noqa: E402

HEADER = "kind,identifier,purpose,from,to\n"
problems = []


def expect(holds, sentence):
    if not holds:
        problems.append(sentence)


def utc(text):
    """2026-10-24T20:00:00Z in seconds."""
    return int(datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp())


def call(number, account, start, seconds=60):
    """One FreeSWITCH record of an account."""
    begin = utc(start) * 10**6
    return json.dumps({
        "switchname": "ams-sw-1",
        "variables": {"direction": "inbound", "uuid": f"5d0a0b2e-0000-4000-8000-{number:012d}", "answer_uepoch": str(begin),
                      "end_uepoch": str(begin + seconds * 10**6), "billusec": str(seconds * 10**6), "billsec": str(seconds),
                      "hangup_cause": "NORMAL_CLEARING", "accountcode": account},
        "callflow": [{"caller_profile": {"destination_number": "447700900123", "caller_id_number": "447700900456", "context": "default"}}],
    }) + "\n"


def session(number, imsi, stop, kind="Stop", seconds=600):
    """One RADIUS record of an IMSI."""
    return (f"Sat Oct 24 20:00:00 2026\n\tAcct-Status-Type = {kind}\n\tAcct-Session-Id = \"{number:08x}\"\n\t3GPP-IMSI = \"{imsi}\"\n"
            f"\tNAS-IP-Address = 192.0.2.7\n\tEvent-Timestamp = \"{utc(stop)}\"\n\tAcct-Session-Time = {seconds}\n"
            "\tAcct-Input-Octets = 1000\n\tAcct-Output-Octets = 2000\n\n")


class Place:
    def __init__(self, folder):
        self.folder = folder
        self.keys = w.make_keys(folder)
        self.n = 0

    def file(self, text):
        self.n += 1
        path = self.folder / f"file-{self.n}"
        path.write_text(text)
        return path

    def sift(self, raw, consent, *more, source="freeswitch-json", status=0, out=None, **run):
        """@return the folder, and what --json says (or the process, where the status is another one)."""
        self.n += 1
        out = out or self.folder / "out" / str(self.n)
        args = ["--consent", self.file(HEADER + consent)] if consent is not None else []
        return out, w.sift(out, source, [self.file(raw)], self.keys, *args, *more, status=status, **run)


def bounds(place):
    """Event and now, each on both sides of each bound; without --as-of now is the end of the file."""
    inside = "account,A1,insight,2026-10-24T20:00:00Z,2026-11-01T00:00:00Z\n"
    until = "account,A1,insight,2026-10-24T20:00:00Z,\n"
    for what, consent, event, as_of, given in (
            ("nobody, without a file", None, "2026-10-24T20:00:00Z", None, False),
            ("nobody, in an empty list", "", "2026-10-24T20:00:00Z", None, False),
            ("at the beginning", until, "2026-10-24T20:00:00Z", None, True),
            ("a second before it", until, "2026-10-24T19:59:59Z", None, False),
            ("withdrawn in the file", inside, "2026-10-25T00:00:00Z", None, False),
            ("not yet withdrawn at --as-of", inside, "2026-10-25T00:00:00Z", "2026-10-31T23:59:59Z", True),
            ("withdrawn at --as-of", inside, "2026-10-25T00:00:00Z", "2026-11-01T00:00:00Z", False),
            ("the last second", inside, "2026-10-31T23:59:59Z", "2026-10-31T23:59:59Z", True),
            ("after the end", inside, "2026-11-01T00:00:00Z", "2026-10-31T23:59:59Z", False),
            ("withdrawn and given again", inside.replace("11-01", "10-26") + until.replace("10-24", "10-28"), "2026-10-25T00:00:00Z", None, True),
            ("in the gap", inside.replace("11-01", "10-26") + until.replace("10-24", "10-28"), "2026-10-27T00:00:00Z", None, False),
            ("another account", until.replace("A1", "A2"), "2026-10-25T00:00:00Z", None, False),
            ("the same text of another kind", until.replace("account,A1", "nai,A1"), "2026-10-25T00:00:00Z", None, False)):
        out, said = place.sift(call(1, "A1", event), consent, *(["--as-of", as_of] if as_of else []))
        counts = said["purposes"]["insight"]
        expect(said["passed"] == 1 and counts["out"] == int(given) and counts["no_consent"] == int(not given), f"{what}: {counts}")
        expect(said["purposes"]["billing"]["out"] == 1, f"{what}: billing lacks its record")
        expect(len(w.usage(out, "insight", "call")) == int(given), f"{what}: what is in the files")
        version = [hashlib.sha256((HEADER + consent).encode()).hexdigest()] if consent is not None else None
        expect(w.receipts(out)[0]["lists"].get("consent") == version, f"{what}: lists of the receipt {w.receipts(out)[0]['lists']}")
        expect("audit: " not in w.winnow("audit", out, "--public-key", place.keys / "signing.pub").stdout.split("\n")[0], "audit")


def periods_and_final(place):
    """Pseudonyms live a month of the event, UTC; only final records of a session come out."""
    who = "204980000000042"
    consent = f"imsi,{who},insight,2026-01-01T00:00:00Z,\n"
    text = "".join(session(n, who, stop) for n, stop in enumerate(
        ("2026-10-31T23:00:00Z", "2026-10-31T23:59:59Z", "2026-11-01T00:00:00Z", "2026-11-02T00:00:00Z")))
    text += session(9, who, "2026-11-02T01:00:00Z", "Interim-Update")
    out, said = place.sift(text, consent, source="freeradius-detail")
    counts = said["purposes"]["insight"]
    expect(counts == {"out": 4, "no_consent": 0, "withheld": {"not-final": 1}}, f"final ones: {counts}")
    found = w.usage(out, "insight", "session")
    by_who = [r["subscriber"] for r in found]
    expect(sorted(by_who.count(x) for x in set(by_who)) == [2, 2], f"one pseudonym a month, of the end of what is cumulative: {found}")
    expect({(k["purpose"], k["period"]) for k in w.receipts(out)[0]["keys"]} == {("billing", 0), ("insight", 202610), ("insight", 202611)}, "keys")
    billing = {r["subscriber"] for r in w.usage(out, "billing", "session")}
    expect(len(billing) == 1 and not billing & set(by_who), "billing and insight share a pseudonym")
    interim = session(9, who, "2026-11-02T01:00:00Z", "Interim-Update")
    _, said = place.sift(interim, "", source="freeradius-detail")
    expect(said["purposes"]["insight"] == {"out": 0, "no_consent": 1, "withheld": {}}, "without consent it is no_consent, final or not")


def kinds(place):
    """Identifiers are read as those of records are: as people write them, by the site's rules."""
    numbers = call(1, "", "2026-10-25T00:00:00Z")
    for consent, given in (("number,+44 7700 900456,insight,2026-01-01T00:00:00Z,\n", 1), ("number,07700900456,insight,2026-01-01T00:00:00Z,\n", 1),
                           ("number,+44 7700 900457,insight,2026-01-01T00:00:00Z,\n", 0)):
        _, said = place.sift(numbers, consent)
        expect(said["purposes"]["insight"]["out"] == given, f"a number: {consent.split(',')[1]}")


def faults(place):
    """A wrong file stops before anything is made; each fault has its line and column, and no word of the file."""
    for what, consent, words in (
            ("a purpose that there is not", "account,CANARY1,insihgt,2026-01-01T00:00:00Z,\n", ["purpose: no purpose of the policy"]),
            ("billing, which asks nobody", "account,CANARY1,billing,2026-01-01T00:00:00Z,\n", ["purpose: no purpose of the policy", "(insight)"]),
            ("an unknown kind", "msisdn,CANARY1,insight,2026-01-01T00:00:00Z,\n", ["kind: no kind of subscriber"]),
            ("a bad identifier", "imsi,CANARY1,insight,2026-01-01T00:00:00Z,\n", ["identifier:"]),
            ("no time", "account,CANARY1,insight,CANARY1,\n", ["from: not a time in UTC"]),
            ("a cut file", "account,CANARY1,insight,2026-01-01T00:00:00Z,", ["the file is cut"])):
        out, done = place.sift(call(1, "A1", "2026-10-25T00:00:00Z"), consent, status=2)
        expect(":2: " in done.stderr and all(x in done.stderr for x in words), f"{what}: {done.stderr}")
        expect("CANARY1" not in done.stderr + done.stdout and not out.exists(), f"{what}: it shows, or something was made")
    done = w.sift(place.folder / "out" / "none", "freeswitch-json", [place.file("")], place.keys, "--consent", place.folder / "no-file", status=2)
    expect("no-file: No such file" in done.stderr, f"no file: {done.stderr}")
    done = w.sift(place.folder / "out" / "none", "freeswitch-json", [place.file("")], place.keys, "--consent", place.file(""), status=2)
    expect("is empty; its first line is the header" in done.stderr, f"an empty file: {done.stderr}")


def config(place):
    """`consent:` of winnow.yaml, its path taken from there; --consent goes before it."""
    (place.folder / "consent.csv").write_text(HEADER + "account,A1,insight,2026-01-01T00:00:00Z,\n")
    path = place.folder / "winnow.yaml"
    path.write_text((w.SAMPLES / "winnow.yaml").read_text() + "consent: consent.csv\nlimits: {consent: 5min}\n")
    raw = call(1, "A1", "2026-10-25T00:00:00Z")
    _, said = place.sift(raw, None, config=path)
    expect(said["purposes"]["insight"]["out"] == 1, f"consent: of the config: {said}")
    _, said = place.sift(raw, "", config=path)
    expect(said["purposes"]["insight"]["out"] == 0, "--consent goes before the config's")


def keys_missing(place):
    """Without the key of consent, or the month's, insight is withheld and billing goes on."""
    raw = call(1, "A1", "2026-10-25T00:00:00Z")
    consent = "account,A1,insight,2026-01-01T00:00:00Z,\n"
    _, said = place.sift(call(1, "A1", "2029-10-25T00:00:00Z"), consent)
    expect(said["purposes"]["insight"]["withheld"] == {"key-missing": 1} and said["purposes"]["billing"]["out"] == 1, f"no month: {said['purposes']}")
    other = place.folder / "other"
    other.mkdir()
    keys, place.keys = place.keys, w.make_keys(other)
    w.winnow("keys", "destroy", "consent", "--yes", "--keys", place.keys)
    path = place.file(HEADER + consent)
    out = place.folder / "out" / "destroyed"
    done = w.winnow("sift", "--config", w.SAMPLES / "winnow.yaml", "--policy", w.SOURCE / "schemas", "--keys", place.keys, "--source",
                    "freeswitch-json", "--out", out, "--json", "--consent", path, place.file(raw))
    said = json.loads(done.stdout)
    expect("no key of purpose 'consent'" in done.stderr and said["purposes"]["insight"]["withheld"] == {"key-missing": 1}, f"destroyed: {done.stderr}")
    expect(said["purposes"]["billing"]["out"] == 1, "billing goes on")
    place.keys = keys


def repeatable(place):
    """The same command gives the same bytes, restarted or not; a later file of consent changes insight alone."""
    raw = "".join(call(n, f"A{n % 7}", "2026-10-25T00:00:00Z") for n in range(60))
    consent = "".join(f"account,A{n},insight,2026-01-01T00:00:00Z,\n" for n in range(3))

    def usage_bytes(out):
        return {str(p.relative_to(out)): p.read_bytes() for p in sorted(out.glob("usage.*/*"))}

    outs = []
    for n in range(2):
        out, said = place.sift(raw, consent)
        outs.append(out)
        expect(said["purposes"]["insight"]["out"] == sum(n % 7 < 3 for n in range(60)), "who has consented is out")
    expect(usage_bytes(outs[0]) == usage_bytes(outs[1]) != {}, "the same command gives other bytes")
    less, _ = place.sift(raw, consent.replace(",\n", ",2026-12-01T00:00:00Z\n", 1))
    one, other = usage_bytes(outs[0]), usage_bytes(less)
    expect(all(one[n] == other[n] for n in one if "billing" in n) and one != other, "billing changes with consent")


class Replaced:
    """A sift whose second input is a pipe, so that the test decides when the first batch is over."""

    def __init__(self, place, consent, limit="60s"):
        self.place = place
        place.n += 1
        self.out = place.folder / "out" / str(place.n)
        self.consent = place.folder / f"consent-{place.n}.csv"
        self.consent.write_text(HEADER + consent)
        self.config = place.folder / f"replaced-{place.n}.yaml"
        self.config.write_text((w.SAMPLES / "winnow.yaml").read_text() + f"files: {{batch: 1}}\nconsent: {self.consent.name}\nlimits: {{consent: {limit}}}\n")

    def run(self, inputs, between):
        """Sift the inputs, a batch each; `between(i)` is called when batch i is published, before the next begins.

        WINNOW_STOP_AT holds the process with SIGSTOP at a step's name (src/carry/step.h).
        """
        files = [self.place.file(text) for text in inputs]
        command = [w.BINARY, "sift", "--config", self.config, "--policy", w.SOURCE / "schemas", "--keys", self.place.keys, "--source",
                   "freeswitch-json", "--out", self.out, "--json", *files]
        process = subprocess.Popen(list(map(str, command)), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                   env=dict(os.environ, WINNOW_STOP_AT="state-published"))
        for i in range(len(inputs)):
            pid, status = os.waitpid(process.pid, os.WUNTRACED)
            if not os.WIFSTOPPED(status):
                raise w.Failed(f"the sift ended early: {process.stderr.read()}")
            if i + 1 < len(inputs):
                between(i)
            os.kill(process.pid, 18)  # SIGCONT
        self.stdout, self.stderr = process.communicate(timeout=120)
        return json.loads(self.stdout)


def replaced(place):
    """A file that is replaced counts from the next batch on; a wrong one, or none, leaves the old one until its limit."""
    raws = [call(n, "A1", "2026-10-25T00:00:00Z") for n in range(3)]
    given, withdrawn = "account,A1,insight,2026-01-01T00:00:00Z,\n", "account,A1,insight,2026-01-01T00:00:00Z,2026-11-01T00:00:00Z\n"

    def put(sift, text, aside=True):
        if aside:
            path = sift.consent.with_suffix(".new")
            path.write_text(HEADER + text)
            path.rename(sift.consent)
        else:
            sift.consent.write_text(HEADER + text)

    for aside in (True, False):
        sift = Replaced(place, given)
        said = sift.run(raws, lambda i: put(sift, (withdrawn, given)[i], aside))
        expect([r["purposes"]["insight"]["out"] for r in w.receipts(sift.out)] == [1, 0, 1], f"replaced, aside {aside}: {said['purposes']}")
        versions = [hashlib.sha256((HEADER + text).encode()).hexdigest() for text in (given, withdrawn, given)]
        expect([r["lists"]["consent"] for r in w.receipts(sift.out)] == [[v] for v in versions], "each receipt names its version")
        expect(sift.stderr.count("event=consent-swapped intervals=1 version=") == 2, f"a swap is said: {sift.stderr}")

    for what, change, words in (("wrong", lambda sift: put(sift, "account,CANARY,insight,CANARY,\n"), ":2: from: not a time in UTC"),
                                ("gone", lambda sift: sift.consent.unlink(), "No such file or directory")):
        sift = Replaced(place, given)
        sift.run(raws, lambda i: change(sift) if i == 0 else put(sift, given))
        found = [r["purposes"]["insight"]["out"] for r in w.receipts(sift.out)]
        expect(found == [1, 1, 1], f"{what}: the old one stays, and a good one is taken again: {found}")
        expect(words in sift.stderr and "event=consent-refused" in sift.stderr and "CANARY" not in sift.stderr, f"{what}: said: {sift.stderr}")
    sift = Replaced(place, given, "1ms")
    # The limit counts from the look that saw it: that batch still comes out.
    sift.run(raws + [call(3, "A1", "2026-10-25T00:00:00Z")], lambda i: (put(sift, "x", True) if i == 0 else None, time.sleep(0.01)))
    found = [r["purposes"]["insight"] for r in w.receipts(sift.out)]
    expect([f["out"] for f in found] == [1, 1, 0, 0] and [f["withheld"] for f in found] == [{}, {}, {"list-too-old": 1}, {"list-too-old": 1}],
           f"too old: {found}")
    expect(sift.stderr.count("event=consent-too-old") == 1, "it is said once")
    expect([r["lists"].get("consent") for r in w.receipts(sift.out)][2:] == [None, None], "a version that does not count is not named")
    expect(all(r["purposes"]["billing"]["out"] == 1 for r in w.receipts(sift.out)), "billing goes on")


def canaries(place):
    """No identifier of the file in any output, log, error, receipt, state or name, in any encoding."""
    marks = {"account": "KANARIE4711deadbeef", "imsi": "204981234567899", "nai": "kanarie.8842@kanarie.example", "number": "447700900999"}
    rows = "".join(f"{kind},{'+' if kind == 'number' else ''}{mark},insight,2026-01-01T00:00:00Z,\n" for kind, mark in marks.items())
    raw = call(1, marks["account"], "2026-10-25T00:00:00Z") + call(2, "A1", "2026-10-25T00:00:00Z")
    out, said = place.sift(raw, rows)
    expect(said["purposes"]["insight"]["out"] == 1, "the canary's record came out")
    shown = {"said": json.dumps(said).encode()}
    out2, done = place.sift(raw, rows + rows.replace("2026-01-01T00:00:00Z", "CUT"), status=2)
    shown["stderr"] = (done.stdout + done.stderr).encode()
    places = canary.places_of(out, lambda p: w.winnow("cat", p).stdout) | shown
    found = canary.search(places, marks, lambda where, name, encoding: name == "account" and "usage.billing" in where and encoding in ("clear", "reversed"))
    expect(not found, f"canaries: {found}")


if __name__ == "__main__":
    with w.scratch() as scratch:
        place = Place(pathlib.Path(scratch))
        for check in (bounds, periods_and_final, kinds, faults, config, keys_missing, repeatable, replaced, canaries):
            check(place)
    print("\n".join(problems) or "ok")
    sys.exit(1 if problems else 0)
