// The library as the pages know it: all photos in columns, and the marks of them.
import { attempt, events, get, post, say } from "./api.js";
import { count, longDay, monthOf } from "./dom.js";

class LibraryState extends EventTarget {
  photos = [];
  ratios = [];
  days = [];
  favourites = new Set();
  hidden = new Set();
  films = new Map();
  loaded = false; // whether there are photos to show
  whole = false; // whether these are all

  /** Reads the timeline again; says "timeline" if it has changed. */
  async load() {
    if (this.loading) { this.again = true; return this.loading; }
    this.loading = this.read();
    try { await this.loading; } finally { this.loading = null; }
    if (this.again) { this.again = false; return this.load(); }
    return undefined;
  }

  async read() {
    this.take(await get("/timeline"), true);
  }

  /** Takes a timeline, of all photos or of the newest ones. */
  take(found, whole) {
    this.whole = whole;
    const changed = !this.loaded || found.photos.length !== this.photos.length || found.photos.some((id, n) => id !== this.photos[n]);
    this.favourites = new Set(found.favourites);
    this.hidden = new Set(found.hidden);
    this.films = new Map(found.films);
    this.loaded = true;
    if (changed) {
      this.photos = found.photos;
      this.ratios = found.ratios;
      this.days = found.days;
      this.dispatchEvent(new Event("timeline"));
    } else this.dispatchEvent(new Event("marks"));
  }

  /** The photos that a filter leaves, with the sections of a grid. */
  filtered(keep) {
    const ids = [], ratios = [], sections = [];
    let at = 0;
    for (const { day, count: number } of this.days) {
      let kept = 0;
      for (let n = at; n < at + number; n += 1) {
        if (keep(this.photos[n])) {
          ids.push(this.photos[n]);
          ratios.push(this.ratios[n]);
          kept += 1;
        }
      }
      at += number;
      if (kept) sections.push({ label: shortDay(day), month: monthOf(day), key: day ?? "", count: kept });
    }
    return { ids, ratios, sections };
  }

  /** The width of a photo by its height; `unknown` while the library is not read. */
  ratioOf(id, unknown = 1.5) {
    this.byId ??= new Map();
    if (this.byIdOf !== this.photos) {
      this.byId = new Map(this.photos.map((photo, n) => [photo, this.ratios[n]]));
      this.byIdOf = this.photos;
    }
    return this.byId.get(id) ?? unknown;
  }

  /** Gives photos a mark; it can be undone. */
  async mark(ids, mark) {
    const before = ids.map((id) => [id, this.favourites.has(id) ? "favourite" : this.hidden.has(id) ? "hidden" : "none"]);
    const done = await attempt(() => post("/marks", { ids, mark }));
    if (!done) return;
    this.note(ids, mark);
    const [one, many] = { favourite: ["is a favourite now", "are favourites now"], hidden: ["is hidden", "are hidden"], none: ["is no longer marked", "are no longer marked"] }[mark];
    say(ids.length === 1 ? `The photo ${one}.` : `${count(ids.length, "photo")} ${many}.`, "Undo", () => this.restore(before));
  }

  note(ids, mark) {
    for (const id of ids) {
      this.favourites.delete(id);
      this.hidden.delete(id);
      if (mark === "favourite") this.favourites.add(id);
      if (mark === "hidden") this.hidden.add(id);
    }
    this.dispatchEvent(new Event("marks"));
  }

  async restore(before) {
    for (const mark of ["favourite", "hidden", "none"]) {
      const ids = before.filter(([, had]) => had === mark).map(([id]) => id);
      if (ids.length && await attempt(() => post("/marks", { ids, mark }))) this.note(ids, mark);
    }
  }

  toggle(ids, mark) {
    const set = mark === "favourite" ? this.favourites : this.hidden;
    return this.mark(ids, ids.every((id) => set.has(id)) ? "none" : mark);
  }

  async notClutter(ids) {
    const done = await attempt(() => post("/corrections/kind", { ids, kind: "photo" }));
    if (done) say(`${count(ids.length, "photo")} will not count as clutter any more.`, "Undo", () => attempt(() => post("/undo")));
  }
}

export const library = new LibraryState();

let waiting = 0;
let lastContent = null;
// While a folder is indexed, new photos appear every few seconds, not with every batch.
events.addEventListener("content", ({ detail }) => {
  if (lastContent !== null && detail !== lastContent && !waiting) {
    waiting = setTimeout(() => { waiting = 0; library.load().catch(() => {}); }, library.photos.length < 200 ? 400 : 2500);
  }
  lastContent = detail;
});

function shortDay(day) {
  if (!day) return "Unknown time";
  return longDay(day).replace(/ \d{4}$/, "").replace(/^(\w{3})\w*/, "$1");
}
