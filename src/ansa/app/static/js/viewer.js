// One photo, large: zoom, neighbours, what ANSA sees in it, and its facts.
import { ApiError, attempt, fileUrl, get, pictureUrl, post, say } from "./api.js";
import { button, fill, h, icon, iconButton, inShort, longDay } from "./dom.js";
import { library } from "./library.js";
import { Stage } from "./stage.js";

const FAULTS = { defocus_blur: "Out of focus", motion_blur: "Motion blur", noise: "Noise", compression_artifacts: "Compression" };
const WORDS = ["none", "a little", "some", "strong"];

export class Viewer {
  constructor(element) {
    this.element = element;
    this.stage = new Stage({ onSwipe: (step) => this.step(step) });
    this.layersOn = new Set();
    this.withInfo = innerWidth > 900;
    this.photo = null;
    this.counter = h("span", { class: "number soft-on-dark" });
    this.star = iconButton("star", "Favourite (f)", () => this.mark("favourite"));
    this.hide = iconButton("hide", "Hide (h)", () => this.mark("hidden"));
    this.layerButton = iconButton("layers", "What ANSA sees (l)", () => this.toggleMenu(), { "aria-expanded": "false" });
    this.infoButton = iconButton("info", "Facts (i)", () => this.toggleInfo());
    this.menu = h("div", { class: "layer-menu", hidden: true, role: "group", "aria-label": "What ANSA sees" });
    this.info = h("aside", { class: "info", "aria-label": "About this photo" });
    this.previous = iconButton("left", "Previous photo (left arrow)", () => this.step(-1), { class: "round turn before" });
    this.next = iconButton("right", "Next photo (right arrow)", () => this.step(1), { class: "round turn after" });
    element.setAttribute("role", "dialog");
    element.setAttribute("aria-modal", "true");
    element.setAttribute("aria-label", "Photo");
    element.append(
      h("div", { class: "stage-side" }, this.stage.element,
        h("div", { class: "viewer-bar" },
          iconButton("back", "Back (Esc)", () => this.leave()), this.counter, h("span", { class: "grow" }),
          iconButton("zoomout", "Smaller (-)", () => this.stage.zoomBy(1 / 1.5)), iconButton("zoomin", "Larger (+)", () => this.stage.zoomBy(1.5)),
          this.star, this.hide, this.layerButton, this.infoButton),
        this.menu, this.previous, this.next),
      this.info);
    element.addEventListener("keydown", (event) => this.onKey(event));
    // What had the focus may be gone: then keys come from the page itself.
    document.addEventListener("keydown", (event) => { if (!this.element.hidden && event.target === document.body) this.onKey(event); });
    library.addEventListener("marks", () => this.drawMarks());
    library.addEventListener("timeline", () => { if (!this.element.hidden) this.drawPlace(); });
  }

  /** Shows a photo; `context` has the list it is one of, and what to do on the way back. */
  async open(id, context, inside = this.inside) {
    if (this.element.hidden) {
      this.inside = inside;
      this.element.hidden = false;
      this.before = document.activeElement;
      document.body.classList.add("viewing");
      for (const part of document.querySelectorAll(".bar, .side, main")) part.inert = true;
    }
    this.context = context;
    this.id = id;
    const place = this.drawPlace();
    this.element.classList.toggle("with-info", this.withInfo);
    this.infoButton.setAttribute("aria-pressed", this.withInfo);
    this.drawMarks();
    this.stage.show(pictureUrl(id), pictureUrl(id, "screen"), fileUrl(id), library.ratioOf(id, null));
    if (!this.element.contains(document.activeElement)) this.stage.element.focus();
    for (const near of [1, -1]) if (this.list[place + near]) new Image().src = pictureUrl(this.list[place + near], "screen");
    this.photo = null;
    this.info.replaceChildren(h("div", { class: "skeleton tall" }));
    this.stage.setLayers(null, this.layersOn);
    let photo;
    try { photo = await get(`/photos/${id}`); } catch (error) {
      if (id !== this.id) return;
      this.info.replaceChildren(h("p", { class: "note" }, error instanceof ApiError && error.status === 404 ? "This photo is no longer in the library." : error.message));
      return;
    }
    if (id !== this.id) return;
    this.photo = photo;
    this.stage.image.alt = photo.text;
    this.element.setAttribute("aria-label", photo.text);
    this.stage.setLayers(photo, this.layersOn);
    if (photo.film) this.stage.playFilm(fileUrl(id), this.context?.found?.get(id)?.second ?? 0, photo.text);
    this.drawMenu();
    this.drawInfo();
  }

  close() {
    if (this.element.hidden) return;
    this.element.hidden = true;
    document.body.classList.remove("viewing");
    for (const part of document.querySelectorAll(".bar, .side, main")) part.inert = false;
    this.stage.clear();
    const { id, context, before } = this;
    if (context?.back) context.back(id);
    else before?.focus?.();
  }

  leave() {
    // The page from which the photo was opened is one step back, if it was opened from one.
    if (this.inside) history.back();
    else location.hash = "#/photos";
  }

  step(by) {
    const to = this.list[this.list.indexOf(this.id) + by];
    if (to === undefined) return;
    history.replaceState(null, "", `#/photo/${to}`);
    this.open(to, this.context);
  }

  onKey(event) {
    if (event.target.matches("input:not([type='checkbox'])") || event.ctrlKey || event.metaKey || event.altKey) return;
    const actions = {
      Escape: () => (this.menu.hidden ? this.leave() : this.toggleMenu()), ArrowLeft: () => this.step(-1), ArrowRight: () => this.step(1),
      f: () => this.mark("favourite"), h: () => this.mark("hidden"), c: () => library.notClutter([this.id]),
      i: () => this.toggleInfo(), l: () => this.toggleMenu(), "+": () => this.stage.zoomBy(1.5), "=": () => this.stage.zoomBy(1.5), "-": () => this.stage.zoomBy(1 / 1.5), 0: () => this.stage.fit(),
    };
    if (event.key in actions) {
      event.preventDefault();
      actions[event.key]();
    } else if (event.key === "Tab") this.keepFocus(event);
  }

  keepFocus(event) {
    const all = [...this.element.querySelectorAll("a[href], button, input, [tabindex='0']")].filter((each) => each.offsetParent !== null);
    if (!all.length) return;
    const first = all[0], last = all.at(-1);
    if (event.shiftKey && document.activeElement === first) { event.preventDefault(); last.focus(); }
    else if (!event.shiftKey && document.activeElement === last) { event.preventDefault(); first.focus(); }
  }

  mark(mark) { return library.toggle([this.id], mark); }

  /** Shows which photo of the list it is; its place in it, -1 if it is in none. */
  drawPlace() {
    this.list = this.context?.list?.includes(this.id) ? this.context.list : library.photos;
    const place = this.list.indexOf(this.id);
    this.counter.textContent = place >= 0 && library.whole ? `${(place + 1).toLocaleString("en")} of ${this.list.length.toLocaleString("en")}` : "";
    this.previous.hidden = place <= 0;
    this.next.hidden = place < 0 || place + 1 >= this.list.length;
    return place;
  }

  drawMarks() {
    this.star.setAttribute("aria-pressed", library.favourites.has(this.id));
    this.star.replaceChildren(icon("star", library.favourites.has(this.id)));
    this.hide.setAttribute("aria-pressed", library.hidden.has(this.id));
  }

  toggleInfo() {
    this.withInfo = !this.withInfo;
    this.element.classList.toggle("with-info", this.withInfo);
    this.infoButton.setAttribute("aria-pressed", this.withInfo);
    requestAnimationFrame(() => this.stage.fit());
  }

  toggleMenu() {
    this.menu.hidden = !this.menu.hidden;
    this.layerButton.setAttribute("aria-expanded", !this.menu.hidden);
    if (this.menu.hidden) this.layerButton.focus();
    else this.menu.querySelector("input")?.focus();
  }

  drawMenu() {
    const { photo } = this;
    const layers = [
      ["objects", "Objects", photo.objects.length ? `${photo.objects.length} found` : "none found"],
      ["saliency", "What draws the eye", photo.saliency ? "" : "not known"],
      ...Object.keys(photo.crops).map((name) => [`crop ${name}`, `Crop ${name}`, ""]),
    ];
    this.menu.replaceChildren(...layers.map(([name, label, note]) => h("label", {},
      h("input", { type: "checkbox", checked: this.layersOn.has(name), onchange: (event) => {
        if (event.target.checked) this.layersOn.add(name); else this.layersOn.delete(name);
        this.stage.setLayers(photo, this.layersOn);
      } }), label, h("span", { class: "soft small" }, note))));
  }

  drawInfo() {
    const { photo } = this;
    const { facts } = photo;
    const match = this.context?.found?.get(photo.id);
    const facets = [
      facts.taken && ["When", [longDay(facts.taken), facts.taken.length > 10 && `${facts.taken.slice(11, 16)}`].filter(Boolean).join(", ")],
      photo.place.length && ["Where", h("a", { class: "link", href: `#/search?q=${encodeURIComponent(`in ${photo.place[0]}`)}` }, photo.place.join(", "))],
      facts.camera && ["Camera", facts.camera],
      ["Size", `${facts.width.toLocaleString("en")} \u00d7 ${facts.height.toLocaleString("en")}${facts.format ? `, ${facts.format}` : ""}`],
      ["File", h("code", {}, photo.paths[0])],
      photo.paths.length > 1 && ["Also at", h("span", {}, ...photo.paths.slice(1).map((path) => h("code", {}, path)))],
    ].filter(Boolean);
    fill(this.info,
      h("h2", {}, photo.description === "A photo." && facts.taken ? longDay(facts.taken) : photo.description.replace(/\.$/, "")),
      photo.seconds && !photo.film ? h("p", { class: "note" }, "Browsers do not play films of this format: open it from its folder.") : null,
      photo.live ? h("div", { class: "row" }, button("Play the Live Photo", () => this.stage.playFilm(`/api/v1/photos/${photo.id}/live`, 0, photo.text), {}, "play")) : null,
      photo.there ? null : h("p", { class: "note" }, "The file is gone, or its drive is not connected."),
      photo.analyzed ? null : h("p", { class: "note" }, "This photo was not analyzed with this bundle yet."),
      h("dl", { class: "facts" }, ...facets.map(([name, value]) => [h("dt", {}, name), h("dd", {}, value)])),
      h("div", { class: "row" },
        button("Show in folder", () => attempt(() => post(`/photos/${photo.id}/show`)), {}, "folder"),
        button("Copy path", () => attempt(async () => { await navigator.clipboard.writeText(photo.paths[0]); say("The path is copied."); }), {}, "copy")),
      match?.reasons.length ? h("section", {}, h("h3", {}, "Why it was found"), h("ul", { class: "bullets" }, ...match.reasons.map((reason) => h("li", {}, reason)))) : null,
      this.tags(), this.quality(), this.more(), this.alikeSection());
    this.loadAlike(photo.id);
    this.loadMemories(photo.id);
    if (photo.seconds) this.loadMoments(photo);
  }

  async loadMoments(photo) {
    let found;
    try { found = await get(`/photos/${photo.id}/moments`); } catch { return; }
    if (photo !== this.photo || !found.moments.length) return;
    this.alikes.parentElement.before(h("section", {}, h("h3", {}, "Moments"), h("ul", { class: "bullets" }, ...found.moments.map(({ second, tags }) => {
      const names = tags.filter((tag) => tag.sure).slice(0, 4).map((tag) => tag.name).join(", ");
      return h("li", {}, h("button", { type: "button", class: "chip press", onclick: () => this.stage.seek(second) }, `${Math.floor(second / 60)}:${String(Math.floor(second % 60)).padStart(2, "0")}`), ` ${names}`);
    }))));
  }

  tags() {
    const { photo } = this;
    const likely = photo.tags.filter((tag) => tag.sure || tag.score >= 0.2).slice(0, 14);
    const sure = likely.filter((tag) => tag.sure), unsure = likely.filter((tag) => !tag.sure).sort((a, b) => b.score - a.score);
    const row = (tag) => h("li", { class: tag.sure ? "" : "unsure" },
      h("a", { href: `#/search?q=${encodeURIComponent(tag.name)}`, title: `Search for ${tag.name}` }, tag.name),
      bar(tag.score), h("span", { class: "number soft small" }, tag.sure ? percent(tag.score) : `${percent(tag.score)}?`),
      iconButton("close", `Not: ${tag.name}`, () => this.correct(tag.name, false), { class: "round mini" }));
    const name = h("input", { class: "field", placeholder: "It is\u2026", "aria-label": "Something that it shows", maxlength: 100 });
    const form = h("form", { class: "row", onsubmit: (event) => {
      event.preventDefault();
      if (name.value.trim()) this.correct(name.value.trim(), true);
    } }, name, h("button", { class: "button" }, "Add"));
    return h("section", {}, h("h3", {}, "What it shows"),
      sure.length ? h("ul", { class: "tags" }, ...sure.map(row)) : h("p", { class: "soft" }, unsure.length ? "Nothing for sure." : "Nothing is likely enough to say."),
      unsure.length ? h("details", { class: "guesses", open: this.guesses, ontoggle: (event) => { this.guesses = event.target.open; } }, h("summary", { class: "soft" }, unsure.length === 1 ? "1 more guess" : `${unsure.length} more guesses`), h("ul", { class: "tags" }, ...unsure.map(row))) : null,
      likely.length ? h("p", { class: "soft small" }, "A cross tells ANSA that it is wrong.") : null, form);
  }

  async correct(tag, shown) {
    const done = await attempt(() => post("/corrections/tags", { ids: [this.id], tag, answer: shown ? "yes" : "no" }));
    if (!done) return;
    say(shown ? `It is ${tag}.` : `Not ${tag}: remembered.`, "Undo", async () => {
      await attempt(() => post("/corrections/tags", { ids: [this.id], tag, answer: "forget" }));
      this.open(this.id, this.context);
    });
    this.open(this.id, this.context);
  }

  quality() {
    const { quality, aesthetics, utility, clutter } = this.photo;
    if (!quality && !utility) return null;
    const faults = quality ? Object.entries(FAULTS).map(([name, label]) => [label, quality[name]]) : [];
    const light = quality ? (quality.exposure < -0.1 ? "Too dark" : quality.exposure > 0.1 ? "Too bright" : "Exposure") : "";
    if (quality) faults.push([light, Math.abs(quality.exposure), "good"]);
    return h("section", {}, h("h3", {}, "Quality"),
      h("ul", { class: "tags" }, ...faults.map(([label, value, fine = WORDS[0]]) => h("li", {}, h("span", {}, label), bar(value), h("span", { class: "soft small" }, value < 0.2 ? fine : WORDS[Math.min(3, Math.floor(value * 5))])))),
      h("p", { class: "soft small" }, [
        utility && `Kind: ${utility.kind} (${percent(utility.score)})`, quality && Math.abs(quality.tilt) >= 1 && `tilted by ${quality.tilt.toFixed(0)}\u00b0`,
        aesthetics !== null && `looks better than ${percent(aesthetics)} of photos`].filter(Boolean).join("; ")),
      clutter.some((sign) => sign.sure) ? h("p", { class: "row small" }, `Counts as clutter: ${inShort(clutter.find((sign) => sign.sure).reason)}.`, button("Not clutter", () => library.notClutter([this.id]))) : null);
  }

  more() {
    const go = (name) => { location.hash = `#/search?${name}=${this.id}`; };
    const q = document.querySelector("#query").value.trim();
    return h("div", { class: "row" }, button("More like this", () => go("like"), {}, "search"),
      q && this.context?.found ? button("Less like this", () => { location.hash = `#/search?q=${encodeURIComponent(q)}&unlike=${this.id}`; }, {}, "minus") : null);
  }

  alikeSection() {
    this.alikes = h("div", { class: "alike" });
    this.memories = h("div", { class: "row" });
    return [h("section", { hidden: true }, h("h3", {}, "In memories"), this.memories), h("section", {}, h("h3", {}, "Similar photos"), this.alikes)];
  }

  async loadAlike(id) {
    const found = await attempt(() => get(`/photos/${id}/alike`, { limit: 12 }));
    if (!found || id !== this.id) return;
    this.alikes.replaceChildren(...found.photos.map((each) => h("a", { href: `#/photo/${each.id}`, "aria-label": `Similar photo, ${Math.round(each.similarity * 100)} % alike` }, h("img", { src: pictureUrl(each.id), alt: "", loading: "lazy" }))));
  }

  async loadMemories(id) {
    let found;
    try { found = await get(`/photos/${id}/memories`); } catch { return; }
    if (id !== this.id || !found.memories.length) return;
    this.memories.parentElement.hidden = false;
    this.memories.replaceChildren(...found.memories.map((memory) => h("a", { class: "chip", href: `#/memories/${memory.id}` }, memory.title)));
  }
}

function bar(value) {
  const meter = h("span", { class: "meter" }, h("span"));
  meter.firstChild.style.setProperty("--share", `${Math.round(value * 100)}%`);
  return meter;
}

function percent(value) { return `${Math.round(value * 100)} %`; }
