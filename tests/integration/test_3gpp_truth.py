#!/usr/bin/env python3
"""Charging records of 3GPP against what is known of each: every fact of what comes out, the outcome of what does not, one
pseudonym a subscriber; the same records in unusual octets, and broken ones."""
import collections
import gzip
import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "support"))
import truth_3gpp as truth  # noqa: E402
import winnow as w  # noqa: E402

DATA = w.SOURCE / "tests/data/3gpp"
MARK = b"KANARIE"
CONFIG = "site: {country: 31, home: [\"204-98\"], zone: Europe/Amsterdam, test: {imsi: [\"001-01\"], numbers: []}}\n" \
         "limits: {lateness: 3650d}\n"
SOURCES = {"3gpp-ps": ("pgw", "sgw", "sgsn", "ggsn", "eggsn", "epdg", "twag"), "3gpp-chf": ("chf",),
           "3gpp-cs": ("mo-call", "mt-call", "roaming", "gateway-in", "gateway-out", "transit", "mo-sms", "mt-sms")}
SOURCE_OF = {f"{name}.ber": source for source, names in SOURCES.items() for name in names}


class Check:
    def __init__(self, folder):
        self.folder, self.problems, self.runs = pathlib.Path(folder), [], 0
        self.keys = w.make_keys(folder)
        self.config = self.folder / "winnow.yaml"
        self.config.write_text(CONFIG)

    def tell(self, text):
        self.problems.append(text)

    def sift(self, source, content):
        """@return (summary, usage records by offset) of some octets."""
        self.runs += 1
        path, out = self.folder / f"in-{self.runs}", self.folder / f"out-{self.runs}"
        path.write_bytes(content)
        done = w.winnow("sift", "--config", self.config, "--policy", w.SOURCE / "schemas", "--keys", self.keys,
                        "--source", source, "--out", out, "--json", path)
        summary = json.loads(done.stdout)
        records = w.usage(out, "billing", "session") + w.usage(out, "billing", "call")
        # The name of a trunk is wanted, and may be any word.
        self.shown(out, done.stdout + done.stderr + json.dumps([dict(r, trunk=None) for r in records]))
        return summary, {r["origin"]["offset"]: r for r in records}

    def shown(self, out, text):
        """Nothing that no purpose may see: what the corpus marks stands in no output, receipt or report."""
        parts = [text.encode()] + [path.read_bytes() for path in out.rglob("*") if path.is_file() and path.parent.name != "usage.billing.call"]
        parts.append(json.dumps(w.usage(out, "insight", "session") + w.usage(out, "insight", "call")).encode())
        if any(MARK in part for part in parts):
            self.tell(f"run {self.runs}: something marked is shown")

    def corpus(self, name, source, rows, octets):
        """A whole file: facts of what came out, counts of what did not."""
        if MARK not in octets and source == "3gpp-chf":
            self.tell(f"{name}: nothing is marked in it")
        summary, got = self.sift(source, octets)
        if summary["in"] != len(rows):
            self.tell(f"{name}: {summary['in']} records, {len(rows)} are there")
        for row in rows:
            have = got.pop(row["offset"], None)
            place = f"{name}: record {row['n']}"
            if have is None and row["outcome"] == ["out"]:
                self.tell(f"{place} did not come out")
            elif have is not None and "out" not in row["outcome"]:
                self.tell(f"{place} came out, {row['outcome']}")
            elif have is not None:
                for fact, is_, wanted in truth.wrong(row["facts"], have):
                    self.tell(f"{place}: {fact} is {is_}, wanted {wanted}")
                self.people[row["facts"].get("imsi"), have["subscriber_kind"]].add(have["subscriber"])
        for offset in got:
            self.tell(f"{name}: something at {offset}")
        for word in ("filtered", "quarantined"):
            for reason, n in summary[word].items():
                may = sum(reason in r["outcome"] for r in rows)
                must = sum(r["outcome"] == [reason] for r in rows)
                if not must <= n <= may:
                    self.tell(f"{name}: {n} {word} as {reason}, from {must} to {may} are to be")

    def everything(self, folder):
        """A corpus: all its files, and whether a subscriber has one pseudonym over them."""
        by_file = collections.defaultdict(list)
        self.people = collections.defaultdict(set)
        for row in w.packed_lines(folder / "truth.jsonl.gz"):
            by_file[row["file"]].append(row)
        for name, rows in by_file.items():
            plain = folder / name
            octets = plain.read_bytes() if plain.exists() else gzip.decompress((folder / f"{name}.gz").read_bytes())
            self.corpus(name, SOURCE_OF[name], rows, octets)
        seen = collections.Counter()
        for (imsi, kind), pseudonyms in self.people.items():
            if kind == "imsi" and len(pseudonyms) != 1:
                self.tell("one IMSI has several pseudonyms")
            seen.update(pseudonyms)
        if any(n > 1 for n in seen.values()):
            self.tell("several subscribers share a pseudonym")
        return by_file

    def variants(self, by_file):
        """Records in other octets: all of one change at once, those to be refused one by one."""
        octets = (DATA / "variants.dat").read_bytes()
        groups = collections.defaultdict(list)
        for n, variant in enumerate(w.packed_lines(DATA / "variants.jsonl.gz")):
            alone = "facts" not in variant["expect"] or "or_quarantined" in variant["expect"]
            key = (SOURCE_OF[variant["of"][0]], variant["change"], n if alone else 0)
            groups[key].append(variant)
        for (source, change, _), group in groups.items():
            content, places = b"", []
            for variant in group:
                if any(variant["of"] == other["of"] for other in group[:group.index(variant)]):
                    continue  # The same record in the same change again would be its duplicate.
                places.append((len(content), variant))
                content += octets[variant["offset"]:variant["offset"] + variant["length"]]
            summary, got = self.sift(source, content)
            for offset, variant in places:
                self.variant(f"{variant['of'][0]} {change}", variant, by_file, summary, got.get(offset))

    def variant(self, place, variant, by_file, summary, have):
        expect, row = variant["expect"], by_file[variant["of"][0]][variant["of"][1]]
        reasons = expect.get("quarantined", expect.get("or_quarantined", []))
        refused = [r for r in summary["quarantined"] if r in reasons]
        if have is None and refused:
            return
        if "facts" not in expect:
            self.tell(f"{place}: {'came out' if have else 'quarantined'} {summary['quarantined']}, wanted {reasons}")
            return
        if have is None:
            if "out" in row["outcome"]:
                self.tell(f"{place}: did not come out, {summary['quarantined']} {summary['filtered']}")
            return
        facts = dict(row["facts"], **{k: v for k, v in expect.items() if k != "facts"})
        changed = "rating_groups" in expect or "uplink" in expect  # Then the containers are other ones, too.
        for fact, is_, wanted in truth.wrong(facts, have):
            if not (fact == "usage" and changed):
                self.tell(f"{place}: {fact} is {is_}, wanted {wanted}")


def main():
    with w.scratch() as folder:
        check = Check(folder)
        check.everything(DATA / "random")  # Another seed, other subscribers.
        check.variants(check.everything(DATA))
    for problem in check.problems[:60]:
        print(problem)
    print("ok" if not check.problems else f"failed: {len(check.problems)}")
    return 0 if not check.problems else 1


if __name__ == "__main__":
    sys.exit(main())
