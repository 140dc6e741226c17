// Builds the site's style sheet, scripts and icons into src/lieber_mission/static/built, each with compressed
// siblings that the server hands out. Nothing of it is loaded from elsewhere at run time.
import { copyFile, mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { existsSync } from "node:fs";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { fileURLToPath } from "node:url";
import path from "node:path";
import * as esbuild from "esbuild";
import * as sass from "sass";
import { basemap } from "./basemap/build.mjs";

const here = path.dirname(fileURLToPath(import.meta.url));
const target = path.join(here, "..", "src", "lieber_mission", "static", "built");

// The kit speaks of a theme by an attribute. "auto" is ours: what the officer's machine prefers.
function withAuto(css) {
  const rules = [];
  let depth = 0, start = 0;
  for (let place = 0; place < css.length; place += 1) {
    if (css[place] === "{") depth += 1;
    if (css[place] === "}") {
      depth -= 1;
      if (depth === 0) {
        rules.push(css.slice(start, place + 1));
        start = place + 1;
      }
    }
  }
  const dark = rules.filter((rule) => !rule.trimStart().startsWith("@") && rule.split("{")[0].includes("data-bs-theme=dark"));
  const automatic = dark.map((rule) => {
    const [selectors, ...rest] = rule.split("{");
    const kept = selectors.split(",").filter((one) => one.includes("data-bs-theme=dark"));
    return `${kept.join(",").replaceAll("data-bs-theme=dark", "data-bs-theme=auto")}{${rest.join("{")}`;
  });
  return `${css}\n@media screen and (prefers-color-scheme: dark) {\n${automatic.join("\n")}\n}\n`;
}

async function styles() {
  const compiled = sass.compile(path.join(here, "src", "site.scss"), {
    loadPaths: [path.join(here, "node_modules")],
    quietDeps: true,
    silenceDeprecations: ["import", "global-builtin", "color-functions", "if-function"],
  });
  const { code } = await esbuild.transform(withAuto(compiled.css), { loader: "css", minify: true, legalComments: "none" });
  await writeFile(path.join(target, "site.css"), code);
}

async function scripts() {
  // a page with a script of its own has it here; there may be none
  const folder = path.join(here, "src", "pages");
  const pages = existsSync(folder) ? (await readdir(folder)).filter((name) => name.endsWith(".js")) : [];
  await esbuild.build({
    entryPoints: [
      { in: path.join(here, "src", "site.js"), out: "site" },
      ...pages.map((name) => ({ in: path.join(folder, name), out: name.slice(0, -3) })),
      // The map's own worker, as a file of ours: the policy of the pages admits no worker from a blob.
      { in: path.join(here, "node_modules", "maplibre-gl", "dist", "maplibre-gl-worker.mjs"), out: "map-worker" },
    ],
    outdir: target,
    chunkNames: "part-[hash]",
    bundle: true,
    splitting: true,
    format: "esm",
    target: "es2022",
    minify: true,
    legalComments: "none",
  });
}

// One file of symbols, drawn with the colour of the text beside them.
async function icons() {
  const names = JSON.parse(await readFile(path.join(here, "src", "icons.json"), "utf8"));
  const symbols = await Promise.all(
    names.map(async (name) => {
      const svg = await readFile(path.join(here, "node_modules", "@tabler", "icons", "icons", "outline", `${name}.svg`), "utf8");
      const inside = svg.slice(svg.indexOf(">", svg.indexOf("<svg")) + 1, svg.lastIndexOf("</svg>")).replace(/\s+/g, " ").trim();
      return `<symbol id="${name}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round">${inside}</symbol>`;
    }),
  );
  await writeFile(path.join(target, "icons.svg"), `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("")}</svg>`);
}

// What replays captured pages: ReplayWeb.page (AGPL-3.0-or-later) as it is published, its worker shut in by ours.
async function replay() {
  const folder = path.join(target, "replay");
  const theirs = path.join(here, "node_modules", "replaywebpage");
  await mkdir(folder);
  await Promise.all([
    copyFile(path.join(theirs, "ui.js"), path.join(folder, "ui.js")),
    copyFile(path.join(theirs, "sw.js"), path.join(folder, "wabac.js")),
    copyFile(path.join(theirs, "LICENSE"), path.join(folder, "LICENSE.txt")),
    ...["index.html", "sw.js"].map((name) => copyFile(path.join(here, "src", "replay", name), path.join(folder, name))),
  ]);
}

async function compress() {
  for (const one of await readdir(target, { recursive: true, withFileTypes: true })) {
    if (!one.isFile()) continue;
    const name = path.join(one.parentPath, one.name);
    const bytes = await readFile(name);
    await writeFile(`${name}.gz`, gzipSync(bytes, { level: 9 }));
    await writeFile(`${name}.br`, brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }));
  }
}

await rm(target, { recursive: true, force: true });
await mkdir(target, { recursive: true });
async function outlines() {
  await writeFile(path.join(target, "basemap.json"), await basemap());
}

await Promise.all([styles(), scripts(), icons(), outlines(), replay()]);
await compress();
