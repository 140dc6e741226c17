// The outlines of countries as the maps draw them: world-atlas (Natural Earth), corrected by belongs.json to the
// practice of the United Nations, and rounded. Nothing in the rule names a country.
import { readFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import * as topojson from "topojson-client";

const here = path.dirname(fileURLToPath(import.meta.url));
// About a hundred metres: finer than the outlines are.
const rounded = (number) => Math.round(number * 1e3) / 1e3;

function inRing([x, y], ring) {
  let inside = false;
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i, i += 1) {
    const [[a, b], [c, d]] = [ring[i], ring[j]];
    if (b > y !== d > y && x < ((c - a) * (y - b)) / (d - b) + a) inside = !inside;
  }
  return inside;
}

const asParts = (country) => (country.type === "Polygon" ? [country.arcs] : country.arcs);

function partWith(topology, countries, point) {
  for (const country of countries) {
    const parts = asParts(country);
    const at = parts.findIndex((arcs) => {
      const [outline] = topojson.feature(topology, { type: "Polygon", arcs }).geometry.coordinates;
      return inRing(point, outline);
    });
    if (at !== -1) return { country, at };
  }
  return null;
}

function give(topology, countries, { longitude, latitude, country: to }) {
  const found = partWith(topology, countries, [longitude, latitude]);
  if (!found) throw new Error(`No outline holds the point ${longitude}, ${latitude} of belongs.json; correct it.`);
  const owner = countries.find((country) => country.id === to);
  if (!owner) throw new Error(`belongs.json names the country ${to}, which has no outline; correct it.`);
  if (found.country === owner) return;
  const left = asParts(found.country);
  const [part] = left.splice(found.at, 1);
  Object.assign(found.country, { type: "MultiPolygon", arcs: left });
  // Dissolved, so that no border is drawn between the two.
  const whole = topojson.mergeArcs(topology, [owner, { type: "Polygon", arcs: part }]);
  Object.assign(owner, whole);
}

const roundedAll = (value) => (typeof value === "number" ? rounded(value) : value.map(roundedAll));

export async function basemap() {
  const source = path.join(here, "..", "node_modules", "world-atlas", "countries-50m.json");
  const topology = JSON.parse(await readFile(source, "utf8"));
  const countries = topology.objects.countries.geometries.filter((country) => country.type);
  const { points } = JSON.parse(await readFile(path.join(here, "belongs.json"), "utf8"));
  for (const point of points) give(topology, countries, point);
  const features = countries.map((country) => {
    const { geometry } = topojson.feature(topology, country);
    return { type: "Feature", id: Number(country.id) || 0, properties: { code: country.id ?? "", name: country.properties.name }, geometry: { ...geometry, coordinates: roundedAll(geometry.coordinates) } };
  });
  const lines = topojson.mesh(topology, { type: "GeometryCollection", geometries: countries }, (one, other) => one !== other);
  return JSON.stringify({
    countries: { type: "FeatureCollection", features },
    borders: { type: "Feature", properties: {}, geometry: { ...lines, coordinates: roundedAll(lines.coordinates) } },
  });
}
