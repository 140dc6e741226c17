// A button with data-copy puts its text into the clipboard, and says so.

export function copyIds() {
  document.addEventListener("click", async (event) => {
    const button = event.target.closest?.("[data-copy]");
    if (!button) return;
    await navigator.clipboard.writeText(button.dataset.copy);
    const said = document.createElement("span");
    said.className = "saved";
    said.setAttribute("role", "status");
    button.after(said);
    said.textContent = document.body.dataset.copied;
    setTimeout(() => said.remove(), 2000);
  });
}
