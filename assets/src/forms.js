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
  });
  // Back from the next page: the form can be sent again.
  window.addEventListener("pageshow", () => {
    document.querySelectorAll("form[data-sent]").forEach((form) => delete form.dataset.sent);
  });
  // Where something is wrong, that is read first.
  document.querySelector("[data-focus-first]")?.focus();
}
