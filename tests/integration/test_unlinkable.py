#!/usr/bin/env python3
"""Who holds insight's and billing's files, but no key and no receipt, can't join them better than hour and buckets leave: not
by key, file name, order, size, time, sync marker, block layout, or digest of any of these. And every value of insight is what
the policy says it is, computed here from the raw records.

Records and keys are fixed, so the same files come out in every run.
"""
import collections
import datetime
import hashlib
import json
import os
import pathlib
import random
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "support"))
import linkage  # noqa: E402
import winnow as w  # noqa: E402

rng = random.Random(20261024)
START = int(datetime.datetime(2026, 10, 24, 8, tzinfo=datetime.timezone.utc).timestamp()) * 1000
DURATIONS = (30000, 60000, 180000, 600000, 1800000, 3600000)
DESTINATIONS = {"447700900123": "GB/international", "31610000456": "NL/mobile", "31201000456": "NL/geographic", "31850000456": "NL/location_independent"}
SITE = "site: {country: 31, home: [\"204-98\"], zone: Europe/Amsterdam}\n"
problems = []


def expect(holds, sentence):
    if not holds:
        problems.append(sentence)


def call(number, account, start_ms, duration_ms, called):
    return json.dumps({
        "switchname": "ams-sw-1",
        "variables": {"direction": "inbound", "uuid": f"5d0a0b2e-0000-4000-8000-{number:012d}", "answer_uepoch": str(start_ms * 1000),
                      "end_uepoch": str((start_ms + duration_ms) * 1000), "billusec": str(duration_ms * 1000),
                      "billsec": str(duration_ms // 1000), "hangup_cause": "NORMAL_CLEARING", "accountcode": account,
                      "rtp_audio_in_mos": "4.1"},
        "callflow": [{"caller_profile": {"destination_number": called, "caller_id_number": "31610000999", "context": "default"}}],
    }, separators=(",", ":")) + "\n"


def view_of_billing(record):
    """What insight would show of a billing record, as far as billing has it."""
    return (linkage.hour_of(record["start"]), linkage.bucket_of(record["duration"], DURATIONS), record["direction"], record["service"])


def view_of_insight(record):
    return (record["hour"], record["duration"], record["direction"], record["service"])


class Outputs:
    """Two outputs of the same records, and who is who: by a policy that lets insight keep the account."""

    def __init__(self, folder, keys):
        self.folder, self.keys, self.n = folder, keys, 0
        self.clear = w.make_policy(folder / "clear", None, {
            "call.avsc": lambda text: text.replace('"winnow": {"kind": "account", "billing": "keep"}',
                                                   '"winnow": {"kind": "account", "billing": "keep", "insight": "keep"}')})

    def sift(self, files, accounts, batch="256MiB", policy=w.SOURCE / "schemas"):
        self.n += 1
        consent = self.folder / f"consent-{self.n}.csv"
        consent.write_text("kind,identifier,purpose,from,to\n" + "".join(f"account,{a},insight,2026-01-01T00:00:00Z,\n" for a in accounts))
        config = self.folder / f"config-{self.n}.yaml"
        config.write_text(SITE + f"files: {{batch: {batch}}}\n")
        out = self.folder / "out" / str(self.n)
        w.sift(out, "freeswitch-json", files, self.keys, "--consent", consent, config=config, policy=policy)
        return out

    def names(self, files, accounts):
        """@return {pseudonym of insight: account}."""
        out = self.sift(files, accounts, policy=self.clear)
        return {r["subscriber"]: r["account"] for r in w.usage(out, "insight", "call")}


def order(outputs):
    """16,000 calls of as many subscribers within two hours, most of whom consent: one batch."""
    calls = []
    for n in range(16000):
        calls.append((n, f"A{n}", START + n * 450 + rng.randrange(450), rng.choice((20000, 45000, 100000, 400000)) + rng.randrange(9000),
                      rng.choice(("447700900123", "31610000456"))))
    raw = outputs.folder / "order.jsonl"
    raw.write_text("".join(call(*c) for c in calls))
    accounts = [c[1] for c in calls if rng.random() < 0.9]
    out = outputs.sift([raw], accounts)
    billing, insight = w.usage(out, "billing", "call"), w.usage(out, "insight", "call")
    expect(len(billing) == 16000 and len(insight) == len(accounts), f"{len(billing)} and {len(insight)} records")
    names = outputs.names([raw], accounts)
    truth = {r["subscriber"]: names[r["subscriber"]] for r in insight}

    bare = [(view_of_insight(r), r["subscriber"]) for r in insight]
    theirs = [(view_of_billing(r), r["account"]) for r in billing]
    by_pseudonym = [(view_of_billing(r), r["account"]) for r in sorted(billing, key=lambda r: r["subscriber"])]
    by_record = [(view_of_billing(r), r["account"]) for r in sorted(billing, key=lambda r: r["record_id"])]
    for what, left, right in (
            ("as they lie", bare, theirs), ("backwards", bare[::-1], theirs), ("by pseudonym", sorted(bare, key=lambda x: x[1]), by_pseudonym),
            ("by pseudonym against the order", sorted(bare, key=lambda x: x[1]), theirs), ("the order against the pseudonym", bare, by_pseudonym),
            ("the order against record_id", bare, by_record)):
        attack = linkage.by_rank(left, right, truth)
        expect(not attack.beats_chance(), f"order, {what}: {attack.beats_chance()}")
    # The attack itself must be able to find something.
    expect(linkage.by_rank([(v, n) for v, n in sorted(bare, key=lambda x: int(truth[x[1]][1:]))], theirs, truth).beats_chance(), "the attack finds nothing at all")
    return out


def keys_in_common(out):
    """No octets of 8 or more that mean something stand in both: pseudonyms, ids, check values, markers, names, digests."""
    billing_files, insight_files = (sorted(out.glob(f"usage.{p}.*/*")) for p in ("billing", "insight"))
    billing, insight = (w.cat(*files) for files in (billing_files, insight_files))
    fixed = {bytes.fromhex(r[n]) for r in billing for n in ("subscriber", "record_id", "key_id")}
    octets = b"".join(p.read_bytes() for p in insight_files) + b"".join(bytes.fromhex(r["subscriber"]) for r in insight)
    text = (json.dumps(insight) + " ".join(map(str, insight_files))).encode()
    stretches = {octets[i:i + 8] for i in range(len(octets) - 7)} | {text[i:i + 16] for i in range(len(text) - 15)}
    shown = [f for f in sorted(fixed) if f[:8] in stretches or f[:8].hex().encode() in stretches]
    expect(all(bytes.fromhex(r["subscriber"])[:8] in stretches for r in insight), "the search finds nothing at all")
    expect(not shown, f"{len(shown)} of billing's pseudonyms and ids stand in insight's files")
    expect(not {r["subscriber"] for r in billing} & {r["subscriber"] for r in insight}, "pseudonyms in common")
    expect({k for r in insight for k in r} == {"subscriber", "hour", "duration", "direction", "service", "visited_country", "radio", "destination",
                                               "device", "device_model", "quality"}, "insight has other fields than design")

    markers = [{p.read_bytes()[-16:] for p in files} for files in (billing_files, insight_files)]
    expect(len(markers[0]) == len(billing_files) and len(markers[1]) == len(insight_files) and not markers[0] & markers[1], "sync markers in common")
    known = set()
    for path in billing_files:
        data = path.read_bytes()
        for what in (data, path.stem.encode(), bytes.fromhex(path.stem), path.name.encode(), str(path.relative_to(out)).encode(), data[-16:]):
            for hash_ in ("md5", "sha1", "sha256"):
                known.add(hashlib.new(hash_, what).hexdigest()[:32])
        known |= {path.stem, data[-16:].hex()}
    names = {p.stem for p in insight_files}
    expect(not names & known, "a file of insight is named after what billing has")
    expect(not {p.read_bytes()[-16:].hex() for p in insight_files} & known, "a marker of insight is made of what billing has")
    for path in insight_files:
        expect(path.stat().st_mtime_ns % (3600 * 10**9) == 0, "a file of insight says when it was made")


def files(outputs):
    """24 batches of the same hour, size and consent: which file of insight is which of billing?"""
    raws, accounts, owner = [], [], {}
    for n in range(24):
        batch = [(n * 100 + i, f"B{n * 100 + i}", START + rng.randrange(3500000), 45000 + rng.randrange(9000), "447700900123") for i in range(60)]
        raws.append(outputs.folder / f"batch-{n:02d}.jsonl")
        raws[-1].write_text("".join(call(*c) for c in batch))
        accounts += [c[1] for c in batch]
        owner |= {c[1]: n for c in batch}
    out = outputs.sift(raws, accounts, batch="1")
    names = outputs.names(raws, accounts)
    found = {}
    for purpose in ("billing", "insight"):
        paths = list((out / f"usage.{purpose}.call").iterdir())
        expect(len(paths) == 24, f"{len(paths)} files of {purpose}")
        found[purpose] = [(p, owner[names[r["subscriber"]] if purpose == "insight" else r["account"]]) for p in paths for r in w.cat(p)[:1]]
    ways = {"name": lambda p: p.name, "time": lambda p: (p.stat().st_mtime_ns, p.name), "size": lambda p: (p.stat().st_size, p.name),
            "marker": lambda p: p.read_bytes()[-16:]}
    for what, way in ways.items():
        sorted_ = {purpose: [n for _, n in sorted(list_, key=lambda x: way(x[0]))] for purpose, list_ in found.items()}
        hits = sum(a == b for a, b in zip(sorted_["insight"], sorted_["billing"]))
        # By chance one of them is right, whatever their number; seven are one time in ten thousand.
        expect(hits < 7, f"files by {what}: {hits} of 24 pairs found")
        made = sum(a == b for a, b in zip(sorted_["insight"], range(24)))
        expect(made < 7, f"files of insight by {what} lie in the order of their making")
    times = {p.stat().st_mtime_ns for p, _ in found["insight"]}
    expect(len(times) <= 2, "files of insight differ in time")
    keys_in_common(out)


def values(outputs):
    """Every value of insight, from the raw record: as a multiset by pseudonym, whose owner the other policy says."""
    calls = []
    for n in range(600):
        calls.append((n, f"C{n % 40}", START + rng.randrange(40 * 86400000), rng.choice((29999, 30000, 59999, 60000, 179999, 180000, 599999, 600000,
                                                                                            1799999, 1800000, 3599999, 3600000, 7200001)),
                      rng.choice(sorted(DESTINATIONS))))
    raw = outputs.folder / "values.jsonl"
    raw.write_text("".join(call(*c) for c in calls))
    accounts = sorted({c[1] for c in calls if int(c[1][1:]) % 2})
    out = outputs.sift([raw], accounts)
    names = outputs.names([raw], accounts)
    insight = w.usage(out, "insight", "call")
    got = collections.Counter((names[r["subscriber"]], r["hour"], r["duration"], r["direction"], r["service"], r["destination"], r["visited_country"],
                               r["radio"], r["device"], r["device_model"], r["quality"]) for r in insight)
    want = collections.Counter((account, linkage.hour_of(start), linkage.bucket_of(duration, DURATIONS), "originating", "voice", DESTINATIONS[called],
                                None, None, None, None, 400) for _, account, start, duration, called in calls if account in accounts)
    expect(got == want, f"values: {list((got - want).items())[:3]} in place of {list((want - got).items())[:3]}")
    month = {n: set() for n in accounts}
    for r in insight:
        month[names[r["subscriber"]]].add((r["subscriber"], datetime.datetime.fromtimestamp(r["hour"] / 1000, datetime.timezone.utc).month))
    expect(all(len({p for p, _ in found}) == len({m for _, m in found}) == len(found) for found in month.values()), "a pseudonym a month")


if __name__ == "__main__":
    with w.scratch() as scratch:
        folder = pathlib.Path(scratch)
        outputs = Outputs(folder, w.fixed_keys(folder))
        out = order(outputs)
        keys_in_common(out)
        values(outputs)
        files(outputs)
    print("\n".join(problems) or "ok")
    sys.exit(1 if problems else 0)
