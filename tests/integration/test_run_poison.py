#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The poison guard of `winnow run`: the partition pauses before its batch is committed, the others go on, and it resumes by
command or by a mended source, without a restart."""
import pathlib
import shutil
import sys
import tempfile

import kafka
from kafka import Site, await_true, call, calls

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "support"))
import winnow as W  # noqa: E402

CANARY = "KANARIE00poison00"


def bad(first, n):
    return [call(first + i, billusec=CANARY) for i in range(n)]


def line_of(site, partition):
    return next((l for l in site.status().splitlines() if l.startswith(f"{site.topic}[{partition}] ")), "")


def paused(site, partition, process):
    await_true(lambda: "paused" in line_of(site, partition), process=process)
    return line_of(site, partition)


def own_policy(change=None):
    """A policy folder whose sources a test may edit. @return the path of the one that is read."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="winnow-policy-")) / "policy"
    W.make_policy(folder, change={"sources/freeswitch-json.yaml": change} if change else None)
    return folder / "sources" / "freeswitch-json.yaml"


def pauses_one_partition_and_resumes_by_command():
    site = Site(partitions=2, affinity="session")
    site.fill(calls(0, 1000), 0)
    site.fill(calls(10000, 100), 1)
    process = site.start()
    site.await_end(process)
    site.fill(bad(20000, 300), 0)
    line = paused(site, 0, process)
    for word in ("reason=poison", "break=no", "'freeswitch-json'", "bad-integer", "records"):
        assert word in line, f"{word} is not in: {line}"
    assert site.committed(0) == 1000, "its batch was committed"
    site.fill(calls(30000, 200), 1)
    site.await_end(process, [1])
    assert not site.dump_mine("winnow.quarantine"), "something of the batch is out"
    site.ctl("accept-break", "it is none", status=1)
    site.ctl("resume", "--partition", f"{site.topic}:0")
    site.await_end(process)
    site.fill(bad(40000, 2000), 0)  # The person said so: until its share has come down.
    site.await_end(process)
    site.fill(calls(50000, 10000), 0)
    site.await_end(process)
    site.fill(bad(60000, 2000), 0)
    paused(site, 0, process)
    assert site.log(process).count("event=paused") == 2 and CANARY not in site.log(process) + site.status()
    site.stop(process)
    site.check(11300, quarantined=2300)
    site.close()


def window_goes_on_over_transactions():
    site = Site(commit_records=10)
    site.fill(calls(0, 1000))
    process = site.start()
    site.await_end(process)
    site.fill(bad(20000, 100))
    paused(site, 0, process)
    site.stop(process)
    n = sum(sum(r.get("quarantined", {}).values()) for chain in site.receipts().values() for r, _ in chain)
    assert n % 10 == 0 and 40 <= n <= 52, f"{n} were refused before it tripped"
    assert site.committed() == 1000 + n
    site.check(1000, quarantined=n)
    site.close()


def resumes_by_a_mended_source(like=False):
    file = own_policy(lambda t: t.replace("from: /variables/billusec, as: us", "from: /variables/uuid, as: us"))
    if like:
        (file.parent / "ours.yaml").write_text("like: freeswitch-json\n")
    site = Site(partitions=2, affinity="session", policy=file.parents[1], **({"source": "ours"} if like else {}))
    site.fill(calls(0, 2000), 0)
    process = site.start()
    line = paused(site, 0, process)
    assert "reason=poison" in line, line
    assert not site.mine()[0] and not site.dump_mine("winnow.quarantine")
    file.write_text(file.read_text().replace("from: /variables/uuid, as: us", "from: /variables/billusec, as: us"))
    site.await_end(process)
    site.fill(calls(10000, 100), 1)
    site.await_end(process)
    assert "event=source-read" in site.log(process) and "event=resumed" in site.log(process)
    site.stop(process)
    site.check(2100)
    site.close()
    shutil.rmtree(file.parents[2])


def resumes_where_the_source_is_mended_that_it_is_like():
    resumes_by_a_mended_source(like=True)


def takes_a_changed_source_between_two_transactions():
    """A receipt names one source; what can't be taken is refused, said, and the source stays as it was."""
    file = own_policy()
    site = Site(policy=file.parents[1])
    before = file.read_text()
    site.fill(calls(0, 50))
    process = site.start()
    site.await_end(process)
    for text, reason, words in ((before.replace("format: json", "format: jsn"), "config", "freeswitch-json.yaml:2: format"),
                                (before.replace("duplicate_key: [node, /variables/uuid]", "duplicate_key: [node, /variables/uuid, called]"),
                                 "rule-changed", "duplicate rule")):
        file.write_text(text)
        await_true(lambda: f"event=source-refused source=freeswitch-json reason={reason}" in site.log(process), process=process)
        assert 'refused="' in site.status() and words in site.status(), site.status()
        site.fill(calls(100 * len(site.sent), 10))
        site.await_end(process)
    file.write_text(before)
    await_true(lambda: 'refused="' not in site.status(), process=process)
    assert site.log(process).count("event=source-refused") == 2, "it was said more than once"
    file.write_text(before + "# mended\n")
    await_true(lambda: "event=source-read" in site.log(process), process=process)
    site.fill(calls(50000, 30))
    site.await_end(process)
    site.stop(process)
    site.check(100)
    chain = [r for r, _ in next(iter(site.receipts().values()))]
    ids = [r["source_id"] for r in chain if r["in"]]
    assert len(set(ids)) == 2 and ids == sorted(ids, key=ids.index), ids
    assert sum(r["in"] for r in chain if r["source_id"] == ids[-1]) == 30, [(r["source_id"][:8], r["in"]) for r in chain]
    site.close()
    shutil.rmtree(file.parents[2])


if __name__ == "__main__":
    sys.exit(kafka.main([pauses_one_partition_and_resumes_by_command, window_goes_on_over_transactions,
                         resumes_by_a_mended_source, resumes_where_the_source_is_mended_that_it_is_like, takes_a_changed_source_between_two_transactions]))
