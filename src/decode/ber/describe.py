#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Make the C table of table.h from the description in ts32298/: describe.py OUT.c FILE.yaml…

The files are YAML, but only of the shape that ts32298/README.md shows, so three kinds of lines are all there is to read."""
import re
import sys

FORMS = {"integer": "INTEGER", "unsigned": "UNSIGNED", "boolean": "BOOLEAN", "null": "NULL", "octets": "OCTETS", "text": "TEXT",
         "bits": "BITS", "oid": "OID", "tbcd": "TBCD", "timestamp": "TIMESTAMP", "time-zone": "MS_TIME_ZONE", "address": "ADDRESS",
         "directory": "DIRECTORY", "sms-address": "SMS_ADDRESS", "ip": "IP", "plmn": "PLMN"}
FATES = ("billed", "covered", "trunk", "not-usage", "unsupported-record-type")
CONTEXT = 2
UNIVERSAL = {"integer": 2, "unsigned": 2, "boolean": 1, "null": 5, "octets": 4, "bits": 3, "oid": 6, "text": 0, "ip": 0}


def fail(place, text):
    sys.exit(f"{place}: {text}")


def read(path, out):
    """Adds a file's lines to `out`: section → name → [(place, key, text)]; `records` have no level below."""
    section = name = None
    with open(path, encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            place = f"{path}:{number}"
            line = line.rstrip("\n")
            if not line or line.startswith("#"):
                continue
            match = re.fullmatch(r"( *)([A-Za-z0-9-]+):(?: (.*))?", line)
            if not match:
                fail(place, "not `key: text`")
            depth, key, text = len(match[1]), match[2], match[3] or ""
            if depth == 0 and key in out:
                section, name = key, None
            elif depth == 2 and section == "records":
                out[section].setdefault(key, []).append((place, key, text))
            elif depth == 2 and section:
                if any(key in out[s] for s in ("sets", "choices", "enums")):
                    fail(place, f"{key} is described twice")
                name = key
                out[section][name] = []
            elif depth == 4 and name:
                out[section][name].append((place, key, text))
            else:
                fail(place, "belongs to nothing")


class Table:
    """Rows of the C table, in the order of their numbers."""

    def __init__(self, described):
        self.described, self.types, self.fields, self.words, self.numbers = described, [], [], [], {}
        for word, form in FORMS.items():
            self.add_type(word, "VALUE", form=form, universal=UNIVERSAL.get(word, 4))

    def add_type(self, word, what, form="TEXT", universal=0, of=0, first=0, count=0):
        self.numbers[word] = len(self.types)
        self.types.append([word, what, form, universal, of, first, count])
        return self.numbers[word]

    def number(self, place, word):
        """The number of a type, which is added where it is met first."""
        if word in self.numbers:
            return self.numbers[word]
        if word.startswith("list "):
            number = self.add_type(word, "LIST")
            self.types[number][4] = self.number(place, word[5:])
        elif word in self.described["enums"]:
            number = self.enumeration(word)
        elif word in self.described["sets"]:
            number = self.group(word, "GROUP", self.described["sets"][word])
        elif word in self.described["choices"]:
            number = self.group(word, "CHOICE", self.described["choices"][word])
        else:
            fail(place, f"no type {word}")
        return number

    def enumeration(self, word):
        rows = sorted((int(key), text) for _, key, text in self.described["enums"][word])
        first = len(self.words)
        self.words += rows
        return self.add_type(word, "VALUE", "ENUM", 10, first=first, count=len(rows))

    def group(self, word, what, rows):
        number = self.add_type(word, what)
        fields, names = {}, set()
        for place, key, text in rows:
            match = re.fullmatch(r"(u?)(\d+)", key)
            name, _, of = text.partition(" ")
            if not match or not of:
                fail(place, "not `tag: name type`")
            tag = (0 if match[1] else CONTEXT) << 28 | int(match[2])
            if tag in fields or name in names:
                fail(place, f"the tag or name is in {word} twice")
            names.add(name)
            fields[tag] = (name, self.number(place, of))
        self.types[number][5:] = len(self.fields), len(fields)
        self.fields += [(tag, *fields[tag]) for tag in sorted(fields)]
        return number

    def records(self):
        out, seen = [], set()
        for rows in self.described["records"].values():
            for place, name, text in rows:
                words = text.split()
                if len(words) not in (3, 4) or words[2] not in FATES:
                    fail(place, f"not `name: tag recordType fate [fields]`; fates are {', '.join(FATES)}")
                fields = self.number(place, words[3]) if len(words) == 4 else 0
                out.append((int(words[0]), int(words[1]), name, words[2], fields))
        for tag, kind, name, *_ in out:
            if (tag, kind) in seen and name != "eCSCFRecord":
                fail("records", f"the pair {tag}, {kind} is there twice")
            seen.add((tag, kind))
        return sorted(out)


def write(path, table):
    records = table.records()
    with open(path, "w", encoding="utf-8") as out:
        out.write("// Made by describe.py of src/decode/ber/ts32298.\n\n#include \"table.h\"\n\n")
        out.write("const struct wn_ber_type wn_ber_types[] = {\n")
        for word, what, form, universal, of, first, count in table.types:
            out.write(f"    {{ \"{word}\", WN_BER_{what}, WN_FORM_{form}, {universal}, {of}, {first}, {count} }},\n")
        out.write("};\nconst struct wn_ber_field wn_ber_fields[] = {\n")
        for tag, name, of in table.fields:
            out.write(f"    {{ {tag:#x}, {of}, {len(name)}, \"{name}\" }},\n")
        out.write("};\nconst struct wn_ber_word wn_ber_words[] = {\n")
        for number, word in table.words:
            out.write(f"    {{ {number}, \"{word}\" }},\n")
        out.write("};\nconst struct wn_ber_record wn_ber_records[] = {\n")
        for tag, kind, name, fate, fields in records:
            outcome = "NULL" if fate == "billed" else f'"{fate}"'
            out.write(f"    {{ {{ \"{name}\", {outcome} }}, {tag}, {kind}, {fields} }},\n")
        out.write(f"}};\nconst unsigned wn_ber_n_records = {len(records)};\n")
        out.write(f"const unsigned wn_ber_n_fields = {len(table.fields)};\n")


def main():
    described = {"records": {}, "sets": {}, "choices": {}, "enums": {}}
    for path in sys.argv[2:]:
        read(path, described)
    table = Table(described)
    table.records()
    write(sys.argv[1], table)


if __name__ == "__main__":
    main()
