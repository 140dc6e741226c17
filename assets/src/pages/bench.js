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

// Parts of a picture are drawn with the pointer while the form for marking is open; the form takes them as
// hundredths, and so it can be filled by hand as well.
const marking = document.querySelector("[data-marking]");
const parts = marking?.querySelector("[name=parts]");
const share = (value, length) => Math.round(Math.min(Math.max(value / length, 0), 1) * 1000) / 10;

function draw(cover) {
  const stage = cover.querySelector(".stage");
  let from = null;
  let box = null;
  const inside = (event) => {
    const { left, top, width, height } = from.shown.getBoundingClientRect();
    const across = share(event.clientX - left, width);
    const turned = from.shown.style.transform.includes("-1");
    return [turned ? Math.round((100 - across) * 10) / 10 : across, share(event.clientY - top, height)];
  };
  stage.addEventListener("pointerdown", (event) => {
    const shown = event.target.closest(".shown");
    if (!marking.open || !shown || event.button !== 0) return;
    // the controls of a film stay what they are
    if (shown.controls && event.offsetY > shown.clientHeight - 60) return;
    event.preventDefault();
    from = { shown, x: event.clientX, y: event.clientY };
    from.at = inside(event);
    box = document.createElement("div");
    box.className = "drawn";
    document.body.append(box);
    stage.setPointerCapture(event.pointerId);
  });
  stage.addEventListener("pointermove", (event) => {
    if (!from) return;
    box.style.left = `${Math.min(from.x, event.clientX)}px`;
    box.style.top = `${Math.min(from.y, event.clientY)}px`;
    box.style.width = `${Math.abs(event.clientX - from.x)}px`;
    box.style.height = `${Math.abs(event.clientY - from.y)}px`;
  });
  const end = (event) => {
    if (!from) return;
    const [x, y] = inside(event);
    const [left, right] = [from.at[0], x].sort((a, b) => a - b);
    const [top, bottom] = [from.at[1], y].sort((a, b) => a - b);
    if (right - left >= 0.5 && bottom - top >= 0.5) {
      const lines = parts.value.trim() ? `${parts.value.trim()}\n` : "";
      parts.value = `${lines}${left} ${top} ${right} ${bottom} `;
      marking.querySelector("[name=exhibit]").value = cover.dataset.exhibit;
      const film = cover.querySelector("video");
      if (film) marking.querySelector("[name=milliseconds]").value = Math.round(film.currentTime * 1000);
      parts.focus();
    }
    box.remove();
    from = null;
  };
  stage.addEventListener("pointerup", end);
  stage.addEventListener("pointercancel", () => {
    box?.remove();
    from = null;
  });
}

if (marking) {
  for (const cover of document.querySelectorAll("details[data-viewer][data-exhibit]")) {
    if (cover.querySelector(".stage")) draw(cover);
  }
}
