// A form with `data-draft` is kept while somebody types: every few seconds, on leaving a field and on leaving the page.

const EVERY = 4000;

function keep(form) {
  const said = form.querySelector(".saved");
  if (!said) return;
  let changed = false, sending = false, timer, way;
  // What is recorded is no draft any more: one that is on its way is called back.
  form.addEventListener("submit", () => way?.abort());

  function say(words, failed) {
    said.hidden = false;
    said.textContent = words;
    said.classList.toggle("failed", Boolean(failed));
  }

  async function save(leaving) {
    if (!changed || form.dataset.sent || (sending && !leaving)) return;
    changed = false;
    sending = true;
    const typed = new FormData(form);
    way = new AbortController();
    typed.set("draft_form", form.dataset.draft);
    typed.set("draft_about", form.dataset.about);
    try {
      // A session that ended answers with its log-in page: that is no saved draft.
      const response = await fetch(said.dataset.address, { method: "POST", body: typed, keepalive: Boolean(leaving), redirect: "manual", signal: way.signal });
      if (!response.ok) throw new Error(response.status);
      const { saved_at: at } = await response.json();
      const time = new Date(at).toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit" });
      say(`${said.dataset.saved} · ${time}`);
    } catch {
      changed = true;
      say(said.dataset.failed, true);
    } finally {
      sending = false;
      if (changed) again();
    }
  }

  function again() {
    clearTimeout(timer);
    timer = setTimeout(() => save(false), EVERY);
  }

  function noted() {
    if (!changed) again();
    changed = true;
  }
  form.addEventListener("input", noted);
  form.addEventListener("change", noted);
  form.addEventListener("focusout", () => save(false));
  document.addEventListener("visibilitychange", () => document.visibilityState === "hidden" && save(true));
  window.addEventListener("pagehide", () => save(true));
}

export function keepDrafts() {
  document.querySelectorAll("form[data-draft]").forEach(keep);
}
