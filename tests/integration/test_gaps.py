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
        """@return the notes of the audit, which has no finding."""
        said = json.loads(w.winnow("audit", self.out, "--public-key", self.keys / "signing.pub", "--json").stdout)
        assert said["findings"] == [], said
        return said["notes"]


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


if __name__ == "__main__":
    failed = 0
    for test in (every_record_gives_its_number, gaps_over_files_and_nodes, a_counter_that_was_set_anew, names_that_may_not_show, numbers_that_are_none):
        try:
            test()
            print("ok -", test.__name__)
        except Exception as fault:  # Each test's fault is its own.
            failed += 1
            import traceback
            traceback.print_exc(file=sys.stdout)
            print("not ok -", test.__name__, fault)
    sys.exit(1 if failed else 0)
