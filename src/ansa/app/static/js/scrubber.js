// The bar of years at the right of a long grid: drag it, or use the arrow keys on it.
import { h } from "./dom.js";
import { lastUpTo } from "./layout.js";
import { library } from "./library.js";

export class Scrubber {
  /** @param {import("./grid.js").Grid} grid @param {HTMLElement} scroller */
  constructor(grid, scroller) {
    this.grid = grid;
    this.scroller = scroller;
    this.thumb = h("div", { class: "thumb" });
    this.label = h("div", { class: "label" });
    this.marks = h("div");
    this.element = h("div", {
      class: "scrubber", role: "slider", tabindex: 0, "aria-label": "Time", "aria-orientation": "vertical",
      "aria-valuemin": 0, "aria-valuemax": 0, "aria-valuenow": 0,
    }, this.marks, this.thumb, this.label);
    this.element.addEventListener("pointerdown", (event) => this.grab(event));
    this.element.addEventListener("pointermove", (event) => { if (!this.dragging) this.hint(event.offsetY); });
    this.element.addEventListener("keydown", (event) => this.onKey(event));
    this.onScroll = () => this.follow();
    scroller.addEventListener("scroll", this.onScroll, { passive: true });
    scroller.classList.add("scrubbed");
  }

  destroy() {
    this.scroller.removeEventListener("scroll", this.onScroll);
    this.scroller.classList.remove("scrubbed");
  }

  get months() { return this.grid.layout?.months ?? []; }

  /** Draws the years, as far as they have room. */
  draw() {
    const high = this.element.clientHeight, total = this.grid.layout?.height ?? 0;
    this.element.hidden = !library.whole || this.months.length < 2 || total < this.scroller.clientHeight * 1.5;
    if (this.element.hidden || !high) { this.marks.replaceChildren(); return; }
    const marks = [];
    let lastYear = "", lastTop = -100, lastTick = -100;
    for (const month of this.months) {
      const at = this.toBar(month.top);
      const year = month.key ? month.key.slice(0, 4) : "?";
      if (year !== lastYear && at - lastTop > 22) {
        marks.push(this.at(h("span", { class: "mark" }, year), at));
        lastTop = lastTick = at;
      } else if (at - lastTick > 8 && at - lastTop > 12) {
        marks.push(this.at(h("span", { class: "tick" }), at));
        lastTick = at;
      }
      lastYear = year;
    }
    this.marks.replaceChildren(...marks);
    this.element.setAttribute("aria-valuemax", this.months.length - 1);
    this.follow();
  }

  at(element, top) {
    element.style.top = `${top}px`;
    return element;
  }

  toBar(top) {
    const range = Math.max(1, this.grid.layout.height);
    return 14 + (top / range) * (this.element.clientHeight - 28);
  }

  follow() {
    if (!this.months.length || this.element.hidden) return;
    const top = Math.max(0, this.scroller.scrollTop - this.grid.offset());
    this.thumb.style.top = `${this.toBar(top)}px`;
    const month = lastUpTo(this.months, top + 40, (each) => each.top);
    this.element.setAttribute("aria-valuenow", month);
    this.element.setAttribute("aria-valuetext", this.months[month].text);
    if (!this.element.matches(":hover") || this.dragging) this.tell(month, this.toBar(top));
  }

  tell(month, top) {
    this.label.textContent = this.months[month]?.text ?? "";
    this.label.style.top = `${top}px`;
  }

  fromBar(y) {
    const share = Math.min(1, Math.max(0, (y - 14) / Math.max(1, this.element.clientHeight - 28)));
    return share * this.grid.layout.height;
  }

  hint(y) {
    if (this.months.length) this.tell(lastUpTo(this.months, this.fromBar(y), (each) => each.top), y);
  }

  grab(event) {
    event.preventDefault();
    this.element.focus({ preventScroll: true });
    this.element.setPointerCapture(event.pointerId);
    this.dragging = true;
    this.element.classList.add("dragging");
    const box = this.element.getBoundingClientRect();
    const move = (next) => { this.scroller.scrollTop = this.fromBar(next.clientY - box.top) + this.grid.offset() - 10; };
    const end = () => {
      this.dragging = false;
      this.element.classList.remove("dragging");
      this.element.removeEventListener("pointermove", move);
    };
    move(event);
    this.element.addEventListener("pointermove", move);
    this.element.addEventListener("lostpointercapture", end, { once: true });
  }

  onKey(event) {
    const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: 12, PageUp: -12, Home: -1e6, End: 1e6 };
    if (!(event.key in steps)) return;
    event.preventDefault();
    const now = Number(this.element.getAttribute("aria-valuenow"));
    const to = Math.min(this.months.length - 1, Math.max(0, now + steps[event.key]));
    this.scroller.scrollTop = this.months[to].top + this.grid.offset();
  }
}
