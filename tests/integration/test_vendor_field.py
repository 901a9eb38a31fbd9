#!/usr/bin/env python3
"""An operator's field: a vendor's extension of a charging record, by its object identifier and by a private tag, becomes a
field of usage records by YAML and a policy line, without C; unknown words of it are refused by name."""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "support"))
import winnow as w  # noqa: E402

FIELD = '''  {"name": "product", "type": ["null", "string"], "doc": "Product, as the gateway's vendor names it.",
   "winnow": {"kind": "token", "billing": "keep"}},
  {"name": "imei",'''
OID = bytes.fromhex("2b0601040181fd5806")  # 1.3.6.1.4.1.32472.6: of the range kept for documentation.


def tlv(tag, content):
    return bytes.fromhex(tag) + (bytes([len(content)]) if len(content) < 128 else bytes([0x81, len(content)])) + content


def pgw(extra):
    parts = tlv("80", b"\x55") + tlv("83", bytes.fromhex("02940800001032f4")) + tlv("a4", tlv("80", bytes([192, 0, 2, 1]))) \
        + tlv("85", b"\x07") + tlv("8d", bytes.fromhex("2610241200002b0200")) + tlv("8e", b"\x3c") + tlv("8f", b"\x00") \
        + tlv("92", b"pgw-1") + extra
    return tlv("bf4f", parts)


def main():
    with w.scratch() as folder:
        folder = pathlib.Path(folder)
        policy = w.make_policy(folder / "policy", change={"session.avsc": lambda t: t.replace('  {"name": "imei",', FIELD)})
        shipped = (policy / "sources/3gpp-ps.yaml").read_text()
        entry = "      - {field: product, from: [/recordExtensions/1.3.6.1.4.1.32472.6/information/universal.4:text, /private.7:text]}\n"
        at = shipped.index("      - {field: apn,")
        (policy / "sources/our-pgw.yaml").write_text(shipped[:at] + entry + shipped[at:])
        keys = w.make_keys(folder, policy=policy)
        extension = tlv("b3", tlv("30", tlv("06", OID) + tlv("a2", tlv("04", b"gold-5G"))))
        other = tlv("b3", tlv("30", tlv("06", OID[:-1] + b"\x07") + tlv("a2", tlv("04", b"not-this"))))
        (folder / "in").write_bytes(pgw(extension) + pgw(tlv("c7", b"silver")).replace(b"\x85\x01\x07", b"\x85\x01\x08")
                                    + pgw(other).replace(b"\x85\x01\x07", b"\x85\x01\x09"))
        w.sift(folder / "out", "our-pgw", [folder / "in"], keys, policy=policy)
        got = [r["product"] for r in sorted(w.usage(folder / "out", "billing", "session"), key=lambda r: r["origin"]["offset"])]
        ok = got == ["gold-5G", "silver", None]
        def container(octets):
            return tlv("bf22", tlv("30", tlv("81", b"\x01") + tlv("88", bytes.fromhex(octets)) + tlv("8c", b"\x05")))

        # A bit of a BIT STRING: tariffTimeSwitch is the fourth; the other container has another one.
        (folder / "bits").write_bytes(pgw(container("021000000000")) + pgw(container("020800000000")).replace(b"\x85\x01\x07", b"\x85\x01\x08"))
        w.sift(folder / "out-bits", "our-pgw", [folder / "bits"], keys, policy=policy)
        bits = [r["usage"][0]["tariff_switch"] for r in
                sorted(w.usage(folder / "out-bits", "billing", "session"), key=lambda r: r["origin"]["offset"])]
        (policy / "sources/covered.yaml").write_text("like: our-pgw\nrecords: {pGWRecord: covered}\n")
        covered = w.sift(folder / "out-covered", "covered", [folder / "bits"], keys, policy=policy)
        ok = ok and bits == [True, False] and covered["filtered"] == {"covered": 2}
        print("ok" if ok else f"failed: {got} {bits} {covered}")
        return 0 if ok else 1


if __name__ == "__main__":
    sys.exit(main())
