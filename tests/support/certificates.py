# SPDX-License-Identifier: Apache-2.0
"""Certificates for brokers and clients of a test, made with openssl and gone with it: in PEM, which Kafka reads, too."""
import pathlib
import subprocess
import time

DAY = 24 * 3600


def openssl(*args, cwd):
    done = subprocess.run(["openssl", *map(str, args)], cwd=cwd, capture_output=True, text=True)
    assert done.returncode == 0, f"openssl {args[0]}: {done.stderr}"


class Authority:
    """Who signs: a folder with `NAME.pem` (its own certificate), and what it signed."""

    def __init__(self, folder, name="ca"):
        self.dir = pathlib.Path(folder)
        self.dir.mkdir(exist_ok=True)
        self.name = name
        self.certificate = self.dir / f"{name}.pem"
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", 2,
                "-subj", f"/CN=winnow test {name}", "-keyout", f"{name}.key", "-out", f"{name}.pem", cwd=self.dir)
        (self.dir / f"{name}.index").write_text("")
        (self.dir / f"{name}.conf").write_text(
            f"[ca]\ndefault_ca=it\n[it]\nnew_certs_dir=.\ndatabase={name}.index\nserial={name}.serial\nunique_subject=no\n"
            "default_md=sha256\npolicy=any\ncopy_extensions=copy\n[any]\ncommonName=supplied\n")

    def sign(self, who, names="IP:127.0.0.1,DNS:localhost", until=DAY, password=None):
        """@return the path of WHO.pem; beside it WHO.key, and WHO.store.pem: key and chain, as Kafka wants them.

        until: seconds from now, negative for a certificate that has expired. password: of the key file.
        """
        at = time.time() + min(until, 0)
        stamp = [time.strftime("%y%m%d%H%M%SZ", time.gmtime(t)) for t in (at - DAY, time.time() + until)]
        openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", f"/CN={who}",
                "-addext", f"subjectAltName={names}", "-keyout", f"{who}.plain", "-out", f"{who}.csr", cwd=self.dir)
        openssl("ca", "-batch", "-config", f"{self.name}.conf", "-rand_serial", "-cert", f"{self.name}.pem", "-keyfile",
                f"{self.name}.key", "-startdate", stamp[0], "-enddate", stamp[1], "-notext", "-in", f"{who}.csr", "-out",
                f"{who}.pem", cwd=self.dir)
        lock = ["-passout", f"pass:{password}"] if password else ["-nocrypt"]
        openssl("pkcs8", "-topk8", *lock, "-in", f"{who}.plain", "-out", f"{who}.key", cwd=self.dir)
        store = (self.dir / f"{who}.plain").read_text() + (self.dir / f"{who}.pem").read_text()
        (self.dir / f"{who}.store.pem").write_text(store)
        return self.dir / f"{who}.pem"
