"""Markers of personal data, and the search for them in everything that winnow wrote.

A marker is searched for in eight encodings: clear, reversed, TBCD, base64 at three offsets, hexadecimal, URL, UTF-16 (both
orders), and unkeyed MD5, SHA-1 and SHA-256, raw and in hexadecimal.
"""
import base64
import hashlib
import pathlib
import urllib.parse


def encodings(marker):
    """@return {name: bytes} of a marker given as bytes."""
    forms = {"clear": marker, "reversed": marker[::-1], "hex": marker.hex().encode(), "HEX": marker.hex().upper().encode()}
    text = marker.decode("latin-1")
    for offset in range(3):
        # What does not depend on the neighbours: whole groups of three octets.
        padded = base64.b64encode(b"\0" * offset + marker)
        inner = padded[4 if offset else 0:len(padded) - 4]
        if len(inner) >= 8:
            forms[f"base64+{offset}"] = inner
    url = urllib.parse.quote(text, safe="").encode()
    if url != marker:
        forms["url"] = url
    forms["utf-16le"] = text.encode("utf-16-le")
    forms["utf-16be"] = text.encode("utf-16-be")
    if marker.isdigit():
        digits = text + ("f" if len(text) % 2 else "")
        forms["tbcd"] = bytes(int(digits[i + 1] + digits[i], 16) for i in range(0, len(digits), 2))
    for name in ("md5", "sha1", "sha256"):
        digest = hashlib.new(name, marker)
        forms[name] = digest.digest()
        forms[name + "-hex"] = digest.hexdigest().encode()
    return forms


def search(places, markers, allowed=None):
    """Look for markers in places.

    @param places   {name: bytes}: outputs, logs, file names…
    @param markers  {name: bytes or str}
    @param allowed  function (place, marker name, encoding) -> bool: where the policy lets it stand.
    @return sentences, one a finding; none names a marker's value.
    """
    found = []
    for name, marker in markers.items():
        marker = marker.encode() if isinstance(marker, str) else marker
        for encoding, form in encodings(marker).items():
            for place, data in places.items():
                if form in data and not (allowed and allowed(place, name, encoding)):
                    found.append(f"{place}: marker of {name}, {encoding}")
    return found


def places_of(folder, winnow_cat):
    """Every file below a folder, its name, and containers unpacked. @param winnow_cat  paths -> text"""
    places = {}
    folder = pathlib.Path(folder)
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        name = str(path.relative_to(folder))
        places[name] = path.read_bytes()
        places[name + " (its name)"] = name.encode()
        if path.suffix in (".avro", ".json"):
            places[name + " (cat)"] = winnow_cat(path).encode()
    return places
