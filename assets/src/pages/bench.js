// The examiner's bench: nothing is loaded before it is asked for; how it is shown changes nothing of it.
const FRAME = 1 / 25;

function load(cover) {
  for (const shown of cover.querySelectorAll(":scope > .stage [data-src], :scope > [data-src]")) {
    if (shown.dataset.poster) shown.poster = shown.dataset.poster;
    shown.src = shown.dataset.src;
    delete shown.dataset.src;
  }
}

function adjust(cover) {
  const stage = cover.querySelector(".stage");
  if (!stage) return;
  const value = (name) => cover.querySelector(`[data-${name}]`);
  const percent = (name) => (value(name)?.value ?? 100) / 100;
  stage.querySelectorAll(".shown").forEach((shown, number) => {
    shown.style.filter = `brightness(${percent("brightness")}) contrast(${percent("contrast")})`;
    // of two that stand side by side the first one is turned, so that it lies like the other
    shown.style.transform = number === 0 && value("mirror")?.checked ? "scaleX(-1)" : "";
    shown.style.inlineSize = `${100 * percent("zoom")}%`;
    shown.style.maxInlineSize = "none";
  });
  stage.classList.toggle("grey", value("grey")?.checked ?? false);
}

for (const cover of document.querySelectorAll("details[data-viewer]")) {
  cover.addEventListener("toggle", () => {
    if (cover.open) load(cover);
    else for (const sounding of cover.querySelectorAll("video, audio")) sounding.pause();
  });
  cover.addEventListener("input", () => adjust(cover));
  const film = cover.querySelector("video");
  const moment = cover.querySelector("[data-moment]");
  const told = () => {
    if (moment) moment.textContent = `${film.currentTime.toFixed(2)} s`;
  };
  film?.addEventListener("timeupdate", told);
  film?.addEventListener("seeked", told);
  for (const button of cover.querySelectorAll("[data-step]")) {
    button.addEventListener("click", () => {
      film.pause();
      film.currentTime = Math.max(0, film.currentTime + FRAME * Number(button.dataset.step));
    });
  }
}
