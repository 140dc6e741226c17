"""A page as a browser meets it, taken as it came: Chromium, in a process of its own, behind the gate.

The browser runs with a fresh profile in a process that is given a folder and a door and nothing else. It
writes down every request and response as it goes, so that what came before a crash or a limit is kept. This
process waits no longer than agreed, ends every process that was started, and makes of what was written
down a WARC and a WACZ. The page is left alone: nothing is clicked, and no consent is given in anyone's name.

What the record is: bodies are those the browser received, after the content encoding was undone (each
record says so); headers are those of the wire but for cookies and credentials, which are never kept; of
HTTP/2 and HTTP/3 the headers are written in the form of HTTP/1.1. What the record is not: WebSockets and
event streams are noted and not kept, and on plain HTTP the gate asks for one response a connection.
"""

from .capturing import capture_page
from .keeping import Captured
from .settings import CHROMIUM, CaptureSettings

__all__ = ["CHROMIUM", "CaptureSettings", "Captured", "capture_page"]
