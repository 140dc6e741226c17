"""A timestamp authority of one's own: openssl's, behind a small server."""

from __future__ import annotations

import subprocess
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

CONFIG = """
[tsa]
default_tsa = own
[own]
serial = {folder}/serial
crypto_device = builtin
signer_cert = {folder}/signer.pem
signer_key = {folder}/signer.key
signer_digest = sha256
{chain}
default_policy = 1.2.3.4.1
digests = sha256, sha512
accuracy = secs:1
ordering = yes
tsa_name = yes
ess_cert_id_chain = no
ess_cert_id_alg = sha256
"""
PURPOSE = (
    "keyUsage=critical,digitalSignature\nextendedKeyUsage={critical}{purpose}\nbasicConstraints=CA:FALSE\n"
)


def _openssl(*arguments, folder):
    subprocess.run(["openssl", *map(str, arguments)], cwd=folder, check=True, capture_output=True)


def make_authority(folder, *, purpose="timeStamping", critical=True, chain=False):
    """Keys and certificates of an authority in a folder; returns the file of its root."""
    folder.mkdir(parents=True, exist_ok=True)
    new = ("req", "-newkey", "rsa:2048", "-nodes")
    _openssl(
        *new,
        "-x509",
        "-keyout",
        "root.key",
        "-out",
        "root.pem",
        "-subj",
        "/CN=Root",
        "-days",
        "30",
        folder=folder,
    )
    _openssl(*new, "-keyout", "signer.key", "-out", "signer.csr", "-subj", "/CN=Signer", folder=folder)
    said = PURPOSE.format(critical="critical," if critical else "", purpose=purpose)
    (folder / "signer.ext").write_text(said)
    _openssl(
        *("x509", "-req", "-in", "signer.csr", "-CA", "root.pem", "-CAkey", "root.key", "-CAcreateserial"),
        *("-out", "signer.pem", "-days", "30", "-extfile", "signer.ext"),
        folder=folder,
    )
    (folder / "serial").write_text("01\n")
    config = CONFIG.format(folder=folder, chain=f"certs = {folder}/root.pem" if chain else "")
    (folder / "tsa.cnf").write_text(config)
    return folder / "root.pem"


def reply(folder, request: bytes) -> bytes:
    """What the authority in a folder answers."""
    (folder / "request.tsq").write_bytes(request)
    _openssl(
        "ts", "-reply", "-config", "tsa.cnf", "-queryfile", "request.tsq", "-out", "reply.tsr", folder=folder
    )
    answered: bytes = (folder / "reply.tsr").read_bytes()
    return answered


@contextmanager
def served(answer):
    """The address of a server that answers each request with `answer(request) -> (status, bytes)`."""

    class Answering(BaseHTTPRequestHandler):
        def do_POST(self):
            status, content = answer(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/tsa"
    finally:
        server.shutdown()
        server.server_close()
