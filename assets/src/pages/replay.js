// The replay of a captured page: loaded when it is asked for, cleared away when it is closed or its time is over.
// The frame is of another origin, and nothing that it says is listened to.
for (const cover of document.querySelectorAll("details[data-replay]")) {
  const frame = cover.querySelector("iframe");
  const over = cover.querySelector("[data-over]");
  const { begin, end, seconds } = cover.dataset;
  // The time of the address runs from when this page was made, not from when the replay is opened.
  const until = Date.now() + Number(seconds) * 1000;
  let waits = 0;
  const stop = () => {
    clearTimeout(waits);
    if (frame.hasAttribute("src")) frame.src = end;
  };
  const pass = () => {
    stop();
    frame.hidden = true;
    over.hidden = false;
  };
  cover.addEventListener("toggle", () => {
    if (!cover.open) stop();
    else if (Date.now() >= until) pass();
    else {
      frame.src = begin;
      waits = setTimeout(pass, until - Date.now());
    }
  });
  addEventListener("pagehide", stop);
}
