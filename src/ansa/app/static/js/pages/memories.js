// Memories: cards with covers; one memory with its photos, to be played, changed, kept as a film or dismissed.
import { aim, app, attempt, get, pictureUrl, post, say, sharpPicture } from "../api.js";
import { button, count, h, icon, iconButton, longDay } from "../dom.js";
import { library } from "../library.js";
import { play } from "../player.js";

let known = null;

export async function enter(main, here, page) {
  const holder = h("div", { class: "page" });
  main.append(holder);
  holder.append(h("header", {}, h("div", {}, h("h1", {}, "Memories"), h("p", {}, "Trips, birthdays, seasons and this day in other years, chosen from your photos."))), skeletons());
  known = await attempt(() => get("/memories"));
  if (!known || !holder.isConnected) return {};
  draw(holder, here, page);
  return {
    update(next) {
      draw(holder, next, page);
      main.scrollTop = 0;
      return true;
    },
  };
}

function skeletons() {
  return h("div", { class: "cards", "aria-busy": "true" }, ...Array.from({ length: 6 }, () => h("div", { class: "skeleton memory-card" })));
}

function draw(holder, here, page) {
  const memory = here.rest[0] && known.memories.find((each) => each.id === here.rest[0]);
  if (memory) { drawOne(holder, memory, page); return; }
  page.context.list = null;
  page.context.back = null;
  holder.replaceChildren(
    h("header", {}, h("div", {}, h("h1", {}, "Memories"), h("p", {}, "Trips, birthdays, seasons and this day in other years, chosen from your photos."))),
    known.memories.length
      ? h("ul", { class: "cards" }, ...known.memories.map((each) => h("li", {}, card(each))))
      : h("div", { class: "empty" }, icon("memories"), h("h2", {}, "No memories yet"), h("p", { class: "soft" }, `${known.message || "They appear when there are enough photos with times and places"}.`)));
}

function card(memory) {
  return h("a", { class: "memory-card", href: `#/memories/${memory.id}` },
    // A card is about as large as a picture of the grid, but for screens with finer pixels.
    h("img", { src: pictureUrl(memory.cover), srcset: `${pictureUrl(memory.cover, "screen")} 2x`, alt: "", loading: "lazy" }),
    h("span", { class: "shade" }, h("strong", {}, memory.title), h("span", {}, span(memory))));
}

function span(memory) {
  const days = memory.photos.map((photo) => photo.taken).filter(Boolean).sort();
  const years = [...new Set(days.map((day) => day.slice(0, 4)))];
  const when = years.length > 1 ? `${years[0]} to ${years.at(-1)}` : years[0] ?? "";
  return [count(memory.photos.length, "photo"), when].filter(Boolean).join(" \u00b7 ");
}

function drawOne(holder, memory, page) {
  const left = new Set();
  const chosen = () => memory.photos.filter((photo) => !left.has(photo.id));
  const photos = h("ul", { class: "memory-photos" });
  const number = h("span", { class: "soft small", role: "status" });
  page.context.list = memory.photos.map((photo) => photo.id);
  page.context.back = (id) => photos.querySelector(`[data-photo="${id}"]`)?.focus();
  function redraw() {
    number.textContent = left.size ? `${count(chosen().length, "photo")} of ${memory.photos.length} in the player and the film` : "";
    photos.replaceChildren(...memory.photos.map((photo) => {
      const out = left.has(photo.id);
      return h("li", { class: out ? "out" : "", style: { "--ratio": library.ratioOf(photo.id) } },
        h("a", { href: `#/photo/${photo.id}`, data: { photo: photo.id }, title: photo.reasons.join("; ") }, h("img", { src: pictureUrl(photo.id), alt: photo.taken ? `Photo, ${longDay(photo.taken)}` : "Photo", loading: "lazy" })),
        iconButton(out ? "plus" : "close", out ? "Take it in again" : "Leave it out", () => { if (out) left.delete(photo.id); else left.add(photo.id); redraw(); }));
    }));
  }
  redraw();
  const film = filmMaker(memory, chosen);
  const cover = sharpPicture(memory.cover, { alt: "" });
  const hero = h("div", { class: "memory-hero" }, cover,
    h("div", { class: "shade" }, h("a", { class: "round", href: "#/memories", "aria-label": "All memories" }, icon("back")), h("div", {}, h("h1", {}, memory.title), h("p", {}, span(memory)))));
  holder.replaceChildren(hero,
    h("div", { class: "row actions" },
      button("Play", () => play(memory, chosen()), { class: "button main" }, "play"), film.button,
      button("Dismiss", () => dismiss(memory), {}, "close"), number),
    film.panel, photos,
    h("details", { class: "soft" }, h("summary", {}, "Why it is proposed"), h("ul", { class: "bullets" }, ...memory.reasons.map((reason) => h("li", {}, reason)), h("li", {}, `mood: ${memory.mood.name}, ${memory.mood.tempo} beats a minute`))));
  aim(cover, memory.cover, hero);
}

async function dismiss(memory) {
  if (!await attempt(() => post(`/memories/${memory.id}/dismiss`))) return;
  known.memories = known.memories.filter((each) => each !== memory);
  location.hash = "#/memories";
  say(`${memory.title} is dismissed.`, "Undo", async () => {
    await attempt(() => post(`/memories/${memory.id}/restore`));
    known = await attempt(() => get("/memories"));
    location.hash = `#/memories/${memory.id}`;
  });
}

function filmMaker(memory, chosen) {
  const able = app.state.features.film;
  const size = h("select", { class: "field", id: "film-size" }, h("option", { value: "360p" }, "640 \u00d7 360, for messages"), h("option", { value: "720p", selected: true }, "1280 \u00d7 720"), h("option", { value: "1080p" }, "1920 \u00d7 1080"), h("option", { value: "square" }, "1080 \u00d7 1080"));
  const music = h("input", { type: "file", accept: "audio/*", id: "film-music", class: "field" });
  const meter = h("span", { class: "meter" }, h("span"));
  const said = h("p", { role: "status", class: "soft" });
  const begin = button("Make the film", make, { class: "button main" }, "download");
  const panel = h("div", { class: "card stack film", hidden: true },
    able ? [
      h("div", { class: "row" }, h("label", { for: "film-size" }, "Size"), size, h("label", { for: "film-music" }, "Your own music, to whose beat it is cut"), music, begin), meter, said]
      : h("p", {}, "Films need one more package. Stop the app, run ", h("code", {}, "pip install 'ansa[movie]'"), " and start it again."));
  meter.hidden = true;
  async function make() {
    begin.disabled = true;
    meter.hidden = false;
    said.textContent = "The film is being made\u2026";
    await attempt(async () => {
      const file = music.files[0];
      const song = file ? (await post("/music", file)).music : 0;
      const { job } = await post(`/memories/${memory.id}/film`, { photos: chosen().map((photo) => photo.id), size: size.value, music: song });
      for (;;) {
        const state = await get(`/jobs/${job}`);
        meter.firstChild.style.setProperty("--share", `${(100 * state.done) / Math.max(1, state.total)}%`);
        if (state.problem) throw new Error(`${state.problem}.`);
        if (state.finished) break;
        await new Promise((resolve) => setTimeout(resolve, 400));
      }
      said.replaceChildren("The film is ready: ", h("a", { class: "link", href: `/api/v1/jobs/${job}/file`, download: "" }, "save it"), ".");
    }).finally(() => { begin.disabled = false; meter.hidden = true; });
  }
  const toggle = button("Film", () => { panel.hidden = !panel.hidden; toggle.setAttribute("aria-expanded", !panel.hidden); }, { "aria-expanded": "false" }, "download");
  return { button: toggle, panel };
}
