"""A web site on this machine with everything that captures meet: pages, films, walls, and traps.

It keeps what it served, byte by byte, so that a capture can be held against it, and every request, so that
a test can say what was asked of it. `Listener` is a place that nothing may reach.
"""

from __future__ import annotations

import gzip
import io
import socket
import ssl
import struct
import threading
import time
import zlib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Self

# A value that must stand in no byte of any package.
COOKIE = "c00kie-5f0e2d7a91"
# Titles and words that tests look for.
TITLE = "Дев'ятьох полонених розстріляно"
INSERTED = "Ця фраза вставлена сценарієм"
WORDS = (
    "Прокуратура повідомила, що дев'ятьох військовополонених було розстріляно біля села. "
    "На відео видно, як вони виходять із піднятими руками, лягають на землю, а потім їх вбивають. "
    "Омбудсман звернувся до Організації Об'єднаних Націй та Міжнародного комітету Червоного Хреста. "
)


@dataclass(frozen=True)
class Hit:
    """One request as it came."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes = b""


@dataclass
class Answer:
    """What the site says to a request; a callable body writes to the connection itself."""

    body: bytes | Callable[[BaseHTTPRequestHandler], None] = b""
    kind: str = "text/html; charset=utf-8"
    status: int = 200
    headers: list[tuple[str, str]] = field(default_factory=list)
    encoding: str = ""


class Simulator:
    """The site, as a context: `with Simulator() as site: … site.url("/article")`."""

    def __init__(self, *, tls: Path | None = None) -> None:
        self.hits: list[Hit] = []
        self.served: dict[str, bytes] = {}
        self.elsewhere = ""
        site = self

        class Handler(_Handler):
            simulator = site

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._server.block_on_close = False
        self.scheme = "http"
        if tls:
            self.scheme = "https"
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(tls)
            self._server.socket = context.wrap_socket(
                self._server.socket, server_side=True, do_handshake_on_connect=False
            )
        self.port = self._server.server_port
        self.ended = threading.Event()

    def __enter__(self) -> Self:
        threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True
        ).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.ended.set()
        self._server.shutdown()
        self._server.server_close()

    def url(self, path: str, host: str = "127.0.0.1") -> str:
        """The address of a path."""
        return f"{self.scheme}://{host}:{self.port}{path}"

    def paths(self) -> list[str]:
        """The paths that were asked for, in order."""
        return [hit.path for hit in self.hits]


class Listener:
    """A place that nothing may reach: it counts connections and datagrams."""

    def __init__(self) -> None:
        self.reached: list[str] = []
        self._tcp = socket.create_server(("127.0.0.1", 0))
        self.port = self._tcp.getsockname()[1]
        self._udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._udp.bind(("127.0.0.1", self.port))

    def __enter__(self) -> Self:
        for wait in (self._connections, self._datagrams):
            threading.Thread(target=wait, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        for door in (self._tcp, self._udp):
            # waiting ends with the shutdown, not with the closing
            with suppress(OSError):
                door.shutdown(socket.SHUT_RDWR)
            door.close()

    def _connections(self) -> None:
        while True:
            try:
                door, _ = self._tcp.accept()
            except OSError:
                return
            self.reached.append("connection")
            door.close()

    def _datagrams(self) -> None:
        while True:
            try:
                data = self._udp.recv(2048)
            except OSError:
                return
            if not data:
                return
            self.reached.append("datagram")


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    simulator: Simulator
    timeout = 30

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        """Answer what the path says."""
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length)
        self.simulator.hits.append(Hit(self.command, self.path, dict(self.headers), body))
        path = self.path.partition("?")[0]
        page = PAGES.get(path)
        answer = page(self.simulator) if page else Answer(b"nothing here", "text/plain", 404)
        try:
            self._give(path, answer)
        except (OSError, ssl.SSLError):
            self.close_connection = True

    do_POST = do_GET  # noqa: N815  # http.server calls it so
    do_HEAD = do_GET  # noqa: N815

    def _give(self, path: str, answer: Answer) -> None:
        if callable(answer.body):
            self.close_connection = True
            answer.body(self)
            return
        status, body, extra = self._ranged(answer, answer.body)
        if status == answer.status:
            self.simulator.served[path] = body
        sent = _ENCODINGS[answer.encoding](body)
        self.send_response(status)
        self.send_header("Content-Type", answer.kind)
        if answer.encoding:
            self.send_header("Content-Encoding", answer.encoding)
        for name, value in [*answer.headers, *extra]:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(sent)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(sent)

    def _ranged(self, answer: Answer, body: bytes) -> tuple[int, bytes, list[tuple[str, str]]]:
        wanted = self.headers.get("Range", "")
        if not answer.kind.startswith("video/") or not wanted.startswith("bytes="):
            return answer.status, body, []
        first, _, last = wanted.removeprefix("bytes=").partition("-")
        start, end = int(first), int(last) if last else len(body) - 1
        told = ("Content-Range", f"bytes {start}-{end}/{len(body)}")
        return 206, body[start : end + 1], [told, ("Accept-Ranges", "bytes")]


# ---------------------------------------------------------------- bodies


def brotli(body: bytes) -> bytes:
    """A body as Brotli without compressing it (RFC 7932 §9.2: uncompressed meta-blocks)."""
    out = bytearray()
    for at in range(0, len(body), 1 << 16):
        part = body[at : at + (1 << 16)]
        # WBITS (only once), ISLAST 0, MNIBBLES 4, MLEN - 1, ISUNCOMPRESSED 1
        bits = (len(part) - 1) << 3 | 1 << 19 if at else (len(part) - 1) << 4 | 1 << 20
        out += bits.to_bytes(3, "little") + part
    return bytes(out + b"\x03")


_ENCODINGS: dict[str, Callable[[bytes], bytes]] = {
    "": lambda body: body,
    "gzip": gzip.compress,
    "deflate": zlib.compress,
    "br": brotli,
}


@cache
def picture(red: int, green: int, blue: int) -> bytes:
    """A small PNG of one colour."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        checked = kind + content
        return struct.pack(">I", len(content)) + checked + struct.pack(">I", zlib.crc32(checked))

    row = b"\0" + bytes((red, green, blue)) * 40
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", struct.pack(">IIBBBBB", 40, 30, 8, 2, 0, 0, 0))
        + chunk(b"IDAT", zlib.compress(row * 30))
        + chunk(b"IEND", b"")
    )


@cache
def film() -> bytes:
    """Two seconds of film as WebM, made here."""
    import av
    import numpy as np

    out = io.BytesIO()
    with av.open(out, "w", format="webm") as container:
        stream: Any = container.add_stream("libvpx", rate=Fraction(10))
        stream.width, stream.height, stream.pix_fmt = 160, 120, "yuv420p"
        for number in range(20):
            picture = np.full((120, 160, 3), number * 12, np.uint8)
            for packet in stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")):
                container.mux(packet)
        for packet in stream.encode():
            container.mux(packet)
    return out.getvalue()


def html(body: str, *, title: str = TITLE, head: str = "") -> bytes:
    """A page."""
    return (
        f'<!doctype html><html lang="uk"><head><meta charset="utf-8"><title>{title}</title>{head}'
        f"</head><body>{body}</body></html>"
    ).encode()


def page(body: str, *, title: str = TITLE, head: str = "", **others: Any) -> Callable[[Simulator], Answer]:
    """A page that is always the same."""
    return lambda _: Answer(html(body, title=title, head=head), **others)


def given(body: bytes, kind: str, **others: Any) -> Callable[[Simulator], Answer]:
    """A file that is always the same."""
    return lambda _: Answer(body, kind, **others)


def led(path: str, status: int = 302) -> Callable[[Simulator], Answer]:
    """A redirect to another path."""
    return lambda _: Answer(b"", status=status, headers=[("Location", path)])


def _article(_: Simulator) -> Answer:
    body = (
        f'<h1>{TITLE}</h1><p>{WORDS * 3}</p><p id="later"></p>'
        '<img src="/eager.png" width="40" height="30"><video src="/film.webm" muted autoplay></video>'
        '<div style="height:4000px"></div><img src="/lazy.png" loading="lazy" width="40" height="30">'
        '<div style="height:500px"></div><iframe src="/frame" width="200" height="60"></iframe>'
    )
    head = '<link rel="stylesheet" href="/style.css"><script src="/script.js" defer></script>'
    cookies = [("Set-Cookie", f"session={COOKIE}; Path=/"), ("Set-Cookie", f"second={COOKIE}2; HttpOnly")]
    return Answer(html(body, head=head), headers=[*cookies, ("X-Twice", "a"), ("X-Twice", "b")])


_SCRIPT = b"""
fetch('/words.json', {credentials: 'include'}).then(each => each.json()).then(each => {
  document.getElementById('later').textContent = each.words;
});
fetch('/taken', {method: 'POST', body: 'posted by the page'});
"""


def _endless(handler: BaseHTTPRequestHandler) -> None:
    _open(handler, "text/html; charset=utf-8")
    handler.wfile.write(html(f"<p>{WORDS}</p>")[:-14])
    while not _over(handler):
        handler.wfile.write(b"<p>" + b"and on " * 9_000 + b"</p>")


def _huge(handler: BaseHTTPRequestHandler) -> None:
    _open(handler, "image/png")
    while not _over(handler):
        handler.wfile.write(bytes(65_536))


def _huge_film(handler: BaseHTTPRequestHandler) -> None:
    _open(handler, "video/webm")
    if handler.command != "HEAD":
        handler.wfile.write(film())
        while not _over(handler):
            handler.wfile.write(bytes(65_536))


def _bomb(handler: BaseHTTPRequestHandler) -> None:
    """A few hundred kilobytes that unpack to hundreds of megabytes."""
    _open(handler, "application/json", ("Content-Encoding", "gzip"))
    squeeze = zlib.compressobj(9, zlib.DEFLATED, zlib.MAX_WBITS | 16)
    for _ in range(400):
        handler.wfile.write(squeeze.compress(bytes(1 << 20)))
    handler.wfile.write(squeeze.flush())


def _drip(handler: BaseHTTPRequestHandler) -> None:
    _open(handler, "text/html; charset=utf-8")
    for byte in html(f"<p>{WORDS * 20}</p>"):
        if _over(handler):
            return
        handler.wfile.write(bytes([byte]))
        time.sleep(0.05)


def _silent(handler: BaseHTTPRequestHandler) -> None:
    while not _over(handler):
        time.sleep(0.05)


def _events(handler: BaseHTTPRequestHandler) -> None:
    _open(handler, "text/event-stream")
    while not _over(handler):
        handler.wfile.write(b"data: tick\n\n")
        time.sleep(0.1)


def _broken(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Type", "image/png")
    handler.send_header("Content-Length", "5000")
    handler.end_headers()
    handler.wfile.write(picture(9, 9, 9))


def _open(handler: BaseHTTPRequestHandler, kind: str, *headers: tuple[str, str]) -> None:
    handler.send_response(200)
    handler.send_header("Content-Type", kind)
    for name, value in headers:
        handler.send_header(name, value)
    handler.send_header("Connection", "close")
    handler.end_headers()


def _over(handler: BaseHTTPRequestHandler) -> bool:
    return bool(getattr(handler, "simulator").ended.is_set())  # noqa: B009  # the handler's own


def _reaching(site: Simulator) -> Answer:
    """A page that tries every way to a place that it may not reach."""
    there = site.elsewhere
    ways = f"""
    <p>{WORDS}</p><img src="http://{there}/img"><iframe src="http://{there}/frame"></iframe>
    <link rel="dns-prefetch" href="//{there}"><link rel="preconnect" href="http://{there}">
    <link rel="prefetch" href="http://{there}/prefetch"><link rel="stylesheet" href="http://{there}/css">
    <script>
    const there = {there!r};
    fetch('http://' + there + '/fetch', {{mode: 'no-cors'}}).catch(() => 0);
    navigator.sendBeacon('http://' + there + '/beacon', 'x');
    try {{ new WebSocket('ws://' + there + '/socket'); }} catch (error) {{}}
    try {{ new EventSource('http://' + there + '/events'); }} catch (error) {{}}
    try {{
      const peer = new RTCPeerConnection({{iceServers: [{{urls: 'stun:' + there}},
        {{urls: 'turn:' + there + '?transport=tcp', username: 'a', credential: 'b'}}]}});
      peer.createDataChannel('x');
      peer.createOffer().then(offer => peer.setLocalDescription(offer));
    }} catch (error) {{}}
    const work = "fetch('http://{there}/worker').catch(() => 0)";
    const worker = new Worker(URL.createObjectURL(new Blob([work])));
    window.open('http://' + there + '/popup');
    </script>"""
    return Answer(html(ways))


def _elsewhere(site: Simulator) -> Answer:
    return Answer(b"", status=302, headers=[("Location", f"http://{site.elsewhere}/")])


_LOGIN = page(
    '<form><p>Log in to continue</p><input name="user"><input type="password" name="word"></form>',
    title="Log in",
)

PAGES: dict[str, Callable[[Simulator], Answer]] = {
    "/article": _article,
    "/style.css": given(
        b"h1 { color: rgb(120, 0, 0); } body { font-family: sans-serif; }", "text/css", encoding="gzip"
    ),
    "/script.js": given(_SCRIPT, "text/javascript", encoding="br"),
    "/words.json": given(
        f'{{"words": "{INSERTED}"}}'.encode(),
        "application/json",
        headers=[("Set-Cookie", f"third={COOKIE}3")],
    ),
    "/taken": given(b"ok", "text/plain"),
    "/eager.png": given(picture(200, 0, 0), "image/png"),
    "/lazy.png": given(picture(0, 0, 200), "image/png"),
    "/film.webm": lambda _: Answer(film(), "video/webm"),
    "/film-post": page(
        f'<p>{WORDS}</p><video src="/film.webm"></video>',
        headers=[("Set-Cookie", f"session={COOKIE}; Path=/")],
    ),
    "/huge-film": lambda _: Answer(_huge_film),
    "/frame": page("<p>A frame</p>", encoding="deflate"),
    "/first": led("/second", 301),
    "/second": led("/third"),
    "/third": led("/article", 307),
    "/to-login": led("/login?next=article"),
    "/login": _LOGIN,
    "/soft-404": page("<p>Сторінку не знайдено</p>", title="Сайт"),
    "/challenge": page(
        "<p>Checking your browser before accessing the site. Ray ID: 1</p>", title="Just a moment..."
    ),
    "/gone": page("<p>Not Found</p>", status=404),
    "/cyrillic": lambda _: Answer(
        "<html><head><title>Розстріл</title></head><body><p>".encode("cp1251")
        + WORDS.encode("cp1251")
        + b"</p></body></html>",
        "text/html; charset=windows-1251",
    ),
    "/endless": lambda _: Answer(_endless),
    "/huge": lambda _: Answer(_huge),
    "/with-huge": page(f'<p>{WORDS}</p><img src="/huge">'),
    "/bomb": lambda _: Answer(_bomb),
    "/with-bomb": page(f"<p>{WORDS}</p><script>fetch('/bomb')</script>"),
    "/drip": lambda _: Answer(_drip),
    "/silent": lambda _: Answer(_silent),
    "/events": lambda _: Answer(_events),
    "/with-events": page(f"<p>{WORDS}</p><script>new EventSource('/events')</script>"),
    "/with-silence": page(f'<p>{WORDS}</p><img src="/silent">'),
    "/with-broken": page(f'<p>{WORDS}</p><img src="/broken">'),
    "/broken": lambda _: Answer(_broken),
    "/restless": page(
        f"<p>{WORDS}</p><script>setInterval(() => fetch('/words.json?' + Math.random()), 20)</script>"
    ),
    "/many": page(f"<p>{WORDS}</p>" + "".join(f'<img src="/eager.png?{number}">' for number in range(300))),
    "/alerts": page(f"<p>{WORDS}</p><script>for (;;) alert('again')</script>"),
    "/one-alert": page(f"<p>{WORDS}</p><script>alert('once')</script>"),
    "/loop": page(f"<p>{WORDS}</p><script>setTimeout(() => {{ for (;;) {{}} }}, 200)</script>"),
    "/popup": page(f"<p>{WORDS}</p><script>window.open('/opened')</script>"),
    "/opened": page("<p>Opened</p>"),
    "/leaving": page(f"<p>{WORDS}</p><script>setTimeout(() => location = '/article', 100)</script>"),
    "/tall": page(f'<p>{WORDS}</p><div style="height:90000px;background:linear-gradient(red,blue)"></div>'),
    "/download": given(
        b"PK\x03\x04" + bytes(5_000),
        "application/zip",
        headers=[("Content-Disposition", "attachment; filename=a.zip")],
    ),
    "/document.pdf": given(b"%PDF-1.4\n%%EOF\n" + bytes(900), "application/pdf"),
    "/wrong-type": page(f'<p>{WORDS}</p><img src="/picture-as-text"><script src="/html-as-script"></script>'),
    "/picture-as-text": given(picture(7, 8, 9), "text/plain"),
    "/html-as-script": given(b"<p>no script</p>", "text/html"),
    "/reaching": _reaching,
    "/elsewhere": _elsewhere,
}


def certificate(folder: Path, host: str = "127.0.0.1") -> Path:
    """A certificate that nobody trusts, with its key, for a site with TLS."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "simulator")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=30))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(host))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = folder / "site.pem"
    path.write_bytes(
        made.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return path
