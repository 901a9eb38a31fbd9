#!/usr/bin/env python3
"""`lists: {portability: FILE}`: billing's records say whose network the number called was of at the time of the call, whatever it is now; nothing
else does. Receipts name the list's version; a list that is wrong is refused by line, without what stands in it."""
import hashlib
import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "support"))
import winnow as w  # noqa: E402

SOURCE = """
format: json
type: call
clock: {zone: UTC}
node: {value: n1}
fields:
  - {field: service, value: voice}
  - {field: direction, value: originating}
  - {field: start, from: /start, as: epoch_s}
  - {field: duration, value: 60000}
  - {field: called, from: /called}
  - {field: calling, from: /calling}
subscriber: [{kind: number, from: calling}]
required: [/id]
duplicate_key: [node, /id]
content: [start]
"""
PORTED = 1793520000  # 2026-11-01T08:00:00Z
LIST = ("first,last,network,since,until\n+31970,,KANARIE-block,,\n"
        "+31970123456,,KANARIE-north,2026-11-01T08:00:00Z,\n")


def main():
    found = []
    with w.scratch() as folder:
        folder = pathlib.Path(folder)
        keys = w.make_keys(folder)
        raw, ports, config = folder / "raw", folder / "ports.csv", folder / "winnow.yaml"
        policy = w.make_policy(folder / "policy")
        (policy / "sources/ports.yaml").write_text(SOURCE)
        ports.write_text(LIST)
        config.write_text(f"policy: {policy}\nsite: {{country: 31}}\nlimits: {{lateness: 400d}}\nlists: {{portability: {ports}}}\n")
        calls = [("+31970123456", PORTED - 1), ("0970123456", PORTED), ("0970123457", PORTED), ("0201234567", PORTED), ("0800-0113", PORTED)]
        raw.write_text("".join(json.dumps({"id": f"c{i}", "start": start, "called": called, "calling": "+31970000001"}) + "\n"
                               for i, (called, start) in enumerate(calls)))
        w.sift(folder / "out", "ports", [raw], keys, config=config, policy=policy)
        told = [record["destination_network"] for record in w.usage(folder / "out", "billing", "call")]
        wanted = ["KANARIE-block", "KANARIE-north", "KANARIE-block", None, None]
        if sorted(map(str, told)) != sorted(map(str, wanted)):
            found.append(f"networks: {told}")
        receipt = w.receipts(folder / "out")[0]
        if receipt["lists"].get("portability") != [hashlib.sha256(LIST.encode()).hexdigest()]:
            found.append(f"receipt: {receipt['lists']}")
        if "KANARIE" in json.dumps(receipt):
            found.append("a receipt holds a name of the list")

        done = w.winnow("lists", "check", "--config", config)
        if "portability: " not in done.stdout or "2 ranges of 2 networks" not in done.stdout or "KANARIE" in done.stdout:
            found.append(f"lists check: {done.stdout}")
        ports.write_text(LIST + "+31970123,+31970223,KANARIE-x,,\n+31970200,+31970300,KANARIE-y,,\n")
        for command in (("lists", "check", "--config", config), ("check", "--config", config, "--policy", policy),
                        ("sift", "--config", config, "--policy", policy, "--source", "ports", "--keys", keys, "--out", folder / "none", raw)):
            done = w.winnow(*command, status=2)
            if "ports.csv:5: first: the range lies across that of line 4" not in done.stderr + done.stdout or "KANARIE" in done.stderr + done.stdout:
                found.append(f"{command[0]}: {done.stderr}")
    print("\n".join(map(str, found)) or "whose network a number was of: known, and only to billing")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
