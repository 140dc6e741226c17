// A table that is wider than its place scrolls in it: then the keyboard reaches it, under the name of its caption.

function reach() {
  document.querySelectorAll(".wide").forEach((box) => {
    const wider = box.scrollWidth > box.clientWidth;
    if (wider && !box.hasAttribute("tabindex")) {
      box.tabIndex = 0;
      box.setAttribute("role", "region");
      box.setAttribute("aria-label", box.querySelector("caption")?.textContent.trim() || document.title);
      box.dataset.reached = "yes";
    } else if (!wider && box.dataset.reached) {
      for (const name of ["tabindex", "role", "aria-label", "data-reached"]) box.removeAttribute(name);
    }
  });
}

export function reachWide() {
  reach();
  window.addEventListener("resize", reach);
  document.addEventListener("toggle", reach, true);
  document.addEventListener("htmx:afterSettle", reach);
}
