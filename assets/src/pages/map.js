// The maps: outlines of our own, bubbles that are buttons, circles as wide as a place is uncertain. All that a map
// shows stands in the list beside it too.
import { GeoJSONSource, Map as Chart, Marker, NavigationControl, setWorkerUrl } from "maplibre-gl";

setWorkerUrl(new URL("map-worker.js", import.meta.url).href);
// Bubbles nearer to each other than this, in pixels, become one.
const NEAR = 44;
const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

function look(basemap) {
  return {
    version: 8,
    sources: {
      countries: { type: "geojson", data: basemap.countries },
      borders: { type: "geojson", data: basemap.borders },
      circles: { type: "geojson", data: { type: "FeatureCollection", features: [] } },
    },
    layers: [
      { id: "sea", type: "background", paint: { "background-color": token("--raised") } },
      { id: "land", type: "fill", source: "countries", paint: { "fill-color": token("--surface") } },
      { id: "coast", type: "line", source: "countries", paint: { "line-color": token("--line"), "line-width": 1 } },
      { id: "borders", type: "line", source: "borders", paint: { "line-color": token("--edge"), "line-width": 1.2 } },
      { id: "circles", type: "fill", source: "circles", paint: { "fill-color": token("--main"), "fill-opacity": 0.15, "fill-outline-color": token("--main") } },
    ],
  };
}

function circle([longitude, latitude], metres) {
  const down = metres / 111_320, across = down / Math.max(0.05, Math.cos((latitude * Math.PI) / 180));
  const ring = Array.from({ length: 49 }, (_, at) => (at * Math.PI) / 24).map((turn) => [longitude + across * Math.cos(turn), latitude + down * Math.sin(turn)]);
  return { type: "Feature", properties: {}, geometry: { type: "Polygon", coordinates: [ring] } };
}

// The radii of lieber.base.places; wider words are areas and have none.
const RADII = { exact: 10, vicinity: 100, settlement: 1000, sector: 25000 };

function grouped(chart, features) {
  const groups = [];
  for (const feature of features) {
    const at = chart.project(feature.geometry.coordinates);
    const near = groups.find((group) => Math.hypot(group.at.x - at.x, group.at.y - at.y) < NEAR);
    if (near) {
      near.features.push(feature);
      near.number += feature.properties.number ?? 1;
    } else groups.push({ at, features: [feature], number: feature.properties.number ?? 1 });
  }
  return groups;
}

function bubble(chart, group, words) {
  const [first] = group.features;
  const alone = group.features.length === 1 && first.properties.address;
  const shown = document.createElement(alone ? "a" : "button");
  shown.className = `bubble${first.properties.said_by === "" ? " concluded" : ""}`;
  const size = Math.round(28 + 9 * Math.log2(group.number));
  shown.style.inlineSize = shown.style.blockSize = `${Math.min(size, 110)}px`;
  shown.textContent = group.number > 1 ? String(group.number) : "";
  const names = group.features.map(({ properties }) => properties.title ?? [properties.said_by || words.concluded, properties.place].filter(Boolean).join(": "));
  shown.title = names.slice(0, 12).filter(Boolean).join("\n");
  shown.setAttribute("aria-label", alone ? first.properties.title : `${group.number} ${words.here}. ${names.slice(0, 12).join("; ")}`);
  if (alone) shown.href = first.properties.address;
  else {
    shown.type = "button";
    shown.addEventListener("click", () => chart.easeTo({ center: first.geometry.coordinates, zoom: chart.getZoom() + 2, animate: !matchMedia("(prefers-reduced-motion: reduce)").matches }));
  }
  return shown;
}

async function draw(place) {
  const { points, basemap, frame, here, concluded } = place.dataset;
  const answer = await fetch(basemap);
  if (!answer.ok) throw new Error(`${basemap}: ${answer.status}`);
  const outlines = await answer.json();
  const fallback = [...place.children];
  const room = document.createElement("div");
  room.className = "map-room";
  place.append(room);
  const chart = new Chart({ container: room, style: look(outlines), center: [33, 48], zoom: 4, maxZoom: 14, attributionControl: false, dragRotate: false, pitchWithRotate: false });
  chart.addControl(new NavigationControl({ showCompass: false }));
  await new Promise((done, failed) => {
    chart.once("load", done);
    chart.once("error", ({ error }) => failed(error));
  });
  fallback.forEach((part) => part.remove());
  let markers = [], features = [], asked = 0;
  const show = () => {
    markers.forEach((marker) => marker.remove());
    markers = grouped(chart, features).map((group) => {
      const [first] = group.features;
      return new Marker({ element: bubble(chart, group, { here, concluded }) }).setLngLat(first.geometry.coordinates).addTo(chart);
    });
    const circles = features.flatMap(({ geometry, properties }) => {
      const metres = properties.radius ?? RADII[properties.precision];
      return metres ? [circle(geometry.coordinates, metres)] : [];
    });
    const source = chart.getSource("circles");
    if (source instanceof GeoJSONSource) source.setData({ type: "FeatureCollection", features: circles });
  };
  const load = async () => {
    const mine = (asked += 1);
    const bounds = chart.getBounds();
    const view = [bounds.getWest(), bounds.getSouth(), bounds.getEast(), bounds.getNorth(), Math.floor(chart.getZoom())];
    const address = frame ? `${points}&frame=${view.map((part) => Number(part.toFixed(4))).join(",")}` : points;
    const found = await fetch(address);
    if (!found.ok || mine !== asked) return;
    features = (await found.json()).features;
    show();
  };
  await load();
  if (!frame && features.length > 0) {
    const [across, down] = [0, 1].map((axis) => features.map(({ geometry }) => geometry.coordinates[axis]));
    chart.fitBounds([[Math.min(...across) - 0.3, Math.min(...down) - 0.3], [Math.max(...across) + 0.3, Math.max(...down) + 0.3]], { maxZoom: 9, animate: false });
    show();
  }
  chart.on("moveend", frame ? load : show);
}

for (const place of document.querySelectorAll("[data-map]")) {
  draw(place).catch((error) => {
    // What the page says without a map stays where it is.
    place.querySelector(".map-room")?.remove();
    console.info(`no map: ${error?.message ?? error}`);
  });
}
