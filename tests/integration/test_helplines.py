#!/usr/bin/env python3
"""No helpline gets out: each number of the shipped list is put, in every spelling, into every field of every source that there is, as its golden
inputs have them; then every output of every purpose (of a policy whose insight draws numbers in every way, and needs no consent), receipts, envelopes,
logs, messages and file names are searched for it. With another list the same search must find them. And: an event is the same whatever the list is."""
import csv
import io
import json
import os
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "support"))
import canary  # noqa: E402
import winnow as w  # noqa: E402

BASES = 2   # Golden records of a source that are changed.
TRIED = 15  # Among how many they are looked for.
HEX = {"record_id", "session", "subscriber", "key_id", "input", "device", "called_pseudonym", "calling_pseudonym", "forwarding_pseudonym"}
# What keeps a bare short code: an account is whatever the operator calls its customers. A node is a switch's own name; a network's code is
# five or six digits that stand for a country and a network.
KEEPS_CODES = {"account"}
KEEPS_ALL = {"node", "visited_network"}
# Where a short code with text around it is an operator's label: `trunk-113`.
LABELS = {"trunk", "apn", "charging_characteristics"}


def helplines():
    """@return the digits of the shipped list: E.164 numbers, short codes."""
    with open(w.SOURCE / "schemas/lists/helplines.csv", encoding="utf-8") as file:
        numbers = [row["number"].replace("x", "9") for row in csv.DictReader(file)]
    return [n[1:] for n in numbers if n.startswith("+")], [n for n in numbers if not n.startswith("+")]


def spellings(numbers, codes):
    for digits in numbers:
        national = digits[2:]
        yield from (f"+{digits}", digits, f"00{digits}", f"0{national}", f"0{national[:3]}-{national[3:]}", f"1601 0{national}",
                    f"sip:+{digits}@ims.example", f"tel:+{digits};npdi", f"0{national}99", national, f"*31*0{national}", f"cust-0{national}")
    for code in codes:
        yield from (code, f"+31{code}", f"0031{code}", f"1601{code}", f"{code}#", f"sip:{code}@ims.example", f"sms {code}", f"31{code}")


# ---- Records of each format, as (names of fields, what sets one).

class Json:
    """A JSON text; its fields are its scalars."""

    def __init__(self, value, path=()):
        self.value = value

    @staticmethod
    def cut(raw):
        decoder, text, at = json.JSONDecoder(), raw.decode("utf-8", "replace"), 0
        while at < len(text):
            at += len(text[at:]) - len(text[at:].lstrip())
            try:
                value, at = decoder.raw_decode(text, at)
                if isinstance(value, (dict, list)):
                    yield Json(value)
            except ValueError:
                at = text.find("\n", at) + 1 or len(text)

    def fields(self):
        def walk(value, path):
            if isinstance(value, (dict, list)):
                for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
                    yield from walk(inner, path + (key,))
            elif not isinstance(value, bool) and value is not None:
                yield path
        return list(walk(self.value, ()))

    @staticmethod
    def name(path):
        names = [key for key in path if isinstance(key, str) and key not in ("value", "type", "name")]
        return names[-1] if names else ""

    def get(self, path):
        value = self.value
        for key in path:
            value = value[key]
        return str(value)

    def with_(self, changes):
        copy = json.loads(json.dumps(self.value))
        for path, text in changes.items():
            inner = copy
            for key in path[:-1]:
                inner = inner[key]
            inner[path[-1]] = text
        return Json(copy)

    def dump(self):
        return json.dumps(self.value) + "\n"


class Detail:
    """A record of a detail file; its fields are its attributes."""

    def __init__(self, head, lines):
        self.head, self.lines = head, lines

    @staticmethod
    def cut(raw):
        for text in re.split(r"\n\s*\n", raw.decode("latin-1")):
            lines = text.strip("\n").split("\n")
            if len(lines) > 1 and all(" = " in line for line in lines[1:]):
                yield Detail(lines[0], [tuple(line.strip().split(" = ", 1)) for line in lines[1:]])

    def fields(self):
        return list(range(len(self.lines)))

    def name(self, field):
        return self.lines[field][0]

    def get(self, field):
        return self.lines[field][1].strip('"')

    def with_(self, changes):
        return Detail(self.head, [(name, f'"{changes[i]}"' if i in changes else value) for i, (name, value) in enumerate(self.lines)])

    def dump(self):
        return self.head + "\n" + "".join(f"\t{name} = {value}\n" for name, value in self.lines) + "\n"


class Csv:
    """A row; its fields are its cells."""
    delimiter, names, quoted = ",", [], True

    def __init__(self, cells, style):
        self.cells, self.style = cells, style

    def fields(self):
        return list(range(len(self.cells)))

    def name(self, field):
        return self.style["names"][field] if field < len(self.style["names"]) else ""

    def get(self, field):
        return self.cells[field]

    def with_(self, changes):
        return Csv([changes.get(i, cell) for i, cell in enumerate(self.cells)], self.style)

    def dump(self):
        out = io.StringIO()
        if self.style["quote"]:
            csv.writer(out, delimiter=self.style["delimiter"], lineterminator="\n").writerow(self.cells)
        else:
            out.write(self.style["delimiter"].join(self.cells) + "\n")
        return out.getvalue()


class Ber:
    """A charging record; its fields are its primitive elements, each in the coding of an address, of one with its length, or as text."""
    made = 0

    def __init__(self, tree):
        self.tree = tree

    @staticmethod
    def parse(raw):
        """@return [identifier octets, content: bytes or elements] of each element; the corpus has definite lengths."""
        elements, at = [], 0
        while at < len(raw):
            begin, at = at, at + 1
            if raw[begin] & 0x1F == 0x1F:
                while raw[at] & 0x80:
                    at += 1
                at += 1
            tag, length, at = raw[begin:at], raw[at], at + 1
            if length & 0x80:
                more = length & 0x7F
                length, at = int.from_bytes(raw[at:at + more], "big"), at + more
            content, at = raw[at:at + length], at + length
            elements.append([tag, Ber.parse(content) if tag[0] & 0x20 else content])
        return elements

    @staticmethod
    def cut(raw):
        for element in Ber.parse(raw):
            yield Ber(element)

    def fields(self):
        def walk(element, path):
            if isinstance(element[1], list):
                for i, inner in enumerate(element[1]):
                    yield from walk(inner, path + (i,))
            else:
                yield path
        return list(walk(self.tree, ()))

    @staticmethod
    def name(_):
        return ""

    @staticmethod
    def code(text, turn):
        dialled = re.sub(r"[^0-9*#]", "", text)
        nibbles = [int(c, 16) for c in dialled.replace("*", "a").replace("#", "b")]
        nibbles += [15] * (len(nibbles) % 2)
        coded = bytes([0x91 if text.startswith("+") else 0x81]) + bytes(nibbles[i] | nibbles[i + 1] << 4 for i in range(0, len(nibbles), 2))
        return (coded, bytes([len(dialled)]) + coded, text.encode())[turn % 3]

    def with_(self, changes):
        """A copy that is another subscriber's, so another event."""
        Ber.made += 1
        imsi = "20498" + str(Ber.made).rjust(10, "0") + "f"
        tbcd = bytes(int(imsi[i + 1], 16) << 4 | int(imsi[i], 16) for i in range(0, 16, 2))
        def copy(element, path):
            if path in changes:
                return [element[0], self.code(changes[path], sum(path) + Ber.made)]
            if isinstance(element[1], list):
                return [element[0], [copy(inner, path + (i,)) for i, inner in enumerate(element[1])]]
            if re.fullmatch(b"(?:imsi-)?20498[0-9]{10}", element[1]):
                return [element[0], b"imsi-" + imsi[:15].encode()]
            return [element[0], tbcd if len(element[1]) == 8 and element[1][:2] == b"\x02\x94" else element[1]]
        return Ber(copy(self.tree, ()))

    def dump(self):
        def encode(element):
            content = b"".join(map(encode, element[1])) if isinstance(element[1], list) else element[1]
            n = len(content)
            return element[0] + (bytes([n]) if n < 128 else b"\x82" + n.to_bytes(2, "big")) + content
        return encode(self.tree).decode("latin-1")


CORPUS = {"3gpp-ps": ["pgw"], "3gpp-cs": ["mo-call", "mt-call", "mo-sms", "roaming"], "3gpp-chf": ["chf"]}


def corpus_of(name):
    """@return the first records of each kind that the source reads, by turns."""
    kinds = [list(Ber.cut((w.SOURCE / f"tests/data/3gpp/{kind}.ber").read_bytes()))[:TRIED] for kind in CORPUS[name]]
    return [record for turn in zip(*kinds) for record in turn]


def read_csv(text, raw):
    """@return header lines, rows."""
    delimiter = re.search(r'delimiter: *"?(.)"?', text)
    names = None if re.search("columns: *header", text) else re.search(r"columns: *\[([^\]]*)\]", text)
    style = {"delimiter": delimiter.group(1) if delimiter else ",", "quote": "quote: none" not in text,
             "names": [n.strip() for n in names.group(1).split(",")] if names else []}
    lines = raw.decode("latin-1").splitlines(keepends=True)
    head = []
    if not names:
        while lines and len(style["names"]) == 0:  # Lines before the names tell of the file.
            cells = next(csv.reader([lines[0].rstrip("\n")], delimiter=style["delimiter"]), [])
            style["names"] = cells if sum(("/" + cell).lower() in text.lower() for cell in cells if cell) > 2 else []
            head.append(lines.pop(0))
        while lines and re.search("INTEGER|VARCHAR", lines[0]):
            head.append(lines.pop(0))
    rows = []
    for line in lines:
        cells = next(csv.reader([line], delimiter=style["delimiter"], strict=False), [])
        if len(cells) == len(style["names"]):
            rows.append(Csv(cells, style))
    return "".join(head), rows


class Source:
    """A source and what its golden inputs hold."""

    def __init__(self, path):
        self.name = path.stem
        self.text = path.read_text(encoding="utf-8")
        like = re.search(r"^like: *([\w-]+)", self.text, re.M)
        self.is_variant = like is not None
        if like:  # What it says itself comes first.
            self.text += path.with_name(like.group(1) + ".yaml").read_text(encoding="utf-8")
        self.format = re.search(r"^format: *(\w+)", self.text, re.M).group(1)
        self.head, self.records = "", []
        if self.format == "ber":  # What makes another event of a record is in each copy.
            self.key, self.bases, self.records = set(), BASES * len(CORPUS[self.name]), corpus_of(self.name)
            return
        key = re.search(r"^duplicate_key: *\[([^\]]*)\]", self.text, re.M).group(1)
        self.key = {part.strip().split("/")[-1] for part in key.split(",") if "/" in part}
        self.bases = BASES if "as: number" in self.text and not self.is_variant else 1
        golden = w.SOURCE / "tests/golden"
        for raw in sorted((golden / self.name).glob("*.raw")) or sorted((golden / (like.group(1) if like else "")).glob("*.raw")):
            if self.format == "csv":
                head, records = read_csv(self.text, raw.read_bytes())
                self.records += records if head == (self.head or head) else []
                self.head = self.head or head
            else:
                self.records += list({"json": Json, "detail": Detail}[self.format].cut(raw.read_bytes()))

    def is_mapped(self, record, field):
        name = record.name(field)
        return name == "" or re.search(r"(?<![\w-])" + re.escape(name) + r"(?![\w-])", self.text, re.I) is not None

    def is_key(self, record, field):
        """Whether changing the field makes another event of a record, and no other caller."""
        if re.search(r"/%s\b.*as: number" % re.escape(record.name(field)), self.text):
            return False
        return record.name(field).lower() in {name.lower() for name in self.key}

    def variants(self, record, texts):
        """Yield the record with each text in each field, as a new event each time."""
        mapped = [f for f in record.fields() if self.is_mapped(record, f)]
        others = [f for f in record.fields() if not self.is_mapped(record, f)]
        keys = [f for f in record.fields() if self.is_key(record, f) and not re.search("time|stamp|epoch|method|sip_code", record.name(f), re.I)]
        for n, text in enumerate(texts):
            for field in mapped + [None]:
                changes = {f: f"{record.get(f)}{n}{mapped.index(field) if field is not None else 'o'}" for f in keys}
                changes.update({field: text} if field is not None else {f: text for f in others})
                yield record.with_(changes)


def policy_of(folder):
    """The shipped policy; insight needs no consent and draws every number in every way."""
    def draw(text):
        for name in ("called", "calling", "forwarding"):
            ways = ", ".join('{"as": "%s%s", "do": "%s"}' % (name, suffix, do) for suffix, do in (
                ("", "keep"), ("_begins", "digits(7)"), ("_country", "country"), ("_destination", "destination"), ("_pseudonym", "pseudonym")))
            text = re.sub(r'("name": "%s".*?"kind": "number",)' % name, lambda m: m.group(1) + f' "insight": [{ways}],', text, count=1, flags=re.S)
        return re.sub(r'("kind": "account",)', r'\1 "insight": "keep",', text, count=1)
    return w.make_policy(folder, basis="contract", change={"call.avsc": draw})


def walk(value, name=""):
    """Yield (field, text) of all texts in a usage record."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from walk(inner, key)
    elif isinstance(value, list):
        for inner in value:
            yield from walk(inner, name)
    elif isinstance(value, str):
        yield name, value


def shown(records, numbers, codes):
    """@return the fields of usage records in which a helpline can be read."""
    found = set()
    for record in records:
        for field, text in walk(record):
            if field in HEX:
                continue
            if field not in KEEPS_ALL and any(n.encode().hex() in text.lower() for n in numbers):
                found.add(field)  # Octets that are no text.
            for digits in re.findall(r"\d+", re.sub(r"(?<=\d)[ ()./-]+(?=\d)", "", text)):
                whole = any(digits.startswith((n, "0" + n[2:])) for n in numbers)
                bare = digits in codes or any(digits in ("31" + c, n[2:]) for c in codes for n in numbers)
                bare = bare and (field not in LABELS or re.fullmatch(r"[\d #*().+/-]+", text))
                if field not in KEEPS_ALL and (whole or (bare and field not in KEEPS_CODES)):
                    found.add(field)
    return found


class Bench:
    """A folder with keys, policy and lists, where sources are sifted."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.policy = policy_of(self.folder / "policy")
        self.keys = w.make_keys(self.folder, self.policy)
        self.bases = {}
        self.other = self.folder / "other.csv"
        self.other.write_text("number,country,class,source\n+31800999999,NL,freephone,a test\n")

    def config(self, lists=""):
        path = self.folder / "winnow.yaml"
        path.write_text("site: {country: 31, zone: Europe/Amsterdam}\nlimits: {poison: {share: 100%, least: 10000}}\n" + lists)
        return path

    def sift(self, source, out, raw, lists="", *more):
        path = self.folder / (out + ".raw")
        path.write_bytes(raw if isinstance(raw, bytes) else raw.encode("utf-8" if source.format == "json" else "latin-1"))
        done = w.winnow("sift", "--config", self.config(lists), "--policy", self.policy, "--keys", self.keys, "--source", source.name,
                        "--out", self.folder / out, *more, path)
        return self.folder / out, (done.stdout + done.stderr).encode()


def usage(out):
    return w.cat(*sorted(out.glob("usage.*/*.avro")))


def bases_of(bench, source):
    """@return golden records that pass, one by one."""
    if source.name not in bench.bases:
        bases = []
        for i, record in enumerate(source.records[:TRIED]):
            if len(bases) < source.bases and usage(bench.sift(source, f"{source.name}-{i}", source.head + record.dump())[0]):
                bases.append(record)
        bench.bases[source.name] = bases
    return bench.bases[source.name]


def every_field(bench, source, found):
    numbers, codes = helplines()
    texts = list(spellings(numbers, codes))
    if source.is_variant:  # Its columns stand elsewhere, and the rest is the other source's.
        texts = texts[::7]
    bases = bases_of(bench, source)
    if not bases:
        if source.name != "kamailio-acc":  # It gives nothing out.
            found.append(f"{source.name}: no golden record passes; the search would mean nothing")
        bases = source.records[:BASES]
    if not bases:
        found.append(f"{source.name}: no golden input, so nothing can be put into its fields")
        return
    raw = source.head + "".join(v.dump() for base in bases for v in source.variants(base, texts))
    out, said = bench.sift(source, f"{source.name}-on", raw)
    records = usage(out)
    for field in sorted(shown(records, numbers, codes)):
        found.append(f"{source.name}: a helpline stands in {field}")
    listed = bench.folder / f"{source.name}-on.list"
    listed.write_text(w.winnow("quarantine", "list", out).stdout)
    places = canary.places_of(out, lambda p: w.winnow("cat", p).stdout)
    places |= {"messages": said, "quarantine list": listed.read_bytes()}
    found += [f"{source.name}: {line}" for line in canary.search(
        places, {f"number {i}": n for i, n in enumerate(numbers)}, lambda place, name, encoding: "usage" in place and encoding.lower().startswith(("clear", "hex")))]

    off, _ = bench.sift(source, f"{source.name}-off", raw, f"lists: {{helplines: {bench.other}}}\n")
    without = usage(off)
    has_numbers = re.search("as: number", source.text)
    if has_numbers and bases and without and not shown(without, numbers, codes):
        found.append(f"{source.name}: with another list nothing is found either: the search means nothing")
    ids = [sorted((r["origin"]["offset"], r["record_id"]) for r in side if "record_id" in r) for side in (records, without)]
    if ids[0] != ids[1]:
        found.append(f"{source.name}: the list changes which records pass, or what they are")
    if has_numbers and len(records) < len(codes) and without:
        found.append(f"{source.name}: only {len(records)} records passed")


def coarse(bench, source, found):
    """A helpline looks as another number of its class does, but for its digits."""
    bases = bases_of(bench, source)
    base = bases[0]
    field = next(f for f in base.fields() if base.name(f) == "destination_number")

    def out_of(name, text, lists=""):
        out, _ = bench.sift(source, name, base.with_({field: text}).dump(), lists)
        return {**w.usage(out, "billing", "call")[0], **w.usage(out, "insight", "call")[0]}, out

    other, _ = out_of("coarse-other", "+31800123456789"[:13])
    for n, text in enumerate(("0800-0113", "113", "+31116123", "116000", "0800 7000")):
        record, _ = out_of(f"coarse-{n}", text)
        for member in ("called_class", "called_destination", "called_country", "destination"):
            if record.get(member) != other.get(member):
                found.append(f"coarse: {member} tells a helpline from another freephone number")
        if record["called"] is not None or record["called_pseudonym"] is not None or record["called_begins"] is not None or not record["called_shielded"]:
            found.append("coarse: something of the number is left")

    out = bench.sift(source, "filtered", base.with_({field: "113"}).dump(), "lists: {helplines: {free: filter}}\n")[0]
    if w.total(out, "filtered", "helpline") != 1 or usage(out):
        found.append("free: filter lets a call to a free helpline out")
    out = bench.sift(source, "not-filtered", base.with_({field: "0900-0767"}).dump(), "lists: {helplines: {free: filter}}\n")[0]
    if w.total(out, "filtered", "helpline") != 0 or len(w.usage(out, "billing", "call")) != 1:
        found.append("free: filter drops a call that its caller pays")


def age_and_absence(bench, source, found):
    """Too old: every number is its class, and all goes on. Not there: no start."""
    bases = bases_of(bench, source)
    raw = bases[0].dump()
    old = bench.folder / "old.csv"
    old.write_bytes(bench.other.read_bytes())
    os.utime(old, (1700000000, 1700000000))
    lists = f"lists: {{helplines: {{file: {old}, limit: 30d}}}}\n"
    now = "2026-11-01T00:00:00Z"
    out, said = bench.sift(source, "too-old", raw, lists, "--as-of", now)
    receipt = w.receipts(out)[0]
    records = w.usage(out, "billing", "call")
    if receipt["masked"] != {"list-too-old": len(records)} or not records or any(r["called"] or r["calling"] for r in records):
        found.append("a list that is too old does not mask numbers, or is not counted")
    if b"list-too-old" not in said:
        found.append("a list that is too old is not said")
    if len(receipt["lists"]["helplines"]) != 1 or len(receipt["lists"]["helplines"][0]) != 64:
        found.append("the receipt does not name the list's version")
    out, _ = bench.sift(source, "no-clock", raw, lists)
    if w.receipts(out)[0]["masked"] != {}:
        found.append("without a clock a list is too old")

    for name, text in (("gone", None), ("broken", "number,country,class,source\nKANARIE42,NL,freephone,KANARIE43\n")):
        path = bench.folder / f"{name}.csv"
        if text:
            path.write_text(text)
        config = bench.config(f"lists: {{helplines: {path}}}\n")
        done = w.winnow("sift", "--config", config, "--policy", bench.policy, "--keys", bench.keys, "--source", source.name, "--out",
                        bench.folder / name, bench.folder / "too-old.raw", status=2)
        check = w.winnow("lists", "check", "--config", config, "--policy", bench.policy, status=2)
        as_json = w.winnow("lists", "check", "--config", config, "--policy", bench.policy, "--json", status=2)
        if f"{name}.csv" not in done.stderr or (bench.folder / name).exists():
            found.append(f"a list that is {name} does not stop a start, or is not named")
        if any("KANARIE" in x for p in (done, check, as_json) for x in (p.stdout, p.stderr)):
            found.append(f"a list that is {name}: its content is printed")


def check_command(bench, found):
    """`lists check`: the shipped list is fine; what nobody can dial, and what is too old, are findings."""
    done = w.winnow("lists", "check", "--policy", w.SOURCE / "schemas", "--json")
    report = json.loads(done.stdout)
    if report["findings"] or report["faults"] or report["lists"][0]["rows"] < 15:
        found.append("lists check: the shipped list has faults or findings")
    odd = bench.folder / "odd.csv"
    odd.write_text("number,country,class,source\n113,NL,freephone,KANARIE44\n+3180000111,NL,freephone,b\n")
    os.utime(odd, (1700000000, 1700000000))
    config = bench.config(f"lists: {{helplines: {{file: {odd}, limit: 30d}}}}\n")
    done = w.winnow("lists", "check", "--config", config, status=1)
    for part in ("odd.csv:3: number: no number of the plan", "odd.csv: is older than its limit of 30 days", "2 findings"):
        if part not in done.stdout:
            found.append(f"lists check: does not say '{part}'")
    if "KANARIE" in done.stdout + done.stderr or "80000111" in done.stdout + done.stderr:
        found.append("lists check: prints what stands in a list")
    for wrong in ((), ("check", "more"), ("apply",)):
        w.winnow("lists", *wrong, status=2)


def main():
    found = []
    with w.scratch() as folder:
        bench = Bench(folder)
        sources = [Source(p) for p in sorted((w.SOURCE / "schemas/sources").glob("*.yaml"))]
        for source in sources:
            every_field(bench, source, found)
        freeswitch = next(s for s in sources if s.name == "freeswitch-json")
        coarse(bench, freeswitch, found)
        age_and_absence(bench, freeswitch, found)
        check_command(bench, found)
    print("\n".join(found) or f"{len(sources)} sources: no helpline in any output")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
