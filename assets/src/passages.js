// Passages of an item are chosen, and their place goes into the field that is being filled.

let group, from, to;

const passagesOf = (list) => [...list.querySelectorAll("li")];

function placeOf() {
  if (!from) return "";
  const list = from.closest("ol");
  const all = passagesOf(list);
  const [first, last] = [all.indexOf(from), all.indexOf(to)].sort((a, b) => a - b).map((number) => all[number]);
  const text = list.dataset.texts > 1 && list.dataset.text !== "1" ? `text ${list.dataset.text} ` : "";
  if (first === last) return text + first.dataset.place;
  if ("moment" in first.dataset && "moment" in last.dataset) {
    return `${text}${first.dataset.place.split("-")[0]}-${last.dataset.place.split("-").at(-1)}`;
  }
  return `${text}¶${first.dataset.number}-${last.dataset.number}`;
}

function show(button) {
  const place = placeOf();
  document.querySelectorAll(".passages li").forEach((item) => {
    const all = passagesOf(item.closest("ol"));
    const [low, high] = from && item.closest("ol") === from.closest("ol") ? [all.indexOf(from), all.indexOf(to)].sort((a, b) => a - b) : [1, 0];
    const chosen = all.indexOf(item) >= low && all.indexOf(item) <= high;
    item.setAttribute("aria-selected", String(chosen));
    item.tabIndex = from ? (item === to ? 0 : -1) : all[0] === item ? 0 : -1;
  });
  document.querySelectorAll(".group").forEach((each) => each.classList.toggle("active", each === group));
  const name = group?.querySelector("legend")?.textContent;
  button.disabled = !(place && name);
  if (!button.disabled) button.textContent = button.dataset.words.replace("PLACE", place).replace("FIELD", name);
}

function put(button) {
  const field = group?.querySelector("input.where");
  const place = placeOf();
  if (!field || !place) return;
  field.value = place;
  field.dispatchEvent(new Event("input", { bubbles: true }));
  show(button);
  const first = group.querySelector("input:not(.where), select, textarea");
  (first ?? field).focus();
}

function choose(item, more) {
  if (!more || !from || from.closest("ol") !== item.closest("ol")) from = item;
  to = item;
}

// Words marked with the mouse mean the passages in which they lie.
function marked(list) {
  const selection = document.getSelection();
  if (!selection || selection.isCollapsed) return;
  const ends = [selection.anchorNode, selection.focusNode].map((node) => (node?.nodeType === Node.TEXT_NODE ? node.parentElement : node)?.closest?.("li"));
  if (ends.every((end) => end && list.contains(end))) [from, to] = ends;
}

function listen(list, button) {
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-multiselectable", "true");
  passagesOf(list).forEach((item) => item.setAttribute("role", "option"));
  list.addEventListener("mouseup", (event) => {
    const item = event.target.closest("li");
    if (!item) return;
    choose(item, event.shiftKey);
    marked(list);
    show(button);
  });
  list.addEventListener("keydown", (event) => {
    const item = event.target.closest("li");
    const all = passagesOf(list);
    const steps = { ArrowDown: 1, ArrowUp: -1, Home: -all.length, End: all.length };
    if (event.key === "Enter") {
      if (!from) choose(item, false);
      put(button);
    } else if (event.key === " ") choose(item, event.shiftKey);
    else if (event.key in steps) {
      const next = all[Math.max(0, Math.min(all.length - 1, all.indexOf(item) + steps[event.key]))];
      if (event.shiftKey && !from) choose(item, false);
      choose(next, event.shiftKey);
      show(button);
      next.focus();
    } else return;
    event.preventDefault();
    event.stopPropagation();
    show(button);
  });
}

export function point() {
  const button = document.querySelector("button.put");
  const form = document.querySelector("form.coded");
  if (!button || !form) return;
  document.querySelectorAll(".pointing").forEach((each) => (each.hidden = false));
  document.querySelectorAll(".coding .passages").forEach((list) => listen(list, button));
  form.addEventListener("focusin", (event) => {
    const now = event.target.closest("[data-group]");
    if (now) group = now;
    show(button);
  });
  button.addEventListener("click", () => put(button));
  document.addEventListener("keydown", (event) => {
    if (event.key !== "F8") return;
    event.preventDefault();
    const inForm = form.contains(document.activeElement);
    const cover = document.querySelector(".coding details.covered:not([open]) > summary");
    if (inForm) (cover ?? document.querySelector('.passages li[tabindex="0"]'))?.focus();
    else (group?.querySelector("input, select, textarea") ?? form.querySelector("textarea, input:not([type=hidden])")).focus();
  });
  show(button);
}
