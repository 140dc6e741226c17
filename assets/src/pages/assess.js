// The form of an assessment: what was typed is kept as a draft while somebody works, and the reason for another
// tier than the proposed one is asked for as soon as it is chosen.

const form = document.querySelector("form[data-draft]");

if (form) {
  const told = form.querySelector("[data-draft-told]");
  const wait = 1500;
  let timer, sending = false, again = false, sent = new URLSearchParams(new FormData(form)).toString();

  const save = async () => {
    if (form.dataset.sent) return;
    if (sending) {
      again = true;
      return;
    }
    const fields = new FormData(form);
    const now = new URLSearchParams(fields).toString();
    if (now === sent) return;
    sending = true;
    fields.set("deed", "draft");
    try {
      const answer = await fetch(form.dataset.draft, { method: "POST", body: fields, headers: { Accept: "application/json" }, redirect: "error" });
      if (!answer.ok) throw new Error(String(answer.status));
      sent = now;
      told.textContent = form.dataset.saved;
    } catch {
      told.textContent = form.dataset.unsaved;
    }
    sending = false;
    if (again) {
      again = false;
      save();
    }
  };
  const later = () => {
    clearTimeout(timer);
    timer = setTimeout(save, wait);
  };
  // Claims are ticked beside their accounts, outside of the form they belong to.
  document.addEventListener("input", (event) => event.target.form === form && later());
  document.addEventListener("change", (event) => event.target.form === form && later());
  document.addEventListener("visibilitychange", () => document.visibilityState === "hidden" && save());

  const tier = form.querySelector("select[name=tier]");
  const reason = form.querySelector("[data-tier-reason]");
  const follow = () => reason?.classList.toggle("wanted", tier.value !== reason.dataset.tierReason);
  tier?.addEventListener("change", follow);
  follow();
}
