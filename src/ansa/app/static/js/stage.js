// The surface on which one photo is shown: zoom, pan, swipe, and layers over it.
import { h, svg } from "./dom.js";

const MOST = 12;

export class Stage {
  constructor({ onSwipe }) {
    this.onSwipe = onSwipe;
    this.under = h("img", { class: "under", alt: "" });
    this.image = h("img", { class: "over", alt: "", draggable: "false" });
    this.overlay = svg("svg", { class: "overlay", viewBox: "0 0 1000 1000", preserveAspectRatio: "none", "aria-hidden": "true" });
    this.heat = h("canvas", { class: "heat", hidden: true });
    this.labels = h("div", { class: "labels" });
    this.frame = h("div", { class: "frame" }, this.under, this.image, this.heat, this.overlay, this.labels);
    this.element = h("div", { class: "stage", tabindex: 0, "aria-label": "Photo; plus and minus change its size" }, this.frame);
    this.pointers = new Map();
    this.element.addEventListener("wheel", (event) => this.onWheel(event), { passive: false });
    this.element.addEventListener("dblclick", (event) => this.onDouble(event));
    this.element.addEventListener("pointerdown", (event) => this.onDown(event));
    this.element.addEventListener("pointermove", (event) => this.onMove(event));
    for (const type of ["pointerup", "pointercancel"]) this.element.addEventListener(type, (event) => this.onUp(event));
    for (const image of [this.under, this.image]) image.addEventListener("load", () => this.measure(image));
    this.image.addEventListener("load", () => this.image.classList.add("ready"));
    this.image.addEventListener("error", () => this.onError());
    new ResizeObserver(() => this.fit()).observe(this.element);
  }

  /** Takes the shape of a photo of which the library did not know it. */
  measure(image) {
    if (this.ratio) return;
    this.ratio = image.naturalWidth / image.naturalHeight;
    this.fit();
  }

  /** Shows a photo, given by its addresses in three sizes; `ratio` is null if it is unknown. */
  show(small, large, full, ratio) {
    Object.assign(this, { ratio, full, large, fullShown: false });
    this.film?.remove();
    this.film = null;
    this.image.classList.remove("ready");
    this.frame.classList.remove("lost");
    this.image.alt = "Photo";
    this.under.src = small;
    this.image.src = large;
    this.fit();
  }

  /** Plays a film in the place of the photo, from a second on. */
  playFilm(url, second, text) {
    this.film?.remove();
    this.film = h("video", { src: url, controls: true, loop: false, "aria-label": text, playsinline: true });
    this.film.addEventListener("loadedmetadata", () => { if (second) this.film.currentTime = second; }, { once: true });
    this.film.addEventListener("error", () => { this.film?.remove(); this.film = null; });
    for (const type of ["pointerdown", "dblclick", "keydown"]) this.film.addEventListener(type, (event) => { if (event.key !== "Escape") event.stopPropagation(); });
    this.frame.append(this.film);
  }

  seek(second) {
    if (!this.film) return;
    this.film.currentTime = second;
    this.film.play().catch(() => {});
  }

  clear() {
    this.film?.remove();
    this.film = null;
    this.under.removeAttribute("src");
    this.image.removeAttribute("src");
  }

  onError() {
    if (this.image.getAttribute("src")) this.frame.classList.add("lost");
  }

  fit() {
    this.zoom = 1;
    this.x = this.y = 0;
    const { clientWidth: wide, clientHeight: high } = this.element;
    if (!wide || !this.ratio) return;
    const width = Math.min(wide, high * this.ratio);
    this.frame.style.width = `${width}px`;
    this.frame.style.height = `${width / this.ratio}px`;
    this.apply();
  }

  apply() {
    const { clientWidth: wide, clientHeight: high } = this.element;
    const w = this.frame.offsetWidth * this.zoom, tall = this.frame.offsetHeight * this.zoom;
    const reachX = Math.max(0, (w - wide) / 2), reachY = Math.max(0, (tall - high) / 2);
    this.x = Math.min(reachX, Math.max(-reachX, this.x));
    this.y = Math.min(reachY, Math.max(-reachY, this.y));
    this.frame.style.transform = `translate(${this.x}px, ${this.y}px) scale(${this.zoom})`;
    this.frame.style.setProperty("--zoom", this.zoom);
    this.element.classList.toggle("zoomed", this.zoom > 1.01);
    if (this.zoom > 1.6 && !this.fullShown && !this.film) {
      this.fullShown = true;
      const picture = new Image();
      const { full } = this;
      picture.onload = () => { if (full === this.full) this.image.src = full; };
      picture.src = full;
    }
  }

  /** Zooms around a point of the stage; its middle if there is none. */
  zoomBy(factor, at = null) {
    const box = this.element.getBoundingClientRect();
    const px = at ? at[0] - box.left - box.width / 2 : 0, py = at ? at[1] - box.top - box.height / 2 : 0;
    const next = Math.min(MOST, Math.max(1, this.zoom * factor));
    const change = next / this.zoom;
    this.x = px - (px - this.x) * change;
    this.y = py - (py - this.y) * change;
    this.zoom = next;
    this.apply();
  }

  onWheel(event) {
    event.preventDefault();
    this.zoomBy(Math.exp(-event.deltaY / (event.ctrlKey ? 120 : 420)), [event.clientX, event.clientY]);
  }

  onDouble(event) {
    if (this.zoom > 1.01) this.fit();
    else this.zoomBy(2.5, [event.clientX, event.clientY]);
  }

  onDown(event) {
    if (event.button) return;
    this.element.setPointerCapture(event.pointerId);
    this.pointers.set(event.pointerId, [event.clientX, event.clientY]);
    this.startX = event.clientX;
    this.startY = event.clientY;
    this.pinched = this.pointers.size > 1;
  }

  onMove(event) {
    const before = this.pointers.get(event.pointerId);
    if (!before) return;
    const now = [event.clientX, event.clientY];
    if (this.pointers.size === 2) {
      const [other] = [...this.pointers].filter(([id]) => id !== event.pointerId).map(([, at]) => at);
      const apart = (at) => Math.hypot(at[0] - other[0], at[1] - other[1]);
      this.zoomBy(apart(now) / Math.max(1, apart(before)), [(now[0] + other[0]) / 2, (now[1] + other[1]) / 2]);
    } else if (this.zoom > 1.01) {
      this.x += now[0] - before[0];
      this.y += now[1] - before[1];
      this.apply();
    }
    this.pointers.set(event.pointerId, now);
  }

  onUp(event) {
    if (!this.pointers.delete(event.pointerId)) return;
    const across = event.clientX - this.startX, down = event.clientY - this.startY;
    if (event.type === "pointerup" && event.pointerType === "touch" && !this.pinched && this.zoom <= 1.01 && Math.abs(across) > 50 && Math.abs(across) > 2 * Math.abs(down)) this.onSwipe(across < 0 ? 1 : -1);
  }

  /** Draws the layers that are on: objects, what draws the eye, crops. */
  setLayers(photo, on) {
    this.overlay.replaceChildren();
    this.labels.replaceChildren();
    this.heat.hidden = !(photo?.saliency && on.has("saliency"));
    if (!photo) return;
    if (!this.heat.hidden) this.drawHeat(photo.saliency);
    if (on.has("objects")) for (const { label, score, box } of photo.objects) this.box(box, `${label} ${score.toFixed(2)}${score < 0.5 ? "?" : ""}`, "object");
    for (const [name, box] of Object.entries(photo.crops)) if (on.has(`crop ${name}`)) this.box(box, name, "crop");
  }

  box([left, top, right, bottom], text, kind) {
    this.overlay.append(svg("rect", { class: kind, x: left * 1000, y: top * 1000, width: (right - left) * 1000, height: (bottom - top) * 1000, "vector-effect": "non-scaling-stroke" }));
    const label = h("span", { class: kind }, text);
    label.style.left = `${left * 100}%`;
    label.style.top = `${top * 100}%`;
    this.labels.append(label);
  }

  drawHeat(rows) {
    this.heat.width = rows[0].length;
    this.heat.height = rows.length;
    const context = this.heat.getContext("2d");
    const pixels = context.createImageData(rows[0].length, rows.length);
    rows.flat().forEach((value, n) => {
      const v = value / 255;
      pixels.data.set([255 * Math.min(1, v * 2), 255 * Math.max(0, Math.min(1, v * 2 - 0.7)), 120 * (1 - v), 60 + 150 * v], n * 4);
    });
    context.putImageData(pixels, 0, 0);
  }
}
