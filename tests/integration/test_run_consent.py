#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Consent by file in `winnow run`, against a real broker: who comes out, a file that is replaced, wrong or gone while records
flow, kills and restarts."""
import datetime
import hashlib
import sys

import kafka
from kafka import Site, await_true, call, calls

sys.path.insert(0, str(kafka.HERE.parent / "support"))
import canary  # noqa: E402
import linkage  # noqa: E402
import winnow as W  # noqa: E402


def middle_of_a_month():
    """@return a time that is not long ago, and far from both ends of its month."""
    now = datetime.datetime.fromtimestamp(kafka.NOW, datetime.timezone.utc)
    return (now.replace(day=15) if now.day > 16 else (now.replace(day=1) - datetime.timedelta(days=15))).timestamp()


HEADER = "kind,identifier,purpose,from,to\n"
FROM = "2026-01-01T00:00:00Z"
AGO = "2026-01-02T00:00:00Z"


def rows(accounts, to=""):
    """Rows of consent for the accounts of kafka.call()."""
    return "".join(f"account,acct-{n},insight,{FROM},{to}\n" for n in accounts)


def digest(text):
    return hashlib.sha256((HEADER + text).encode()).hexdigest()


class Consenting(Site):
    """A site with a consent file."""

    def __init__(self, text, limit="60s", **more):
        self.limit = limit
        super().__init__(**more)
        self.file = self.dir / "consent.csv"
        if text is not None:
            self.put(text)
        self.before = {t: {(m["partition"], m["offset"]) for m in self.dump(t)} for t in ("usage.billing.call", "usage.insight.call")}

    def write_config(self, instance):
        path = super().write_config(instance)
        path.write_text(path.read_text().replace("limits: {lateness: 35d}", f"limits: {{lateness: 400d, consent: {self.limit}}}")
                        + "consent: consent.csv\n")
        return path

    def put(self, text):
        aside = self.dir / "consent.new"
        aside.write_text(HEADER + text)
        aside.rename(self.file)

    def out(self, purpose):
        """@return the messages of a purpose that are this site's: the broker has no others since."""
        topic = f"usage.{purpose}.call"
        return [m for m in self.dump(topic) if (m["partition"], m["offset"]) not in self.before[topic]]

    def counts(self):
        """@return what the receipts say of insight, added up, and the versions that they name, in order."""
        total, versions = {"out": 0, "no_consent": 0}, []
        for chain in self.receipts().values():
            for receipt, _ in chain:
                counts = receipt["purposes"]["insight"]
                total["out"] += counts["out"]
                total["no_consent"] += counts["no_consent"]
                for reason, n in counts["withheld"].items():
                    total[reason] = total.get(reason, 0) + n
                versions += [v for v in receipt["lists"].get("consent", []) if not versions or versions[-1] != v]
        return total, versions


def flow(site, process, first, n):
    """Send records and wait until they are committed."""
    site.fill(calls(first, n, when=middle_of_a_month()))
    site.await_end(process)


def they_come_out_who_consent():
    """Each consenter's records once, under keys of the month, at the full hour; nobody else's."""
    text = rows(range(20)) + rows(range(20, 30), AGO)
    site = Consenting(text)
    process = site.start()
    flow(site, process, 0, 970)
    site.stop(process)
    site.check(970)
    assert site.counts() == ({"out": 200, "no_consent": 770}, [digest(text)]), site.counts()
    found = site.out("insight")
    assert len(found) == 200 and len({m["value"] for m in found}) > 1
    assert all(m["timestamp"] % 3600000 == 0 and m["headers"] == 0 for m in found)
    by_key = {}
    for message in found:
        by_key[message["key"]] = by_key.get(message["key"], 0) + 1
    assert len(by_key) == 20, f"{len(by_key)} pseudonyms of 20 subscribers in a month"
    assert not set(by_key) & {m["key"] for m in site.dump("usage.billing.call")}, "the purposes' keys are linked"
    site.close()


def a_file_that_is_replaced_counts_from_the_next_transaction():
    """Given, withdrawn and given again in one run: receipts name each version, in their order."""
    texts = [rows([]), rows(range(97)), rows(range(97), AGO), rows(range(50))]
    site = Consenting(texts[0])
    process = site.start()
    for turn, text in enumerate(texts):
        if turn > 0:
            site.put(text)
            await_true(lambda: site.log(process).count("event=consent-swapped") == turn, process=process)
        flow(site, process, turn * 970, 970)
    site.stop(process)
    site.check(4 * 970)
    total, versions = site.counts()
    assert total == {"out": 970 + 500, "no_consent": 970 + 970 + 470}, total
    assert versions == [digest(text) for text in texts], versions
    assert len(site.out("insight")) == 1470
    assert "acct-" not in site.log(process), "the log names somebody"
    site.close()


def a_wrong_file_leaves_the_old_one_until_its_limit():
    """Then insight is withheld and billing goes on, until there is a good file."""
    site = Consenting(rows(range(97)), limit="1s")
    process = site.start()
    flow(site, process, 0, 97)
    site.put("account,acct-1,insight,acct-1,\n")
    await_true(lambda: "event=consent-too-old" in site.log(process), process=process)
    flow(site, process, 97, 97)
    site.file.unlink()
    await_true(lambda: "consent.csv: No such file" in site.log(process), process=process)
    flow(site, process, 194, 97)
    site.put(rows(range(97), "2026-01-03T00:00:00Z"))
    await_true(lambda: "event=consent-swapped" in site.log(process), process=process)
    flow(site, process, 291, 97)
    site.stop(process)
    site.check(4 * 97)
    assert site.counts()[0] == {"out": 97, "no_consent": 97, "list-too-old": 194}, site.counts()
    log = site.log(process)
    assert "consent.csv:2: from: not a time in UTC" in log and "acct-" not in log, log
    assert log.count("event=consent-too-old") == 1 and log.count("event=consent-refused") == 2, log
    site.close()


def without_a_good_file_it_starts_and_withholds():
    site = Consenting(None)
    process = site.start()
    flow(site, process, 0, 97)
    assert "consent.csv: No such file" in site.log(process) and "event=consent-too-old" in site.log(process)
    site.put(rows(range(97)))
    await_true(lambda: site.status() and flow_out(site, process), process=process)
    site.stop(process)
    total, _ = site.counts()
    assert total["list-too-old"] >= 97 and total["out"] >= 1 and total["no_consent"] == 0, total
    site.close()


def flow_out(site, process):
    """Send one more record. @return whether it came out."""
    flow(site, process, 1000 + len(site.sent), 1)
    return len(site.out("insight")) > 0


def kills_lose_and_double_nothing():
    """Killed at each step, with another version after each: every record is once in insight, or counted as nobody's."""
    site = Consenting(rows(range(97)))
    for turn, step in enumerate(("after-produce", "after-state", "after-offsets", "before-merge")):
        site.fill(calls(turn * 194, 194))
        process = site.start(kill_at=step)
        assert process.wait(timeout=kafka.PATIENCE) == -9, step
        site.put(rows(range(97)) + f"account,other-{turn},insight,{FROM},\n")
    process = site.start()
    site.await_end(process)
    site.stop(process)
    site.check(4 * 194)
    assert site.counts()[0] == {"out": 776, "no_consent": 0}, site.counts()
    assert len(site.out("insight")) == 776
    site.close()


def insight_can_not_be_joined_with_billing():
    """Who reads both topics finds no record by key, time, size or place in its topic, within a transaction.

    All records look the same in insight: hour and buckets leave one chance in as many records as there are.
    """
    n, accounts = 4000, [f"u-{i}" for i in range(4000)]
    # A day's middle hour, so that call()'s ten minutes stay in it.
    when = int(middle_of_a_month()) // 3600 * 3600 + 3000
    records = [call(i, when=when, accountcode=accounts[i]) for i in range(n)]
    text = "".join(f"account,{a},insight,{FROM},\n" for a in accounts)
    site = Consenting(text, commit_ms=5000)
    site.fill(records)
    process = site.start()
    site.await_end(process)
    site.stop(process)
    site.check(n)
    billing, insight = site.out("billing"), site.out("insight")
    assert len(billing) == len(insight) == n

    # Who is who, by a policy that lets insight keep the account: the same keys.
    policy = W.make_policy(site.dir / "clear", None, {"call.avsc": lambda schema: schema.replace(
        '"winnow": {"kind": "account", "billing": "keep"}', '"winnow": {"kind": "account", "billing": "keep", "insight": "keep"}')})
    (site.dir / "raw.jsonl").write_text("".join(r + "\n" for r in records))
    W.sift(site.dir / "clear-out", "freeswitch-json", [site.dir / "raw.jsonl"], site.keys, "--consent", site.file, policy=policy)
    account = {purpose: {r["subscriber"]: r["account"] for r in W.usage(site.dir / "clear-out", purpose, "call")} for purpose in ("billing", "insight")}
    truth = {m["key"]: account["insight"][m["key"]] for m in insight}
    assert len(truth) == n

    def named(messages, order=None):
        return [("the same", m["key"]) for m in (sorted(messages, key=order) if order else messages)]

    ways = {"place": None, "partition and offset": lambda m: (m["partition"], m["offset"]), "time": lambda m: m["timestamp"],
            "size": lambda m: len(m["value"]), "key": lambda m: m["key"], "value": lambda m: m["value"]}
    for ours, left in ways.items():
        for theirs, right in ways.items():
            attack = linkage.by_rank(named(insight, left), [(v, account["billing"][k]) for v, k in named(billing, right)], truth)
            assert not attack.beats_chance(), f"insight by {ours}, billing by {theirs}: {attack}"
    shown = "".join(m["value"] + m["key"] for m in insight)
    stretches = {shown[i:i + 16] for i in range(0, len(shown), 2)}
    for message in billing:
        assert message["key"][:16] not in stretches and message["value"][20:36] not in stretches, "billing's pseudonym or record_id shows"
    assert {m["timestamp"] % 3600000 for m in insight} == {0} and len({m["timestamp"] for m in insight}) <= 2
    site.close()


def no_identifier_of_the_file_shows():
    """Not in a topic, log, status or file of the state."""
    marks = {"account": "KANARIE4711deadbeef", "imsi": "204981234567899", "nai": "kanarie.8842@kanarie.example", "number": "447700900999"}
    text = "".join(f"{kind},{'+' if kind == 'number' else ''}{mark},insight,{FROM},\n" for kind, mark in marks.items())
    site = Consenting(text)
    process = site.start()
    flow(site, process, 0, 97)
    site.put(text + f"imsi,{marks['account']},insight,{marks['nai']},\n")
    await_true(lambda: "event=consent-refused" in site.log(process), process=process)
    status = site.status()
    site.stop(process)
    places = {"log": site.log(process).encode(), "status": status.encode()}
    topics = ("usage.billing.call", "usage.insight.call", "winnow.quarantine", "winnow.receipts", f"winnow.state.{site.group}.{site.topic}")
    for topic in topics:
        for message in site.dump(topic):
            places.setdefault(topic, b"")
            places[topic] += bytes.fromhex(message["value"] or "") + bytes.fromhex(message["key"] or "")
    for path in (site.dir / "state-a").rglob("*"):
        if path.is_file():
            places[str(path)] = path.read_bytes() + str(path).encode()
    assert not canary.search(places, marks), canary.search(places, marks)
    site.close()


if __name__ == "__main__":
    sys.exit(kafka.main([
        they_come_out_who_consent, a_file_that_is_replaced_counts_from_the_next_transaction,
        a_wrong_file_leaves_the_old_one_until_its_limit, without_a_good_file_it_starts_and_withholds,
        kills_lose_and_double_nothing, insight_can_not_be_joined_with_billing, no_identifier_of_the_file_shows]))
