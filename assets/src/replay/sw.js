// The worker of a replay: that of ReplayWeb.page (wabac.js), shut in. A captured page may hold scripts of anybody's.
// Whatever the worker answers with leaves here with a policy under which nothing but this origin can be reached, and
// without those headers of the captured answer by which a browser connects, reports or leads elsewhere.
const SHUT_IN = [
  "default-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob: mediastream:",
  "connect-src 'self' data: blob:",
  "frame-src 'self' data: blob: about:",
  "worker-src 'self' data: blob:",
  "form-action 'self'",
  "base-uri 'self'",
  "object-src 'none'",
].join("; ");
// What a browser needs to know of an answer; all other headers are left out.
const KEPT = ["accept-ranges", "content-language", "content-length", "content-range", "content-type", "last-modified", "location", "memento-datetime"];
// What the server answers itself: the worker has nothing to say about it.
const OF_THE_SERVER = ["", "index.html", "ui.js", "sw.js", "wabac.js", "page.wacz", "end"];
const NO_BODY = [204, 205, 304];

function sealed(answer) {
  if (answer.status < 200 || answer.status > 599) return Response.error();
  const leads = answer.headers.get("location");
  if (leads !== null && new URL(leads, self.location.href).origin !== self.location.origin) return Response.error();
  const headers = new Headers();
  for (const name of KEPT) {
    const value = answer.headers.get(name);
    if (value !== null) headers.set(name, value);
  }
  headers.set("Content-Security-Policy", SHUT_IN);
  // Chromium from 152 on connects to nothing else, not even to look a name up.
  headers.set("Connection-Allowlist", "(response-origin);redirects=allow");
  headers.set("X-DNS-Prefetch-Control", "off");
  headers.set("X-Content-Type-Options", "nosniff");
  headers.set("Referrer-Policy", "same-origin");
  headers.set("Cache-Control", "no-store");
  const { status, statusText } = answer;
  return new Response(NO_BODY.includes(status) ? null : answer.body, { status, statusText, headers });
}

if (self.FetchEvent) {
  const { respondWith } = FetchEvent.prototype;
  FetchEvent.prototype.respondWith = function (answer) {
    respondWith.call(this, Promise.resolve(answer).then(sealed));
  };
  self.addEventListener("fetch", (event) => {
    const { origin, pathname } = new URL(event.request.url);
    const base = new URL("./", self.location.href).pathname;
    if (origin === self.location.origin && pathname.startsWith(base) && OF_THE_SERVER.includes(pathname.slice(base.length))) {
      event.stopImmediatePropagation();
    }
  });
}
importScripts("./wabac.js");
