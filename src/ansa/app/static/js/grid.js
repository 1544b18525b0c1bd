// A grid of photos of which only those near the screen exist as elements.
import { h, icon } from "./dom.js";
import { get } from "./api.js";
import { layOut, lastUpTo } from "./layout.js";
import { library } from "./library.js";
import { dropPicture, freePicture, showPictures } from "./pictures.js";

const MARGIN = 0.8; // screens above and below that exist
const WIDE_HEADING = 140; // pixels

/** What the photos in short are known to be, by id, for alternative texts. */
const summaries = new Map();

export class Grid {
  /**
   * @param {HTMLElement} scroller what scrolls
   * @param {{label: string, open: (index: number) => void, onLayout?: () => void}} options
   */
  constructor(scroller, options) {
    this.scroller = scroller;
    this.options = options;
    this.ids = [];
    this.ratios = [];
    this.sections = [];
    this.layout = null;
    this.shown = new Map(); // index -> tile
    this.spare = [];
    this.active = 0;
    this.picked = new Set();
    this.anchor = null;
    this.headings = h("div", { class: "headings" });
    this.tiles = h("div", { class: "tiles", role: "list", "aria-label": options.label });
    this.element = h("div", { class: "grid" }, this.headings, this.tiles);
    this.tiles.addEventListener("click", (event) => this.onClick(event));
    this.tiles.addEventListener("keydown", (event) => this.onKey(event));
    this.tiles.addEventListener("focusin", (event) => this.onFocus(event));
    this.tiles.addEventListener("pointerdown", (event) => this.onPress(event));
    this.onScroll = () => this.schedule();
    this.onMarks = () => this.refresh();
    scroller.addEventListener("scroll", this.onScroll, { passive: true });
    library.addEventListener("marks", this.onMarks);
    this.resizer = new ResizeObserver(() => this.arrange());
    this.resizer.observe(this.element);
    this.frame = 0;
  }

  destroy() {
    this.scroller.removeEventListener("scroll", this.onScroll);
    library.removeEventListener("marks", this.onMarks);
    this.resizer.disconnect();
    cancelAnimationFrame(this.frame);
    clearTimeout(this.describing);
    for (const tile of this.shown.values()) dropPicture(tile.firstChild.firstChild);
  }

  /** Shows other photos, with what is at the top of the screen where it was. `sections` may be empty. */
  set(ids, ratios, sections = []) {
    const at = new Map(ids.map((id, index) => [id, index]));
    const top = this.top();
    const held = top && { index: at.get(this.ids[top.index]), shift: top.shift };
    const active = this.ids[this.active], anchor = this.ids[this.anchor];
    const tiles = [...this.shown].map(([index, tile]) => [this.ids[index], index, tile]);
    Object.assign(this, { ids, ratios, sections });
    this.shown.clear();
    for (const [id, index, tile] of tiles) {
      if (!at.has(id)) { this.release(index, tile); continue; }
      this.shown.set(at.get(id), tile);
      this.number(at.get(id), tile);
    }
    for (const id of [...this.picked]) if (!at.has(id)) this.picked.delete(id);
    this.active = at.get(active) ?? Math.min(this.active, Math.max(0, ids.length - 1));
    this.anchor = at.get(anchor) ?? null;
    for (const [index, tile] of this.shown) tile.firstChild.tabIndex = index === this.active ? 0 : -1;
    this.headingsKey = "";
    this.width = 0;
    this.arrange(held?.index === undefined ? null : held);
    this.changedPicks();
  }

  /** The photo at the top of the screen, and how far its row is above; null if the grid begins below. */
  top() {
    if (!this.layout?.total) return null;
    const above = this.scroller.scrollTop - this.offset();
    if (above <= 0) return null;
    const index = this.itemAt(above);
    return { index, shift: above - this.layout.rowTop[lastUpTo(this.layout.rowFirst, index)] };
  }

  get rowTarget() {
    const wide = this.element.clientWidth;
    return wide < 520 ? 118 : wide < 1100 ? 176 : wide < 1900 ? 212 : 250;
  }

  /** Lays the photos out for the width there is; `held` is what stays at the top of the screen. */
  arrange(held = this.width ? this.top() : null) {
    const width = this.element.clientWidth;
    if (!width || width === this.width) return;
    this.width = width;
    this.layout = layOut(this.ratios, this.sections, width, this.rowTarget, width < 520 ? 2 : 4);
    this.element.style.height = `${this.layout.height}px`;
    if (held) {
      const row = lastUpTo(this.layout.rowFirst, held.index);
      this.scroller.scrollTop = this.layout.rowTop[row] + this.offset() + held.shift;
    }
    for (const [index, tile] of this.shown) this.place(index, tile);
    this.draw();
    this.options.onLayout?.();
  }

  offset() {
    return this.element.offsetTop + (this.element.offsetParent === this.scroller ? 0 : this.element.offsetParent?.offsetTop ?? 0);
  }

  itemAt(top) {
    const { rowTop, rowFirst } = this.layout;
    return rowTop.length ? rowFirst[lastUpTo(rowTop, Math.max(0, top))] : 0;
  }

  schedule() {
    if (!this.frame) this.frame = requestAnimationFrame(() => { this.frame = 0; this.draw(); });
  }

  /** The photos in the rows that are between two heights: the first one, and the one after the last. */
  between(from, to) {
    const { rowTop, rowFirst, total } = this.layout;
    if (!rowTop.length) return [0, 0];
    let row = lastUpTo(rowTop, from);
    const first = rowFirst[row];
    while (row < rowTop.length && rowTop[row] < to) row += 1;
    return [first, row < rowTop.length ? rowFirst[row] : total];
  }

  draw() {
    if (!this.layout) return;
    const { headings } = this.layout;
    const high = this.scroller.clientHeight;
    const top = this.scroller.scrollTop - this.offset();
    const from = top - high * MARGIN, to = top + high * (1 + MARGIN);
    const [first, last] = this.between(from, to);
    for (const [index, tile] of this.shown) {
      if (index < first || index >= last) {
        if (tile.contains(document.activeElement)) continue; // the keyboard must not lose its place
        this.release(index, tile);
      }
    }
    // Pictures on the screen are asked for before those around it.
    for (const [low, end] of [this.between(top, top + high), [first, last]]) {
      const wanted = [];
      for (let index = low; index < end; index += 1) {
        if (this.shown.has(index)) continue;
        const tile = this.spare.pop() ?? this.make();
        this.shown.set(index, tile);
        this.place(index, tile);
        this.fill(index, tile);
        wanted.push([tile.firstChild.firstChild, this.ids[index]]);
      }
      showPictures(wanted);
    }
    this.drawHeadings(headings, from, to);
    clearTimeout(this.describing);
    this.describing = setTimeout(() => this.describe(), 220);
  }

  drawHeadings(headings, from, to) {
    if (!headings.length) { this.headings.replaceChildren(); return; }
    let at = Math.max(0, lastUpTo(headings, from, (each) => each.top) - 1);
    const wanted = [];
    for (; at < headings.length && headings[at].top < to; at += 1) wanted.push(at);
    const key = `${wanted[0]}-${wanted.at(-1)}-${this.width}`;
    if (key === this.headingsKey) return;
    this.headingsKey = key;
    this.headings.replaceChildren(...wanted.map((each) => {
      const { top, left, width, text, kind } = headings[each];
      // "Wed, 26 February" becomes "Wed, 26 Feb" above a narrow photo, rather than "Wed, 26 Fe…".
      const shown = kind === "day" && width < WIDE_HEADING ? text.replace(/(\d \w{3})\w+$/, "$1") : text;
      const heading = h(kind === "month" ? "h2" : "h3", { class: `heading ${kind}` }, shown);
      heading.style.transform = `translate(${left}px, ${top + (kind === "month" ? 14 : 9)}px)`;
      heading.style.maxWidth = `${width}px`;
      return heading;
    }));
  }

  make() {
    const image = h("img", { alt: "", decoding: "async", draggable: false });
    image.addEventListener("load", () => { image.classList.add("ready"); freePicture(image); });
    image.addEventListener("error", () => {
      if (image.getAttribute("src")) image.closest(".tile").append(h("span", { class: "gone" }, "This photo is gone"));
    });
    const tile = h("div", { class: "tile", role: "listitem" },
      h("a", { tabindex: -1 }, image),
      h("button", { type: "button", class: "pick", tabindex: -1 }, icon("check")),
      h("span", { class: "signs" }), h("span", { class: "film" }));
    this.tiles.append(tile);
    return tile;
  }

  place(index, tile) {
    const { x, w, rowTop, rowFirst, rowHeight } = this.layout;
    const row = lastUpTo(rowFirst, index);
    tile.style.transform = `translate(${x[index]}px, ${rowTop[row]}px)`;
    tile.style.width = `${w[index]}px`;
    tile.style.height = `${rowHeight[row]}px`;
  }

  number(index, tile) {
    tile.dataset.index = index;
    tile.setAttribute("aria-setsize", this.ids.length);
    tile.setAttribute("aria-posinset", index + 1);
  }

  fill(index, tile) {
    const id = this.ids[index];
    this.number(index, tile);
    const link = tile.firstChild;
    link.href = `#/photo/${id}`;
    link.tabIndex = index === this.active ? 0 : -1;
    link.firstChild.classList.remove("ready");
    tile.hidden = false;
    tile.querySelector(".gone")?.remove();
    this.dress(index, tile);
  }

  /** Its text, its marks and whether it is selected. */
  dress(index, tile) {
    const id = this.ids[index];
    const text = summaries.get(id)?.text ?? "Photo";
    tile.firstChild.firstChild.alt = text;
    const picked = this.picked.has(id);
    tile.classList.toggle("picked", picked);
    const pick = tile.children[1];
    pick.setAttribute("aria-label", `Select: ${text}`);
    pick.setAttribute("aria-pressed", picked);
    const length = library.films.get(id);
    tile.children[3].textContent = length === undefined ? "" : `\u25b6 ${Math.floor(length / 60)}:${String(Math.floor(length % 60)).padStart(2, "0")}`;
    const signs = tile.children[2];
    const wanted = (library.favourites.has(id) ? "s" : "") + (library.hidden.has(id) ? "h" : "");
    if (signs.dataset.now !== wanted) {
      signs.dataset.now = wanted;
      signs.replaceChildren();
      if (wanted.includes("s")) signs.append(icon("star", true));
      if (wanted.includes("h")) signs.append(icon("hide"));
    }
  }

  release(index, tile) {
    this.shown.delete(index);
    tile.hidden = true;
    dropPicture(tile.firstChild.firstChild);
    this.spare.push(tile);
  }

  refresh() {
    for (const [index, tile] of this.shown) this.dress(index, tile);
  }

  async describe() {
    const ids = [...this.shown.keys()].map((index) => this.ids[index]).filter((id) => !summaries.has(id)).slice(0, 300);
    if (!ids.length) return;
    try {
      for (const each of (await get("/photos", { ids })).photos) summaries.set(each.id, each);
      this.refresh();
    } catch { /* without texts for now */ }
  }

  focus(index, scroll = true) {
    if (index < 0 || index >= this.ids.length) return;
    const before = this.shown.get(this.active);
    if (before) before.firstChild.tabIndex = -1;
    this.active = index;
    if (scroll) {
      const row = lastUpTo(this.layout.rowFirst, index);
      const top = this.layout.rowTop[row] + this.offset(), bottom = top + this.layout.rowHeight[row];
      const view = this.scroller;
      if (top < view.scrollTop + 70) view.scrollTop = top - 90;
      else if (bottom > view.scrollTop + view.clientHeight - 20) view.scrollTop = bottom - view.clientHeight + 40;
      this.draw();
    }
    const tile = this.shown.get(index);
    if (tile) {
      tile.firstChild.tabIndex = 0;
      tile.firstChild.focus({ preventScroll: true });
    }
  }

  onFocus(event) {
    const tile = event.target.closest(".tile");
    if (!tile) return;
    const index = Number(tile.dataset.index);
    if (index !== this.active) {
      const before = this.shown.get(this.active);
      if (before) before.firstChild.tabIndex = -1;
      this.active = index;
      tile.firstChild.tabIndex = 0;
    }
  }

  onClick(event) {
    const tile = event.target.closest(".tile");
    if (!tile) return;
    const index = Number(tile.dataset.index);
    const picking = event.target.closest(".pick") || event.ctrlKey || event.metaKey || event.shiftKey || this.held
      || (this.picked.size && !event.target.closest(".pick"));
    event.preventDefault();
    this.held = false;
    if (picking) this.pick(index, event.shiftKey);
    else this.options.open(index);
  }

  onPress(event) {
    if (event.pointerType !== "touch") return;
    const tile = event.target.closest(".tile");
    if (!tile) return;
    const start = [event.clientX, event.clientY];
    const timer = setTimeout(() => { this.pick(Number(tile.dataset.index)); this.swallow = true; navigator.vibrate?.(12); }, 480);
    const end = (next) => {
      if (next.type === "pointermove" && Math.hypot(next.clientX - start[0], next.clientY - start[1]) < 10) return;
      clearTimeout(timer);
      for (const type of ["pointerup", "pointermove", "pointercancel"]) removeEventListener(type, end);
      if (this.swallow && next.type === "pointerup") {
        this.swallow = false;
        addEventListener("click", (click) => { click.preventDefault(); click.stopPropagation(); }, { capture: true, once: true });
      }
    };
    for (const type of ["pointerup", "pointermove", "pointercancel"]) addEventListener(type, end);
  }

  /** Selects a photo or no longer; with `range` all from the last one on. */
  pick(index, range = false) {
    const id = this.ids[index];
    if (range && this.anchor !== null) {
      const [low, high] = [Math.min(this.anchor, index), Math.max(this.anchor, index)];
      for (let i = low; i <= high; i += 1) this.picked.add(this.ids[i]);
    } else if (!this.picked.delete(id)) this.picked.add(id);
    this.anchor = index;
    this.refresh();
    this.changedPicks();
  }

  unpick() {
    this.picked.clear();
    this.anchor = null;
    this.refresh();
    this.changedPicks();
  }

  changedPicks() {
    this.element.classList.toggle("picking", this.picked.size > 0);
    this.options.onPicks?.(this.picked);
  }

  onKey(event) {
    if (event.target.closest(".pick") && event.key !== "Escape") return;
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const moves = { ArrowRight: 1, ArrowLeft: -1 };
    let to = null;
    if (event.key in moves) to = this.active + moves[event.key];
    else if (event.key === "ArrowDown" || event.key === "ArrowUp") to = this.across(event.key === "ArrowDown" ? 1 : -1);
    else if (event.key === "Home") to = 0;
    else if (event.key === "End") to = this.ids.length - 1;
    else if (event.key === "PageDown" || event.key === "PageUp") to = this.page(event.key === "PageDown" ? 1 : -1);
    if (to !== null) {
      event.preventDefault();
      if (event.shiftKey) {
        if (this.anchor === null) this.pick(this.active);
        this.pick(Math.max(0, Math.min(this.ids.length - 1, to)), true);
      }
      this.focus(Math.max(0, Math.min(this.ids.length - 1, to)));
      return;
    }
    const id = this.ids[this.active];
    const ids = this.picked.size ? [...this.picked] : [id];
    const actions = {
      x: () => this.pick(this.active),
      " ": () => this.pick(this.active),
      f: () => library.toggle(ids, "favourite"),
      h: () => library.toggle(ids, "hidden"),
      c: () => library.notClutter(ids),
      Escape: () => this.unpick(),
    };
    if (event.key in actions) {
      event.preventDefault();
      actions[event.key]();
    }
  }

  across(step) {
    const { rowFirst, x, w, total } = this.layout;
    const row = lastUpTo(rowFirst, this.active) + step;
    if (row < 0 || row >= rowFirst.length) return this.active;
    const middle = x[this.active] + w[this.active] / 2;
    const end = row + 1 < rowFirst.length ? rowFirst[row + 1] : total;
    let best = rowFirst[row];
    for (let i = best; i < end; i += 1) {
      if (Math.abs(x[i] + w[i] / 2 - middle) < Math.abs(x[best] + w[best] / 2 - middle)) best = i;
    }
    return best;
  }

  page(step) {
    const row = lastUpTo(this.layout.rowFirst, this.active);
    return this.itemAt(this.layout.rowTop[row] + step * this.scroller.clientHeight * 0.85);
  }
}
