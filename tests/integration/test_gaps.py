#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A node's own numbers: what every record gives, whatever its fate, stands in receipts, and the audit joins them."""
import json
import pathlib
import random
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "support"))
import winnow as w  # noqa: E402

SOURCE = """format: json
type: call
affinity: none
clock: {zone: UTC}
node: {from: /gw, or: unknown}
gaps: {number: /seq, node: [/id_of_node, /gw]}
fields:
  - {field: service, value: voice}
  - {field: start, from: /start, as: epoch_s}
  - {field: duration, from: /seconds, as: s}
subscriber:
  - {kind: imsi, from: /imsi}
duplicate_key: [node, /id]
content: [start, duration]
filter:
  - {rule: attempt, when: {from: /fate, is: filtered}}
"""
SERIAL = iter(range(10**9))


def record(node, seq, fate="passed", **more):
    """A record of a fate; `id` is new unless it is given."""
    fields = {"id": f"r{next(SERIAL)}", "gw": node, "imsi": "204980000000001", "start": 1792888205, "seconds": 60, "seq": seq, "fate": fate}
    fields |= {"seconds": "many"} if fate == "quarantined" else {}
    return json.dumps(fields | more)


def numbers(node, *texts, **more):
    """`numbers("a", "1-3", 7)`: records of these numbers."""
    spans = [tuple(map(int, str(text).split("-"))) for text in texts]
    return [record(node, n, **more) for span in spans for n in range(span[0], span[-1] + 1)]


class Place:
    """A folder with keys and a policy that has the source; files are sifted batch by batch."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.keys = w.make_keys(folder)
        self.policy = w.make_policy(self.folder / "schemas")
        (self.policy / "sources/numbered.yaml").write_text(SOURCE)
        self.out = self.folder / "out"
        self.n = 0

    def sift(self, *files, **more):
        """Sift files, all in one batch. @return (summary, standard error)"""
        names = []
        for lines in files:
            self.n += 1
            names.append(self.folder / f"f{self.n:04}.json")
            names[-1].write_text("".join(line + "\n" for line in lines))
        done = w.winnow("sift", "--config", w.SAMPLES / "winnow.yaml", "--policy", self.policy, "--keys", self.keys, "--source", "numbered", "--out", self.out, "--json",
                        *names, **more)
        return json.loads(done.stdout), done.stderr

    def nodes(self, number=-1):
        return w.receipts(self.out)[number]["nodes"]

    def audit(self):
        """@return (notes, gaps) of the audit, which has no finding; gaps as (node, first, last, count)."""
        said = json.loads(w.winnow("audit", self.out, "--public-key", self.keys / "signing.pub", "--json").stdout)
        assert said["findings"] == [], said
        return said["notes"], [(gap["node"], gap["first"], gap["last"], gap["count"]) for gap in said["gaps"]]


def node(name, first, last, missing=(), records=None, passed=None, unlisted=0):
    n = (last - first) % 2**32 + 1 - sum(b - a + 1 for a, b in missing)
    records = n if records is None else records
    return {"first": first, "last": last, "missing": [list(pair) for pair in missing], "node": name, "passed": n if passed is None else passed, "records": records,
            "unlisted": unlisted}


def every_record_gives_its_number():
    with w.scratch() as folder:
        place = Place(folder)
        again = record("a", 5, id="again")
        summary, _ = place.sift(numbers("a", "1-3") + [record("a", 4, "filtered"), again, record("a", 6, id="again"), record("a", 7, "quarantined"),
                                                       '{"gw":"a","seq":8,"start":1,"start":2}', '{"gw":"a","seq":9,"start', record("a", 10)])
        assert (summary["in"], summary["passed"], summary["duplicates"]) == (10, 5, 1), summary
        assert place.nodes() == [node("a", 1, 10, [(9, 9)], records=9, passed=5)], place.nodes()  # Of 9 there is half a line.


def gaps_over_files_and_nodes():
    with w.scratch() as folder:
        place = Place(folder)
        place.sift(numbers("b", "4294967290-4294967295", 2), numbers("a", "1-3", 7), numbers("b", 0) + numbers("a", 5))
        assert place.nodes() == [node("a", 1, 7, [(4, 4), (6, 6)]), node("b", 4294967290, 2, [(1, 1)])], place.nodes()


def a_counter_that_was_set_anew():
    with w.scratch() as folder:
        place = Place(folder)
        place.sift(numbers("a", "5000-5010") + numbers("a", "1-3"))
        assert place.nodes() == [node("a", 5000, 5010), node("a", 1, 3)], place.nodes()


def names_that_may_not_show():
    shown = {"pgw-1": "pgw-1", "8f52f358-4a71-42be-93e3-800fefc5d3fa": "8f52f358-4a71-42be-93e3-800fefc5d3fa"}
    hidden = ["31610000001", "204980000000001", "192.0.2.13", "2001:db8::7", "00-00-5e-00-53-01", "jan@example.org", "N N", "x" * 65]
    with w.scratch() as folder:
        place = Place(folder)
        place.sift([record(name, 7) for name in [*shown, *hidden]] + [record("pgw-1", 9, id_of_node=hidden[0])])
        names = [entry["node"] for entry in place.nodes()]
        assert len(set(names)) == len(names) == len(shown) + len(hidden) and set(shown) < set(names), names
        assert sorted(name[:7] for name in names if name not in shown) == ["hidden-"] * len(hidden), names
        assert sorted(entry["last"] for entry in place.nodes()) == [7] * 9 + [9], "the node is the first path that is present"
        for path in place.out.rglob("*"):
            data = path.read_bytes() if path.is_file() and "usage" not in str(path) else b""
            assert not any(name.encode() in data for name in hidden), path


def numbers_that_are_none():
    with w.scratch() as folder:
        place = Place(folder)
        place.sift([record("a", 1), record("a", -1), record("a", 2**32), record("a", "x"), record("a", None), record("a", ""), record("a", 2)])
        assert place.nodes() == [node("(unreadable)", 0, 0, records=3, passed=0), node("a", 1, 2)], place.nodes()


def the_audit_joins_receipts():
    """A gap between batches; one that a later batch fills closes itself; so whatever the order of files."""
    with w.scratch() as folder:
        place = Place(folder)
        place.sift(numbers("a", "1-3", 5) + numbers("b", "4294967294-4294967295"))
        assert place.audit() == (["sequence-gap: numbered: node a: 4 is missing, since 2026-10-25T00:30:05Z",
                                  "numbered: 2 nodes with numbers of their own, 1 gap, 1 number missing, no reset"], [("a", 4, 4, 1)]), place.audit()
        place.sift(numbers("a", "9-10") + numbers("b", "2"))
        assert place.audit()[1] == [("a", 4, 4, 1), ("a", 6, 8, 3), ("b", 0, 1, 2)], place.audit()
        place.sift(numbers("a", 4, 8) + numbers("b", 0))
        assert place.audit()[1] == [("a", 6, 7, 2), ("b", 1, 1, 1)], place.audit()
        place.sift(numbers("a", 6, 7) + numbers("b", 1))
        assert place.audit() == ([], []), place.audit()


def a_gap_is_open_within_the_window_and_then_for_good():
    with w.scratch() as folder:
        place = Place(folder)
        place.sift(numbers("a", 1, 3))
        place.sift(numbers("a", 5, start=1792888205 + 86400 * 34))
        said = json.loads(w.winnow("audit", place.out, "--public-key", place.keys / "signing.pub", "--json").stdout)
        assert said["gaps"] == [{"count": 1, "first": 2, "last": 2, "node": "a", "open": True, "since": "2026-10-25T00:30:05Z", "source": "numbered"},
                                {"count": 1, "first": 4, "last": 4, "node": "a", "open": True, "since": "2026-11-28T00:30:05Z", "source": "numbered"}], said["gaps"]
        place.sift(numbers("a", 6, start=1792888205 + 86400 * 36))
        notes, _ = place.audit()
        assert notes[0] == "sequence-gap: numbered: node a: 2 is missing, since 2026-10-25T00:30:05Z, for good: what comes now is late", notes
        assert notes[1].endswith("node a: 4 is missing, since 2026-11-28T00:30:05Z"), notes


def resets_are_no_gaps():
    with w.scratch() as folder:
        place = Place(folder)
        place.sift(numbers("a", "5000-5010"))
        place.sift(numbers("a", "1-3", 5))
        notes, gaps = place.audit()
        assert gaps == [("a", 4, 4, 1)] and notes[1] == "sequence-reset: numbered: node a: the counter was set anew: 5000 to 5010, then 1 to 5", notes
        place.sift(numbers("a", 4, "6-5004"))  # It passes through what was there, under records that are new.
        notes, gaps = place.audit()
        assert gaps == [] and notes[0].endswith("5000 to 5010, then 1 to 5004"), notes


def a_file_sent_again_with_more_is_no_reset():
    with w.scratch() as folder:
        place = Place(folder)
        first = numbers("a", "1-9") + [record("a", 10, "filtered")]
        place.sift(first)
        place.sift(first + numbers("a", 11, 13))
        notes, gaps = place.audit()
        assert gaps == [("a", 12, 12, 1)] and len(notes) == 2, notes


def frozen_at_0():
    """Said once, and no account: in one batch or in many."""
    with w.scratch() as folder:
        place = Place(folder)
        for i in range(3):
            place.sift(numbers("a", 0, 0, 0) + [record("b", i)])
        notes, gaps = place.audit()
        assert gaps == [] and notes == ["sequence-frozen: numbered: node a: it writes 0 into every record: there is no account"], notes


def what_has_no_account_is_said():
    with w.scratch() as folder:
        place = Place(folder)
        place.sift([record("a", "x"), record(None, 3), record(None, 5)] + [record(f"n-{i}", 1) for i in range(1030)])
        notes, gaps = place.audit()
        assert gaps == [("unknown", 4, 4, 1)], gaps
        assert [note for note in notes if "sequence-unknown" in note] == [
            "sequence-unknown: numbered: node (more): 7 records in no account: there were more nodes than a receipt can hold",
            "sequence-unknown: numbered: node (unreadable): 1 record in no account: the number can't be read"], notes


def sift_says_what_is_missing():
    """Over all that was ever sifted: the state knows what came before."""
    with w.scratch() as folder:
        place = Place(folder)
        summary, log = place.sift(numbers("a", "1-3"))
        assert summary["gaps"] == {"frozen": 0, "gaps": 0, "missing": 0, "nodes": 1, "resets": 0} and log == "", (summary, log)
        summary, log = place.sift(numbers("a", 6, 8))
        assert summary["gaps"] == {"frozen": 0, "gaps": 2, "missing": 3, "nodes": 1, "resets": 0}, summary
        assert log.count("event=sequence-gap") == 1 and "nodes=1 gaps=2 missing=3" in log and "node=a" not in log, log
        summary, log = place.sift(numbers("a", 4, 5, 7) + numbers("b", 7) + numbers("c", 0, 0))
        assert summary["gaps"] == {"frozen": 1, "gaps": 0, "missing": 0, "nodes": 2, "resets": 0}, summary
        assert "sequence-gap" not in log and "event=sequence-frozen" in log, log
        summary, log = place.sift(numbers("a", "1-2"))
        assert summary["gaps"]["resets"] == 1 and "event=sequence-reset" in log and "resets=1" in log, (summary, log)
        path = place.folder / "more.json"
        path.write_text("\n".join(numbers("a", 5)) + "\n")
        text = w.winnow("sift", "--config", w.SAMPLES / "winnow.yaml", "--policy", place.policy, "--keys", place.keys, "--source", "numbered", "--out", place.out, path).stdout
        assert text.startswith(f"sequence-gap: 2 numbers of nodes are missing, in 1 gap; winnow audit {place.out} names them\n"
                               "sequence-frozen: 1 node writes 0 into every record\n"), text


def many_gaps_are_counted_and_listed_as_json():
    with w.scratch() as folder:
        place = Place(folder)
        place.sift(numbers("a", *range(0, 60, 2)))
        notes, gaps = place.audit()
        assert len(gaps) == 29 and len(notes) == 22 and notes[20] == "sequence-gap: numbered: 9 more gaps; --json has all", notes


def any_cut_and_any_order_of_files_give_the_same():
    """Two nodes with numbers that are missing, two that wrap, records late and dealt out to files and batches at random."""
    rng = random.Random(7)
    spans = {"a": (1000, 1143, {1040, 1041, 1042, 1093, 1095, 1096}), "b": (2**32 - 90, 120, set()), "c": (2**32 - 120, 212, set(range(80, 105))), "d": (1, 134, set(range(61, 65)))}
    fates = ["passed", "passed", "filtered", "quarantined"]
    expected = [("a", 1040, 1042, 3), ("a", 1093, 1093, 1), ("a", 1095, 1096, 2), ("c", 80, 104, 25), ("d", 61, 64, 4)]
    for round_ in range(4):
        files = [[] for _ in range(9)]
        for name, (first, last, missing) in spans.items():
            for i in range((last - first) % 2**32 + 1):
                n = (first + i) % 2**32
                if n not in missing:
                    place = i * 9 // ((last - first) % 2**32 + 1) if round_ < 2 else rng.randrange(9)
                    files[place].append(record(name, n, rng.choice(fates) if i > 0 else "passed", start=1792888205 + i))
        if round_ == 1:
            for lines in files:
                swap = rng.randrange(len(lines) - 3)
                lines[swap], lines[swap + 3] = lines[swap + 3], lines[swap]
        with w.scratch() as folder:
            place = Place(folder)
            (place.folder / "winnow.yaml").write_text((w.SAMPLES / "winnow.yaml").read_text() + "limits: {poison: {share: 90%}}\n")
            while files:
                place.sift(*[files.pop(0) for _ in range(min(len(files), rng.randrange(1, 4)))])
            notes, gaps = place.audit()
            assert sorted(gaps) == expected, (round_, gaps)
            assert not any("reset" in note and "no reset" not in note for note in notes), notes


def the_3gpp_corpus():
    """The numbers of the made-up corpus, as JSON, in its own order, file by file: what its list of nodes says is missing, and no reset."""
    data = w.SOURCE / "tests/data/3gpp"
    files = {}
    for truth in w.packed_lines(data / "truth.jsonl.gz"):
        facts = truth["facts"]
        if facts.get("local_sequence") is not None:
            files.setdefault(truth["file"], []).append(record(facts["node"], facts["local_sequence"], "passed" if "out" in truth["outcome"] else "filtered"))
    nodes = [json.loads(line) for line in (data / "nodes.jsonl").read_text().splitlines()]
    expected = sorted((node["node"], first, last, last - first + 1) for node in nodes for first, last in node["missing"])
    for order, at_once in ((sorted(files), 99), (sorted(files), 1), (sorted(files, reverse=True), 1), (sorted(files, reverse=True), 3)):
        with w.scratch() as folder:
            place = Place(folder)
            for i in range(0, len(order), at_once):
                place.sift(*[files[name] for name in order[i:i + at_once]])
            notes, gaps = place.audit()
            assert sorted(gaps) == expected, (order, at_once, gaps)
            assert notes[-1] == "numbered: 10 nodes with numbers of their own, 7 gaps, 43 numbers missing, no reset", notes
            if at_once == 99:
                said = {entry["node"]: (entry["records"], entry["first"], entry["last"], entry["missing"]) for entry in place.nodes()}
                for entry in nodes:
                    name = entry["node"] if entry["node"] in said else next(name for name in said if name.startswith("hidden-"))
                    assert said[name] == (entry["records"], entry["first"], entry["last"], entry["missing"]), (entry, said[name])


TESTS = [every_record_gives_its_number, gaps_over_files_and_nodes, a_counter_that_was_set_anew, names_that_may_not_show, numbers_that_are_none, the_audit_joins_receipts,
         a_gap_is_open_within_the_window_and_then_for_good, resets_are_no_gaps, a_file_sent_again_with_more_is_no_reset, frozen_at_0, what_has_no_account_is_said, sift_says_what_is_missing,
         many_gaps_are_counted_and_listed_as_json, any_cut_and_any_order_of_files_give_the_same, the_3gpp_corpus]

if __name__ == "__main__":
    sys.exit(w.main(TESTS))
