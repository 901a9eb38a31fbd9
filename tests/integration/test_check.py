#!/usr/bin/env python3
"""`winnow check`: every fault of config, policy, sources, lists, consent file and keys, all at once with file and line; what
people forget as warnings; and what the policy gives to whom."""
import datetime
import json
import os
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "support"))
import winnow as w  # noqa: E402

found = []


def check(name, good, more=""):
    if not good:
        found.append(f"{name}: {more}" if more else name)


def run(*args, status=None):
    done = w.winnow("check", *args, status=status)
    return done


GOOD_SOURCE = """format: json
type: call
affinity: node
node: {from: /n, or: unknown}
fields:
  - {field: service, value: voice}
  - {field: start, from: /start, as: epoch_s}
  - {field: end, from: /end, as: epoch_s}
  - {field: duration, from: end, minus: start}
  - {field: cause, from: /cause, as: freeswitch_cause}
subscriber:
  - {kind: account, from: /account}
required: [/id]
duplicate_key: [node, /id]
content: [start]
session_key: []
filter:
  - {rule: attempt, when: {field: start, present: false}}
"""
CONFIG = """site: {country: 31, home: ["204-98"], zone: Europe/Amsterdam}
policy: policy
keys: {dir: keys}
consent: consent.csv
lists: {helplines: {file: helplines.csv, limit: 400d}}
kafka: {bootstrap.servers: "127.0.0.1:9"}
inputs:
  - {topic: raw.a, source: good}
run: {state: state}
"""
CONSENT = "kind,identifier,purpose,from,to\n"


def site(folder, **change):
    """A site where all is right, and what is changed of it: file -> function of its text, or a text."""
    folder = pathlib.Path(folder)
    folder.mkdir()
    w.make_policy(folder / "policy")
    for source in (folder / "policy/sources").glob("*.yaml"):
        source.unlink()
    w.winnow("keys", "init", "--keys", folder / "keys", "--policy", folder / "policy")
    (folder / "keys.officer.key").unlink()
    (folder / "elsewhere").mkdir()
    (folder / "keys.kek").rename(folder / "elsewhere/kek")
    files = {"winnow.yaml": CONFIG.replace("{dir: keys}", "{dir: keys, kek: elsewhere/kek}"), "consent.csv": CONSENT,
             "helplines.csv": (w.SOURCE / "schemas/lists/helplines.csv").read_text(), "policy/sources/good.yaml": GOOD_SOURCE}
    for file in (folder / "policy").glob("*.avsc"):
        files[f"policy/{file.name}"] = file.read_text()
    for file, edit in change.items():
        file = file.replace("__", "/").replace("_dot_", ".")
        text = edit(files.get(file, "")) if callable(edit) else edit
        if text == files.get(file):
            raise AssertionError(f"{file}: nothing was changed")
        files[file] = text
    for file, text in files.items():
        (folder / file).write_text(text)
    return folder


def swap(old, new):
    return lambda text: text.replace(old, new, 1)


def run_month():
    """@return this month, as keys are named."""
    return datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m")


def clean(scratch):
    folder = site(scratch / "clean")
    done = run("--config", folder / "winnow.yaml", status=0)
    check("a site without a fault", done.stdout.endswith("\n0 faults, 0 warnings.\n") and not done.stderr, done.stdout[:600] + done.stderr)
    for part in ("whole number, where it may show", "legal basis", "good: call, by ", "for 1 input",
                 "  fills (line):  service (6), start (7), end (8), duration (9), cause (10), subscriber (12)",
                 "  by default:    final, incomplete, utc_offset, direction", "  never fills:   account, sequence, billable"):
        check(f"the effect has {part!r}", part in done.stdout, done.stdout[-900:])
    report = json.loads(run("--config", folder / "winnow.yaml", "--json", status=0).stdout)
    check("as JSON", report["faults"] == [] and report["warnings"] == [] and report["sources"][0]["fills"][0] == {"field": "service", "line": 6}
          and "sequence" in report["sources"][0]["never"] and report["policy"]["types"][0]["type"] == "call", report["warnings"])
    (folder / "policy/sources/alike.yaml").write_text("like: good\nnode: {value: other}\n")
    (folder / "winnow.yaml").write_text((folder / "winnow.yaml").read_text().replace("source: good", "source: alike"))
    done = run("--config", folder / "winnow.yaml", status=0)
    check("lines of a source that another is like", "  fills (line):  service (good:6), start (good:7)" in done.stdout, done.stdout[-900:])
    fills = json.loads(run("--config", folder / "winnow.yaml", "--json", status=0).stdout)["sources"][0]["fills"]
    check("the same as JSON", fills[0]["line"] == 6 and fills[0]["file"].endswith("sources/good.yaml"), fills[0])
    w.winnow("keys", "destroy", "insight", run_month(), "--yes", "--keys", folder / "keys", "--kek", folder / "elsewhere/kek")
    done = run("--config", folder / "winnow.yaml", status=0)
    check("a key of this month that is not there", f"there is no key of purpose 'insight', period {run_month().replace('-', '')}" in done.stdout, done.stdout[:500])
    (folder / "elsewhere/kek").rename(folder / "keys.kek")
    (folder / "winnow.yaml").write_text(CONFIG)
    done = run("--config", folder / "winnow.yaml", status=0)
    check("the key that wraps the keys, beside them", "the key-encryption key lies beside the keys" in done.stdout and "2 warnings." in done.stdout, done.stdout[:600])
    done = run("--policy", w.SOURCE / "schemas", status=0)
    check("the shipped policy and every source of its folder", all(
        f"\n{p.stem}: " in done.stdout for p in (w.SOURCE / "schemas/sources").glob("*.yaml")) and "0 faults" in done.stdout, done.stdout[:800])


def everything_at_once(scratch):
    """One fault in each thing: each is said in one go, with its place."""
    folder = site(
        scratch / "all",
        winnow_dot_yaml=lambda t: t.replace("country: 31", "country: x") .replace("run: {state: state}", "run: {state: state, workers: 0}\nrnu: {}")
        .replace("inputs:\n", "inputs:\n  - {topic: raw.b, source: none-such}\n  - {topic: raw.c, source: broken}\n  - {topic: raw.d, source: lost}\n  - {topic: raw.e, source: found}\n"),
        policy__session_dot_avsc=swap('"kind": "imei"', '"kind": "imey"'),
        policy__sources__broken_dot_yaml=GOOD_SOURCE.replace("as: epoch_s}", "as: epoch}", 1).replace("required: [/id]", "required: /id"),
        policy__sources__lost_dot_yaml=GOOD_SOURCE.replace("type: call", "type: session"),
        policy__sources__found_dot_yaml="like: lost\nduplicate_key: [/id]\n",
        helplines_dot_csv=lambda t: t + "+316\n",
        consent_dot_csv=CONSENT + "imsi,20498KANARIE,insight,2026-01-01T00:00:00Z,\n",
    )
    key = sorted((folder / "keys").glob("insight-*.key"))[0]
    os.chmod(key, 0o600)
    key.unlink()
    done = run("--config", folder / "winnow.yaml")
    expected = [
        "winnow.yaml:1: site.country: not a country code", "winnow.yaml:13: run.workers: ", "winnow.yaml:14: there is no 'rnu'; did you mean 'run'?",
        "session.avsc: field 'imei'", "policy/sources/broken.yaml:7: as: there is no conversion 'epoch'",
        "policy/sources/broken.yaml:13: required: a list is expected here", "winnow.yaml:8: inputs: there is no source none-such",
        "helplines.csv:", "consent.csv:2", f"keys: the key of purpose 'insight', period {key.stem.split('-', 1)[1].replace('-', '')}, is missing",
        "lost.yaml: is not looked at: its record type has faults", "found.yaml: is not looked at: its record type has faults",
    ]
    for part in expected:
        check(f"all at once: {part!r}", part in done.stdout, done.stdout[:3000])
    check("all at once: status", done.returncode == 2, done.returncode)
    check("all at once: a right source is shown", "\ngood: call, by " in done.stdout)
    check("all at once: no identifier", "KANARIE" not in done.stdout + done.stderr)
    report = json.loads(run("--config", folder / "winnow.yaml", "--json").stdout)
    check("all at once: as JSON", len(report["faults"]) == len(expected) - 2 and report["policy"] is None, report["faults"])


# name, changes, what is said, exit status.
ROWS = [
    ("no own networks", {"winnow_dot_yaml": swap(', home: ["204-98"]', "")}, "site.home: no own networks", 0),
    ("no zone", {"winnow_dot_yaml": swap(", zone: Europe/Amsterdam", "")}, "site.zone: none is named", 0),
    ("no consent file", {"winnow_dot_yaml": swap("consent: consent.csv\n", "")}, "consent: no file is named", 0),
    ("a list without a limit", {"winnow_dot_yaml": swap(", limit: 400d", "")}, "lists.helplines.limit: is not set", 0),
    ("no state folder", {"winnow_dot_yaml": swap("run: {state: state}\n", "")}, "run.state: no folder is named", 0),
    ("affinity none", {"policy__sources__good_dot_yaml": swap("affinity: node\n", "")}, "winnow.yaml:8: inputs: affinity is none", 0),
    ("an input that knows better", {"winnow_dot_yaml": swap("source: good}", "source: good, affinity: none}")}, "winnow.yaml:8: inputs: affinity is none", 0),
    ("no brokers", {"winnow_dot_yaml": swap('kafka: {bootstrap.servers: "127.0.0.1:9"}\n', "")}, "kafka: bootstrap.servers is missing", 2),
    ("a topic's name that is too long", {"winnow_dot_yaml": swap("raw.a", "a" * 240)}, "winnow.yaml:8: inputs: the name of its state topic", 2),
    ("no keys", {"winnow_dot_yaml": swap("keys: {dir: keys, kek: elsewhere/kek}\n", "")}, "keys.dir: is missing", 2),
    ("keys that are not there", {"winnow_dot_yaml": swap("dir: keys,", "dir: nokeys,")}, "nokeys", 1),
    ("a register inside the keys folder", {"winnow_dot_yaml": swap("kek: elsewhere/kek", "kek: elsewhere/kek, register: keys/register")}, "keys/register", 1),
    ("the officer's key beside the keys", {"keys_dot_officer_dot_key": "x"}, "the officer's private key", 0),
    ("a node that is a constant", {"policy__sources__good_dot_yaml": swap("{from: /n, or: unknown}", "{value: a}")}, "good.yaml:4: node: is a constant", 0),
    ("a key without the node", {"policy__sources__good_dot_yaml": swap("[node, /id]", "[/id]")}, "good.yaml:14: duplicate_key: `node` is not in it", 0),
    ("a key that may be empty", {"policy__sources__good_dot_yaml": swap("required: [/id]\n", "")}, "good.yaml:13: duplicate_key: no part of it is in every record", 0),
    ("no content", {"policy__sources__good_dot_yaml": swap("content: [start]\n", "")}, "content: is empty", 0),
    ("no filter", {"policy__sources__good_dot_yaml": lambda t: t[:t.index("filter:")]}, "filter: there is none", 0),
    ("no subscriber", {"policy__sources__good_dot_yaml": swap("subscriber:\n  - {kind: account, from: /account}\n", "")}, "subscriber: is missing", 2),
    ("no duplicate key", {"policy__sources__good_dot_yaml": swap("duplicate_key: [node, /id]\n", "")}, "duplicate_key: is missing", 2),
    ("no node", {"policy__sources__good_dot_yaml": swap("node: {from: /n, or: unknown}\n", "")}, "node: is missing", 2),
    ("a config that is no YAML", {"winnow_dot_yaml": "site: ["}, "winnow.yaml:", 2),
    ("a policy without a type", {"policy__call_dot_avsc": "{", "policy__session_dot_avsc": "["}, "call.avsc", 2),
]


def rows(scratch):
    for i, (name, change, part, status) in enumerate(ROWS):
        folder = site(scratch / f"row{i}", **change)
        done = run("--config", folder / "winnow.yaml")
        check(name, part in done.stdout and done.returncode == status, (done.returncode, done.stdout[:700], done.stderr[:300]))


def billed_twice(scratch):
    """A gateway and the charging function both billed, or a node that the gateway covers: said of inputs, with both lines; once one of
    them is covered, and of sources that no input names, nothing is."""
    def warned(name, inputs, **sources):
        folder = site(scratch / name, winnow_dot_yaml=swap("  - {topic: raw.a, source: good}\n",
                                                           "".join(f"  - {{topic: raw.{i}, source: {s}, affinity: session}}\n" for i, s in enumerate(inputs))),
                      **{f"policy__sources__{n.replace('_', '-')}_dot_yaml": text for n, text in sources.items()},
                      **{f"policy__sources__{n}_dot_yaml": (w.SOURCE / f"schemas/sources/{n}.yaml").read_text() for n in ("3gpp-ps", "3gpp-chf")})
        report = json.loads(run("--config", folder / "winnow.yaml", "--json").stdout)
        check(name, not report["faults"], report["faults"])
        return [line.partition("winnow.yaml:")[2] for line in report["warnings"] if "billed twice" in line]

    both = warned("twice", ["3gpp-ps", "3gpp-chf"])
    check("twice", len(both) == 1 and both[0].startswith("9: inputs: 3gpp-chf bills chargingFunctionRecord, and 3gpp-ps (line 8) pGWRecord: "), both)
    covered = warned("covered", ["ours", "3gpp-chf"], ours="like: 3gpp-ps\nrecords: {pGWRecord: covered, egsnPDPRecord: covered, ggsnPDPRecord: covered}\n")
    check("covered", not covered, covered)
    served = warned("served", ["ours"], ours="like: 3gpp-ps\nrecords: {sGWRecord: billed}\n")
    check("served", len(served) == 1 and "8: inputs: ours bills sGWRecord, and ours (line 8) pGWRecord" in served[0], served)
    alone = warned("alone", ["3gpp-chf"])
    check("alone", not alone, alone)


def command_line(scratch):
    for args, part in ((("--connect",), "--connect needs --config F"), (("x",), "no operands are expected"), (("--nonsense",), "no option")):
        done = run(*args)
        check(f"{args}", done.returncode == 2 and part in done.stderr and not done.stdout, done.stderr)
    done = run("--policy", scratch / "gone")
    check("a policy that is not there", done.returncode == 2 and "gone" in done.stdout, done.stdout[:500])
    done = run("--config", scratch / "gone.yaml")
    check("a config that is not there", done.returncode == 2 and "gone.yaml" in done.stdout, done.stdout[:500])


if __name__ == "__main__":
    with w.scratch() as scratch_folder:
        scratch_folder = pathlib.Path(scratch_folder)
        clean(scratch_folder)
        everything_at_once(scratch_folder)
        rows(scratch_folder)
        billed_twice(scratch_folder)
        command_line(scratch_folder)
    print("\n".join(found) or "ok")
    sys.exit(1 if found else 0)
