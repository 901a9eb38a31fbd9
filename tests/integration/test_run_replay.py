#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`winnow quarantine replay --config F`: refused records are read again from the raw topic by their places, under the mended
source, exactly once: killed at every point, given twice at once, and repeated without harm."""
import json
import pathlib
import re
import shutil
import signal
import struct
import subprocess
import sys
import tempfile

import kafka
from kafka import Site, await_true, call

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "support"))
import winnow as W  # noqa: E402

POINTS = ["replay-taken", "after-produce", "after-state", "after-offsets", "in-commit", "before-merge"]
CANARY = "KANARIE00replay00"
OLD, NEW = "from: /variables/billusec, as: us", "from: /variables/usec, as: us"


def good(first, n):
    return [call(first + i, usec="60000000") for i in range(n)]


def bad(first, n):
    """Records that only the mended source reads."""
    return [call(first + i, usec="60000000", billusec=CANARY) for i in range(n)]


class Place(Site):
    """A site whose source a test may mend; every command's output is searched for values."""

    def __init__(self, **more):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="winnow-policy-"))
        super().__init__(policy=W.make_policy(self.folder / "policy"), **more)
        self.file = self.policy / "sources" / "freeswitch-json.yaml"

    def mend(self, process=None):
        self.file.write_text(self.file.read_text().replace(OLD, NEW))
        if process:
            await_true(lambda: "event=source-read" in self.log(process), process=process)

    def quarantine(self, *args, status=0):
        done = W.winnow("quarantine", *args, "--config", self.config, status=status)
        assert CANARY not in done.stdout + done.stderr
        return done

    def replay(self, *args, status=0):
        """@return the counts that are printed, in their order; and what was said."""
        done = self.quarantine("replay", *args, status=status)
        return [int(n) for n in re.findall(r"\d+", done.stdout)], done.stderr

    def listed(self):
        """@return {reason: (records, replayed)} of ours."""
        found = {}
        for line in self.quarantine("list", "--json").stdout.splitlines():
            row = json.loads(line)
            if any(row["first"]["input"].startswith(e["topic"]) or row["last"]["input"].startswith(e["topic"]) for e in self.inputs):
                found[row["reason"]] = (row["records"], row["replayed"])
        return found

    def left(self):
        """@return how many of our refused records were not replayed: envelopes, less those that receipts name."""
        replays = [(entry["topic"], entry["partition"], entry["first_offset"], entry["index"], r["receipt"])
                   for chain in self.receipts().values() for r, _ in chain if (r.get("event") or {}).get("kind") == "replay"
                   for entry in r["inputs"]]
        assert len(set(replays)) == len(replays)
        return len(self.dump_mine("winnow.quarantine")) - len(replays)

    def finish(self, process, expected):
        """Each record once; receipts and topics agree."""
        self.stop(process)
        ids, _ = self.mine()
        assert len(ids) == expected and set(ids.values()) == {1}, (len(ids), expected, {k: v for k, v in ids.items() if v != 1})
        done = W.winnow("audit", "--config", self.config, "--public-key", self.keys / "signing.pub", status=None)
        ours = [l for l in done.stdout.splitlines() if self.name in l]
        assert not ours, ours
        for chain in self.receipts().values():
            self.check_chain_numbers(chain)
        for process in self.processes:
            assert CANARY not in self.log(process)

    def close(self):
        super().close()
        shutil.rmtree(self.folder, ignore_errors=True)


def takes_up_what_the_mended_source_reads():
    site = Place()
    site.fill(good(0, 50) + bad(1000, 20) + good(100, 50))
    process = site.start()
    site.await_end(process)
    assert site.listed() == {"bad-integer": (20, 0)}, site.listed()
    counts, _ = site.replay()
    assert counts == [20, 0, 0, 0, 0, 20], counts  # Nothing was mended: refused again, each once.
    assert site.listed() == {"bad-integer": (40, 20)} and site.left() == 20
    site.mend(process)
    counts, _ = site.replay("--reason", "late")
    assert counts[0] == 0, counts
    counts, _ = site.replay("--reason", "bad-integer", "--source", "freeswitch-json")
    assert counts == [20, 20, 0, 0, 0, 0], counts
    assert site.listed() == {"bad-integer": (40, 40)} and site.left() == 0
    counts, _ = site.replay()
    assert counts == [0, 0, 0, 0, 0, 0], counts
    shown = site.quarantine("show", "--officer-key", str(site.keys) + ".officer.key").stderr
    assert "0 shown" in shown or "replayed since" in shown, shown
    site.fill(bad(1000, 20))  # A passed record has its entry like any other.
    site.await_end(process)
    site.finish(process, 120)
    chain = [r for r, _ in next(iter(site.receipts().values()))]
    replays = [r for r in chain if (r.get("event") or {}).get("kind") == "replay"]
    assert [r["event"]["reason"] for r in replays] == ["bad-integer"] * 2 and replays[0]["event"]["refers"] == "1", replays
    assert replays[1]["event"]["refers"] == str(replays[0]["receipt"]), [r["event"] for r in replays]
    assert replays[1]["passed"] == 20 and [e["first_offset"] for e in replays[1]["inputs"]] == list(range(50, 70))
    assert sum(r["duplicates"] for r in chain) == 20
    site.close()


def killed_at(point):
    def test():
        site = Place(partitions=2, affinity="session")
        for partition in (0, 1):
            site.fill(good(partition * 10000, 30) + bad(partition * 10000 + 1000, 30), partition)
        process = site.start()
        site.await_end(process)
        site.stop(process)
        site.mend()
        for turn in (1, 2):
            process = site.start(kill_at=f"{point}:{turn}")
            await_true(lambda: site.log(process).count("event=running") == 2, process=process)
            done = W.winnow("quarantine", "replay", "--config", site.config, status=None)
            if turn == 2 and done.returncode == 0:  # The first order was committed before it was killed.
                site.stop(process)
                break
            assert process.wait(timeout=kafka.PATIENCE) == -signal.SIGKILL and done.returncode == 1, (process.poll(), done.stderr)
            assert "same command again" in done.stderr, done.stderr
        process = site.start()
        await_true(lambda: site.log(process).count("event=running") == 2, process=process)
        site.replay()
        counts, _ = site.replay()
        assert counts[0] == 0 and site.left() == 0
        site.finish(process, 120)
        site.close()

    test.__name__ = "survives_a_kill_" + point.replace("-", "_")
    return test


def names_records_of_packed_messages():
    site = Place()
    messages = [good(i * 100, 3)[:1] + bad(i * 100 + 50, 2) + good(i * 100 + 70, 1) for i in range(40)]
    packed = b""
    for message in messages:
        body = ("\n".join(message) + "\n").encode()
        packed += struct.pack(">I", len(body)) + body
    site.tool("pack", site.topic, 0, stdin=packed)
    process = site.start()
    site.await_end(process)
    site.mend(process)
    site.fill(bad(50, 1))  # The switch sent one of them again: it passes, and its replay is the duplicate.
    site.await_end(process)
    counts, _ = site.replay()
    assert counts == [80, 79, 1, 0, 0, 0], counts
    site.finish(process, 160)
    site.close()


def says_which_records_are_gone():
    site = Place()
    site.fill(bad(0, 10) + good(100, 10))
    process = site.start()
    site.await_end(process)
    site.mend(process)
    site.tool("trim", site.topic, 0, 4)
    counts, said = site.replay(status=1)
    assert counts[:2] == [6, 6] and said.count("the raw record is gone") == 4, (counts, said)
    assert f"{site.topic}[0] offset 3 index 0" in said and "quarantine show" in said and "4 records are gone" in said, said
    counts, said = site.replay(status=1)
    assert counts[0] == 0 and "4 records are gone" in said and site.left() == 4
    site.stop(process)
    counts = W.winnow("quarantine", "replay", "--config", site.config, status=1)
    assert "is 'winnow run' running" in counts.stderr, counts.stderr
    site.finish(site_again(site), 16)
    site.close()


def refused_again_is_taken_up_once():
    """Of several reasons: one order each, and what an order refused again is left to the next command."""
    site = Place()
    site.fill([r for i in range(10) for r in (*bad(i * 10, 1), call(i * 10 + 1, answer_uepoch=CANARY), call(i * 10 + 2, uuid=""))])
    process = site.start()
    site.await_end(process)
    for turn in (1, 2):
        counts, _ = site.replay()
        assert counts == [30, 0, 0, 0, 0, 30] and site.left() == 30, (turn, counts)
    site.mend(process)
    counts, _ = site.replay()
    assert counts == [30, 10, 0, 0, 0, 20] and site.left() == 20, counts
    site.finish(process, 10)
    site.close()


def site_again(site):
    process = site.start()
    await_true(lambda: "event=running" in site.log(process), process=process)
    return process


def given_twice_at_once_does_it_once():
    site = Place()
    site.fill([r for i in range(60) for r in good(i * 100, 20) + bad(i * 100 + 50, 1)])
    process = site.start()
    site.await_end(process)
    site.mend(process)
    command = [W.BINARY, "quarantine", "replay", "--config", str(site.config)]
    both = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    site.fill(good(90000, 500))  # And records flow meanwhile.
    outs = [p.communicate(timeout=kafka.PATIENCE) for p in both]
    assert [p.returncode for p in both] == [0, 0], outs
    assert sum(int(re.findall(r"\d+", out)[0]) for out, _ in outs) == 60, outs
    site.await_end(process)
    site.finish(process, 60 * 21 + 500)
    site.close()


def paused_partition_says_so():
    """The guard stopped it: nothing is replayed there until it goes on."""
    site = Place()
    site.fill(bad(0, 40))
    process = site.start()
    site.await_end(process)
    site.fill(bad(1000, 1000))
    await_true(lambda: "paused" in site.status(), process=process)
    counts, said = site.replay(status=1)
    assert counts[0] == 0 and "not running here" in said and "40 records were not taken up" in said, said
    site.mend(process)
    site.await_end(process)
    counts, _ = site.replay()
    assert counts[:2] == [40, 40], counts
    site.finish(process, 1040)
    site.close()


if __name__ == "__main__":
    sys.exit(kafka.main([takes_up_what_the_mended_source_reads, *map(killed_at, POINTS), names_records_of_packed_messages, refused_again_is_taken_up_once,
                         says_which_records_are_gone, given_twice_at_once_does_it_once, paused_partition_says_so]))
