// Ctrl-K: find anything. The list is a page of the site, asked for as one types; without this the find box is a form.

let asked;

async function ask(box, list) {
  asked?.abort();
  asked = new AbortController();
  const words = box.value.trim();
  if (words.length < 2) {
    list.replaceChildren();
    return;
  }
  list.setAttribute("aria-busy", "true");
  try {
    const address = `${list.dataset.address}?q=${encodeURIComponent(words)}`;
    const response = await fetch(address, { headers: { "HX-Request": "true" }, signal: asked.signal });
    if (response.ok) list.innerHTML = await response.text();
    else list.textContent = list.dataset.failed;
  } catch (error) {
    if (error.name !== "AbortError") list.textContent = list.dataset.failed;
  } finally {
    list.removeAttribute("aria-busy");
  }
}

export function openFind() {
  const dialog = document.getElementById("find");
  if (!dialog) {
    document.querySelector(".find input")?.focus();
    return;
  }
  const box = dialog.querySelector("input");
  const list = dialog.querySelector(".found");
  if (!dialog.dataset.ready) {
    dialog.dataset.ready = "yes";
    let waiting;
    box.addEventListener("input", () => {
      clearTimeout(waiting);
      waiting = setTimeout(() => ask(box, list), 150);
    });
    dialog.addEventListener("keydown", (event) => {
      const links = [...list.querySelectorAll("a")];
      const now = links.indexOf(document.activeElement);
      if (event.key === "ArrowDown" && links.length) links[Math.min(links.length - 1, now + 1)].focus();
      else if (event.key === "ArrowUp" && now > 0) links[now - 1].focus();
      else if (event.key === "ArrowUp") box.focus();
      else return;
      event.preventDefault();
    });
  }
  if (!dialog.open) dialog.showModal();
  box.select();
}
