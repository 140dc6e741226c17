// A form that was sent is not sent again by a second click. The site itself refuses the second one too.

export function oneSubmission() {
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post" || event.defaultPrevented) return;
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "yes";
    // A file comes and the page stays: what the site says of a second one can be read.
    if ("download" in form.dataset) setTimeout(() => delete form.dataset.sent, 1000);
  });
  // Back from the next page: the form can be sent again.
  window.addEventListener("pageshow", () => {
    document.querySelectorAll("form[data-sent]").forEach((form) => delete form.dataset.sent);
  });
  // Where something is wrong, that is read first.
  document.querySelector("[data-focus-first]")?.focus();
}

// A part of a page that could not be fetched says so where it would stand.
export function sayWhatFailed() {
  const failed = (event) => {
    const target = event.detail.target ?? event.target;
    target.parentElement?.querySelector(":scope > .notice.error.fetched")?.remove();
    const notice = document.createElement("p");
    notice.className = "notice error fetched";
    notice.setAttribute("role", "alert");
    target.before(notice);
    notice.textContent = document.body.dataset.failed;
  };
  for (const name of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) document.addEventListener(name, failed);
  document.addEventListener("htmx:afterOnLoad", (event) => {
    if (event.detail.successful) event.detail.target?.parentElement?.querySelector(":scope > .notice.error.fetched")?.remove();
  });
}
