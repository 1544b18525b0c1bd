// A map of the world that needs no network: outlines drawn as vectors, photos in clusters, trips as lines.
import { h, iconButton } from "./dom.js";
import { pictureUrl } from "./api.js";

const TILE = 64; // pixels between the middles of two clusters, at least
const PIN = 50; // pixels that a picture on the map takes
const MOST_LATITUDE = 80;

/** Mercator: degrees to 0..1 of the world. */
function project(longitude, latitude) {
  const north = (Math.max(-MOST_LATITUDE, Math.min(MOST_LATITUDE, latitude)) * Math.PI) / 180;
  return [(longitude + 180) / 360, 0.5 - Math.log(Math.tan(Math.PI / 4 + north / 2)) / (2 * Math.PI)];
}

/** An outline, and once more at the other side of the world if it goes beyond the date line. */
function onBothSides(shape) {
  const by = shape.right > 1.0001 ? -1 : shape.left < -0.0001 ? 1 : 0;
  if (!by) return [shape];
  const out = shape.out.map((value, n) => (n % 2 ? value : value + by));
  return [shape, { ...shape, out, left: shape.left + by, right: shape.right + by }];
}

export class WorldMap {
  /** @param {{onOpen: (ids: number[], name: string) => void}} options */
  constructor({ onOpen }) {
    this.onOpen = onOpen;
    this.points = [];
    this.towns = [];
    this.trip = null;
    this.trips = [];
    this.scale = 0; // pixels of the whole world
    this.canvas = h("canvas", { "aria-hidden": "true" });
    this.pins = h("div", { class: "pins" });
    this.element = h("div", { class: "map", role: "group", "aria-label": "Map of your photos; plus and minus change its size, arrow keys move it", tabindex: 0 }, this.canvas, this.pins,
      h("div", { class: "map-buttons" }, iconButton("plus", "Nearer", () => this.zoomBy(1.8)), iconButton("minus", "Farther", () => this.zoomBy(1 / 1.8))));
    this.pointers = new Map();
    this.element.addEventListener("wheel", (event) => { event.preventDefault(); this.zoomBy(Math.exp(-event.deltaY / 350), this.at(event)); }, { passive: false });
    this.element.addEventListener("pointerdown", (event) => this.onDown(event));
    this.element.addEventListener("pointermove", (event) => this.onMove(event));
    for (const type of ["pointerup", "pointercancel"]) this.element.addEventListener(type, (event) => this.pointers.delete(event.pointerId));
    this.element.addEventListener("dblclick", (event) => { if (!event.target.closest("button")) this.zoomBy(2, this.at(event)); });
    this.element.addEventListener("keydown", (event) => this.onKey(event));
    this.resizer = new ResizeObserver(() => this.resize());
    this.resizer.observe(this.element);
    this.scheme = matchMedia("(prefers-color-scheme: dark)");
    this.onScheme = () => this.draw();
    this.scheme.addEventListener("change", this.onScheme);
  }

  destroy() {
    this.resizer.disconnect();
    this.scheme.removeEventListener("change", this.onScheme);
    cancelAnimationFrame(this.frame);
    clearTimeout(this.settling);
  }

  async load() {
    const { scale, land, borders } = await (await fetch("/static/outlines.json")).json();
    const path = (steps) => {
      const out = new Float32Array(steps.length);
      let x = 0, y = 0, turns = 0;
      for (let n = 0; n < steps.length; n += 2) {
        // An outline that crosses the date line goes on beyond it.
        if (n && Math.abs(steps[n]) > 180 * scale) turns -= Math.sign(steps[n]);
        x += steps[n];
        y += steps[n + 1];
        [out[n], out[n + 1]] = project(x / scale, y / scale);
        out[n] += turns;
      }
      let [left, top, right, bottom] = [2, 2, -2, -2];
      for (let n = 0; n < out.length; n += 2) { left = Math.min(left, out[n]); right = Math.max(right, out[n]); top = Math.min(top, out[n + 1]); bottom = Math.max(bottom, out[n + 1]); }
      return { out, left, top, right, bottom };
    };
    this.land = land.map(path).flatMap(onBothSides);
    this.borders = borders.map(path).flatMap(onBothSides);
    this.draw();
  }

  /**
   * @param {[number, number, number][]} points id, latitude and longitude
   * @param {[number, number][][]} trips latitudes and longitudes along each
   */
  set(points, towns, trips = []) {
    this.trips = trips.map((line) => line.map(([latitude, longitude]) => project(longitude, latitude)));
    this.points = points.map(([id, latitude, longitude]) => [id, ...project(longitude, latitude)]);
    this.towns = towns.map((town) => ({ ...town, at: project(town.longitude, town.latitude) }));
    this.fit(this.points.map(([, x, y]) => [x, y]));
  }

  fit(places) {
    if (!this.width) { this.wanted = places; return; }
    const xs = places.map(([x]) => x), ys = places.map(([, y]) => y);
    if (!xs.length) { xs.push(0.02, 0.98); ys.push(0.2, 0.75); }
    const [left, right, top, bottom] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
    this.scale = Math.min((this.width * 0.8) / Math.max(0.002, right - left), (this.height * 0.74) / Math.max(0.002, bottom - top));
    this.x = (left + right) / 2;
    this.y = (top + bottom) / 2;
    this.bound();
    this.draw();
  }

  showTrip(line) {
    this.trip = line && line.map(([latitude, longitude]) => project(longitude, latitude));
    if (this.trip?.length) this.fit(this.trip);
    else this.draw();
  }

  resize() {
    const { clientWidth, clientHeight } = this.element;
    if (!clientWidth) return;
    const first = !this.width;
    Object.assign(this, { width: clientWidth, height: clientHeight });
    const dense = Math.min(2, devicePixelRatio || 1);
    this.canvas.width = clientWidth * dense;
    this.canvas.height = clientHeight * dense;
    if (first) this.fit(this.wanted ?? []);
    this.bound();
    this.draw();
  }

  bound() {
    this.scale = Math.min(3e6, Math.max(Math.min(this.width, this.height / 0.7), this.scale));
    const halfY = this.height / 2 / this.scale, low = 0.1, high = 0.88;
    this.y = halfY * 2 >= high - low ? (low + high) / 2 : Math.min(high - halfY, Math.max(low + halfY, this.y));
    const halfX = this.width / 2 / this.scale;
    this.x = halfX * 2 >= 1 ? 0.5 : Math.min(1 - halfX, Math.max(halfX, this.x));
  }

  at(event) {
    const box = this.element.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  }

  zoomBy(factor, at = [this.width / 2, this.height / 2]) {
    const [dx, dy] = [at[0] - this.width / 2, at[1] - this.height / 2];
    const [x, y] = [this.x + dx / this.scale, this.y + dy / this.scale];
    this.scale *= factor;
    this.bound();
    this.x = x - dx / this.scale;
    this.y = y - dy / this.scale;
    this.bound();
    this.draw();
  }

  onDown(event) {
    if (event.target.closest("button")) return;
    this.element.setPointerCapture(event.pointerId);
    this.pointers.set(event.pointerId, this.at(event));
  }

  onMove(event) {
    const before = this.pointers.get(event.pointerId);
    if (!before) return;
    const now = this.at(event);
    if (this.pointers.size === 2) {
      const [other] = [...this.pointers].filter(([id]) => id !== event.pointerId).map(([, at]) => at);
      this.zoomBy(Math.hypot(now[0] - other[0], now[1] - other[1]) / Math.max(1, Math.hypot(before[0] - other[0], before[1] - other[1])), other);
    } else this.moveBy(before[0] - now[0], before[1] - now[1]);
    this.pointers.set(event.pointerId, now);
  }

  moveBy(dx, dy) {
    this.x += dx / this.scale;
    this.y += dy / this.scale;
    this.bound();
    this.draw();
  }

  onKey(event) {
    if (event.target !== this.element) return;
    const moves = { ArrowLeft: [-90, 0], ArrowRight: [90, 0], ArrowUp: [0, -90], ArrowDown: [0, 90] };
    if (event.key in moves) this.moveBy(...moves[event.key]);
    else if (event.key === "+" || event.key === "=") this.zoomBy(1.8);
    else if (event.key === "-") this.zoomBy(1 / 1.8);
    else return;
    event.preventDefault();
  }

  draw() {
    if (!this.frame) this.frame = requestAnimationFrame(() => { this.frame = 0; this.paint(); });
  }

  paint() {
    if (!this.width || !this.scale) return;
    const context = this.canvas.getContext("2d"), dense = this.canvas.width / this.width;
    const style = getComputedStyle(this.element);
    const colour = (name) => style.getPropertyValue(name);
    const left = this.x - this.width / 2 / this.scale, top = this.y - this.height / 2 / this.scale;
    const right = left + this.width / this.scale, bottom = top + this.height / this.scale;
    context.setTransform(dense, 0, 0, dense, 0, 0);
    context.fillStyle = colour("--water");
    context.fillRect(0, 0, this.width, this.height);
    const trace = ({ out, ...box }) => {
      if (box.right < left || box.left > right || box.bottom < top || box.top > bottom) return;
      for (let n = 0; n < out.length; n += 2) {
        const x = (out[n] - left) * this.scale, y = (out[n + 1] - top) * this.scale;
        if (n) context.lineTo(x, y); else context.moveTo(x, y);
      }
    };
    context.beginPath();
    for (const shape of this.land ?? []) trace(shape);
    context.fillStyle = colour("--land");
    context.fill("evenodd");
    context.lineWidth = 0.8;
    context.strokeStyle = colour("--coast");
    context.stroke();
    context.beginPath();
    for (const shape of this.borders ?? []) trace(shape);
    context.strokeStyle = colour("--border");
    context.stroke();
    const clusters = this.cluster(left, top, right, bottom);
    const along = (line, width) => {
      context.beginPath();
      line.forEach(([x, y], n) => context[n ? "lineTo" : "moveTo"]((x - left) * this.scale, (y - top) * this.scale));
      context.lineWidth = width;
      context.stroke();
    };
    context.lineJoin = "round";
    context.strokeStyle = colour("--accent");
    context.globalAlpha = 0.45;
    if (!this.trip) for (const line of this.trips) along(line, 1.5);
    context.globalAlpha = 1;
    if (this.trip) along(this.trip, 2.5);
    this.names(context, colour, clusters);
    this.place(clusters);
  }

  cluster(left, top, right, bottom) {
    const found = new Map(), margin = TILE / this.scale;
    for (const point of this.points) {
      const [, x, y] = point;
      if (x < left - margin || x > right + margin || y < top - margin || y > bottom + margin) continue;
      const key = `${Math.floor((x * this.scale) / TILE)},${Math.floor((y * this.scale) / TILE)}`;
      const cluster = found.get(key);
      if (cluster) { cluster.ids.push(point[0]); cluster.x += x; cluster.y += y; } else found.set(key, { ids: [point[0]], x, y });
    }
    // Neighbours whose middles are too near to each other become one.
    const all = [];
    for (const each of [...found.values()].sort((a, b) => b.ids.length - a.ids.length)) {
      const x = each.x / each.ids.length, y = each.y / each.ids.length;
      const near = all.find((other) => Math.hypot(other.mx - x, other.my - y) * this.scale < TILE * 0.8);
      if (near) near.ids.push(...each.ids); else all.push({ ids: each.ids, mx: x, my: y });
    }
    return all.slice(0, 160).map((each) => ({ ...each, px: (each.mx - left) * this.scale, py: (each.my - top) * this.scale }));
  }

  place(clusters) {
    const key = clusters.map(({ ids }) => `${ids[0]}x${ids.length}`).join();
    if (key === this.key) {
      clusters.forEach(({ px, py }, n) => { this.pins.children[n].style.transform = `translate(${px}px, ${py}px)`; });
      return;
    }
    this.key = key;
    this.pins.replaceChildren(...clusters.map(({ ids, px, py, mx, my }) => {
      const name = this.nameOf(mx, my);
      const pin = h("button", { type: "button", class: "pin", "aria-label": `${ids.length.toLocaleString("en")} photos${name ? ` near ${name}` : ""}`, title: name,
        onclick: () => this.onOpen(ids, name), ondblclick: (event) => { event.stopPropagation(); this.fit(this.points.filter(([id]) => ids.includes(id)).map(([, x, y]) => [x, y])); } },
      h("img", { src: pictureUrl(ids[0]), alt: "" }), ids.length > 1 ? h("span", { class: "number" }, ids.length.toLocaleString("en")) : null);
      pin.style.transform = `translate(${px}px, ${py}px)`;
      return pin;
    }));
  }

  nameOf(x, y) {
    let best = null, distance = 120 / this.scale;
    for (const town of this.towns) {
      const apart = Math.hypot(town.at[0] - x, town.at[1] - y);
      if (apart < distance) { best = town; distance = apart; }
    }
    return best?.name ?? "";
  }

  /** Names the towns of the clusters, below their pictures or else above, where neither a picture nor a name is. */
  names(context, colour, clusters) {
    context.font = "12px system-ui, sans-serif";
    context.textAlign = "center";
    context.fillStyle = colour("--soft");
    context.textBaseline = "middle";
    context.strokeStyle = colour("--land");
    context.lineWidth = 3;
    const taken = clusters.map(({ px, py }) => [px, py, PIN / 2, PIN / 2]);
    const free = (box) => taken.every((other) => Math.abs(other[0] - box[0]) >= other[2] + box[2] || Math.abs(other[1] - box[1]) >= other[3] + box[3]);
    for (const { px, py, mx, my } of clusters) {
      const name = this.nameOf(mx, my);
      if (!name) continue;
      const half = context.measureText(name).width / 2 + 3;
      const x = Math.min(this.width - half - 4, Math.max(half + 4, px));
      if (Math.abs(x - px) > PIN) continue; // its picture is beyond the edge
      const box = [py + 36, py - 36].map((y) => [x, y, half, 9]).find(free);
      if (!box) continue;
      taken.push(box);
      context.strokeText(name, x, box[1]);
      context.fillText(name, x, box[1]);
    }
  }
}
