// Keys, as they are on other desks: j and k move, Enter opens, / finds, y, n and h answer, ? tells them all.
// They are never taken while somebody types, and an officer can turn them off (WCAG 2.1.4).

const typing = (target) => target.closest("input, textarea, select, [contenteditable=true], dialog[open] input") !== null;
const rows = () => [...document.querySelectorAll("[data-row]")].filter((row) => row.offsetParent !== null);

function move(step) {
  const all = rows();
  if (all.length === 0) return;
  const now = all.findIndex((row) => row.classList.contains("here"));
  const next = all[Math.min(all.length - 1, Math.max(0, now === -1 ? (step > 0 ? 0 : all.length - 1) : now + step))];
  all.forEach((row) => row.classList.toggle("here", row === next));
  const link = next.querySelector("a[href], button, input, summary");
  (link ?? next).focus({ preventScroll: true });
  next.scrollIntoView({ block: "nearest" });
}

function open() {
  const here = document.querySelector("[data-row].here");
  here?.querySelector("a[href]")?.click();
}

function press(key) {
  const button = document.querySelector(`[data-key="${CSS.escape(key)}"]`);
  if (!button) return false;
  if (button.matches("input, textarea, select")) button.focus();
  else button.click();
  return true;
}

export function listenToKeys({ find }) {
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === "k") {
      event.preventDefault();
      find();
      return;
    }
    if ((event.ctrlKey || event.metaKey) && event.key === "Enter" && event.target.form) {
      event.preventDefault();
      event.target.form.requestSubmit();
      return;
    }
    if (document.documentElement.dataset.keys === "off") return;
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || document.querySelector("dialog[open]")) return;
    const deeds = { j: () => move(1), k: () => move(-1), "?": () => document.getElementById("keys")?.showModal(), "/": () => document.querySelector(".find input")?.focus() };
    if (press(event.key)) event.preventDefault();
    else if (event.key in deeds) {
      event.preventDefault();
      deeds[event.key]();
    } else if (event.key === "Enter" && event.target === document.body) open();
  });
  document.querySelectorAll("[data-opens]").forEach((button) =>
    button.addEventListener("click", () => document.getElementById(button.dataset.opens)?.showModal()),
  );
  // A menu closes with Escape, and when somebody looks elsewhere.
  document.addEventListener("keydown", (event) => {
    const menu = event.key === "Escape" && event.target.closest?.("details.menu[open]");
    if (menu) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  });
  document.addEventListener("click", (event) => {
    document.querySelectorAll("details.menu[open]").forEach((menu) => {
      if (!menu.contains(event.target)) menu.open = false;
    });
  });
}
