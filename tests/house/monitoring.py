#!/usr/bin/env python3
"""Alarms and dashboard speak of what there is: every metric and label that they name is in the table of metrics, every alarm says
what to do; and promtool takes the rules, where it is installed."""
import json
import pathlib
import re
import shutil
import subprocess
import sys

winnow, top = sys.argv[1], pathlib.Path(sys.argv[2])
rules = top / "contrib" / "prometheus" / "winnow.rules.yaml"
dashboard = top / "contrib" / "grafana" / "winnow.json"
found = []

manual = subprocess.run([winnow, "help", "--metrics"], capture_output=True, text=True, check=True).stdout
table = {name: set(re.findall(r"\w+", labels)) | {"worker", "instance", "job"}
         for name, labels in re.findall(r"(?m)^\| `(winnow_\w+)` \| \w+ \| ([^|]*) \|", manual)}


def check(where, text):
    """Each metric that a query names is there, and so are the labels that are chosen by."""
    for name, labels in re.findall(r"\b(winnow_[a-z_]+)(\{[^}]*\})?", text):
        if name not in table:
            found.append(f"{where}: {name} is no metric of winnow")
            continue
        for label in re.findall(r"(\w+)\s*(?:=~|!~|!=|=)", labels):
            if label not in table[name]:
                found.append(f"{where}: {name} has no label {label}")


text = rules.read_text()
alerts = re.split(r"(?m)^ +- alert: ", text)[1:]
for alert in alerts:
    name = alert.split("\n", 1)[0]
    expr = re.search(r"(?s)expr: (.*?)\n +(?:for|labels):", alert)
    if not expr:
        found.append(f"{rules.name}: {name} has no expr")
        continue
    check(f"{rules.name}: {name}", expr[1])
    for needed in ("severity: page", "severity: ticket"), ("summary: ",), ("action: ",):
        if not any(word in alert for word in needed):
            found.append(f"{rules.name}: {name} has no {needed[0]}")
if len(alerts) < 10:
    found.append(f"{rules.name}: only {len(alerts)} alarms were found in it")

board = json.loads(dashboard.read_text())
ids = [panel["id"] for panel in board["panels"]]
queries = [(panel["title"], target["expr"]) for panel in board["panels"] for target in panel["targets"]]
if len(set(ids)) != len(ids) or len(queries) < 10:
    found.append(f"{dashboard.name}: panels share an id, or are missing")
for title, expr in queries:
    check(f"{dashboard.name}: {title}", expr)
for variable in board["templating"]["list"]:
    check(f"{dashboard.name}: {variable['name']}", str(variable["query"]))

promtool = shutil.which("promtool")
if promtool:
    done = subprocess.run([promtool, "check", "rules", str(rules)], capture_output=True, text=True)
    if done.returncode != 0:
        found.append(done.stdout + done.stderr)
print("\n".join(found) or f"ok, {'with' if promtool else 'without'} promtool")
sys.exit(1 if found else 0)
