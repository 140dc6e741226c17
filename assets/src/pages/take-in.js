// Sends files in parts, goes on where a line broke, and asks what became of each.
import * as tus from "tus-js-client";

const form = document.querySelector("[data-uploads]");
const lines = document.querySelector("[data-lines]");
const rate = document.querySelector("[data-rate]");
const PART = 8 * 1024 * 1024;
const AT_ONCE = 2;
const waiting = [];
const state = { running: 0, sent: 0, all: 0, began: 0 };

const megabytes = (bytes) => `${(bytes / 1e6).toLocaleString(document.documentElement.lang, { maximumFractionDigits: 1 })} MB`;

function line(file) {
  const row = document.createElement("tr");
  const cells = ["td", "td", "td"].map((name) => row.appendChild(document.createElement(name)));
  cells[0].textContent = file.webkitRelativePath || file.name;
  cells[0].dir = "auto";
  cells[1].textContent = megabytes(file.size);
  cells[2].textContent = form.dataset.waits;
  lines.append(row);
  return cells[2];
}

function told() {
  const seconds = (Date.now() - state.began) / 1000;
  if (seconds < 1 || !state.sent) return;
  const perSecond = state.sent / seconds;
  const left = Math.max(0, Math.round((state.all - state.sent) / perSecond));
  rate.textContent = `${megabytes(state.sent)} / ${megabytes(state.all)}, ${megabytes(perSecond)}/s, ${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
}

async function outcome(address, cell) {
  cell.textContent = form.dataset.sent;
  for (let tries = 0; tries < 3600; tries += 1) {
    const answer = await fetch(address).then((got) => (got.ok ? got.json() : null)).catch(() => null);
    if (answer?.address) {
      const link = document.createElement("a");
      link.href = answer.address;
      link.textContent = form.dataset.taken;
      cell.replaceChildren(link);
      return;
    }
    if (answer?.reason) {
      cell.textContent = `${form.dataset.failedWords}: ${answer.reason}`;
      return;
    }
    await new Promise((done) => setTimeout(done, 1000));
  }
}

function start() {
  while (state.running < AT_ONCE && waiting.length) {
    const { file, cell, metadata } = waiting.shift();
    state.running += 1;
    let before = 0;
    const done = () => {
      state.running -= 1;
      start();
    };
    const upload = new tus.Upload(file, {
      endpoint: form.dataset.uploads,
      chunkSize: PART,
      retryDelays: [0, 1000, 3000, 10000, 30000, 60000, 60000, 60000, 60000],
      metadata,
      headers: { "X-CSRFToken": form.elements.csrfmiddlewaretoken.value },
      removeFingerprintOnSuccess: true,
      onProgress(sent, all) {
        state.sent += Math.max(0, sent - before);
        before = sent;
        cell.textContent = `${Math.floor((100 * sent) / Math.max(1, all))} %`;
        told();
      },
      onError(error) {
        cell.textContent = `${form.dataset.failedWords}: ${error.originalResponse?.getBody() || error.message}`;
        done();
      },
      onSuccess() {
        outcome(upload.url, cell);
        done();
      },
    });
    upload.findPreviousUploads().then((previous) => {
      if (previous.length) upload.resumeFromPreviousUpload(previous[0]);
      upload.start();
    });
  }
}

function take(files) {
  const fields = Object.fromEntries(new FormData(form).entries());
  delete fields.csrfmiddlewaretoken;
  document.querySelector("[data-sending]").hidden = false;
  state.began ||= Date.now();
  for (const file of files) {
    state.all += file.size;
    waiting.push({ file, cell: line(file), metadata: { ...fields, filename: file.webkitRelativePath || file.name } });
  }
  start();
}

async function inside(entry) {
  if (entry.isFile) return [await new Promise((done, failed) => entry.file(done, failed))];
  const reader = entry.createReader();
  const found = [];
  for (;;) {
    const some = await new Promise((done, failed) => reader.readEntries(done, failed));
    if (!some.length) return found;
    for (const each of some) found.push(...(await inside(each)));
  }
}

form.addEventListener("submit", (event) => event.preventDefault());
for (const chosen of form.querySelectorAll("[data-files]")) {
  chosen.addEventListener("change", () => {
    take([...chosen.files]);
    chosen.value = "";
  });
}
const drop = form.querySelector("[data-drop]");
for (const name of ["dragover", "dragleave", "drop"]) {
  drop.addEventListener(name, (event) => {
    event.preventDefault();
    drop.classList.toggle("over", name === "dragover");
  });
}
drop.addEventListener("drop", async (event) => {
  const entries = [...event.dataTransfer.items].map((item) => item.webkitGetAsEntry()).filter(Boolean);
  for (const entry of entries) take(await inside(entry));
});
window.addEventListener("beforeunload", (event) => {
  if (state.running) event.preventDefault();
});
