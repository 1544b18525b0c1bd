// All photos, the newest first.
import { app, events } from "../api.js";
import { button, count, h, icon } from "../dom.js";
import { Grid } from "../grid.js";
import { library } from "../library.js";
import { Scrubber } from "../scrubber.js";
import { hideSelection, showSelection } from "../selection.js";

const SHOWN = { all: "All", favourites: "Favourites", hidden: "Hidden" };

export function enter(main, here, page) {
  let show = here.parameters.get("show") ?? "all";
  if (!(show in SHOWN)) show = "all";
  const grid = new Grid(main, {
    label: "Photos",
    open: (index) => { page.context.list = grid.ids; page.context.back = (id) => grid.focus(grid.ids.indexOf(id)); location.hash = `#/photo/${grid.ids[index]}`; },
    onLayout: () => scrubber.draw(),
    onPicks: () => showSelection(grid),
  });
  const scrubber = new Scrubber(grid, main);
  const total = h("span", { class: "soft small number", role: "status" });
  const tabs = Object.entries(SHOWN).map(([name, label]) => h("a", { class: name === show ? "chip on" : "chip", href: name === "all" ? "#/photos" : `#/photos?show=${name}`, "aria-current": name === show ? "true" : null }, label));
  const empty = h("div", { class: "empty", hidden: true });
  const holder = h("div", { class: "photos-page" },
    h("h1", { class: "visually-hidden" }, "Photos"),
    h("div", { class: "grid-tools" }, tabs, total),
    grid.element, empty, scrubber.element);
  main.append(holder);

  function fill() {
    const keep = { all: (id) => !library.hidden.has(id), favourites: (id) => library.favourites.has(id), hidden: (id) => library.hidden.has(id) }[show];
    const { ids, ratios, sections } = library.filtered(keep);
    const same = ids.length === grid.ids.length && ids.every((id, n) => id === grid.ids[n]);
    if (!same) grid.set(ids, ratios, sections);
    page.context.list = ids;
    total.textContent = ids.length && library.whole ? count(ids.length, "photo") : "";
    empty.hidden = ids.length > 0 || !library.whole;
    grid.element.hidden = !empty.hidden;
    if (!empty.hidden) empty.replaceChildren(...nothing(show));
    scrubber.draw();
  }
  const onMarks = () => fill();
  const onIndexing = () => { if (!grid.ids.length) fill(); };
  library.addEventListener("timeline", fill);
  library.addEventListener("marks", onMarks);
  events.addEventListener("indexing", onIndexing);
  if (library.loaded) fill();
  return {
    leave() {
      library.removeEventListener("timeline", fill);
      library.removeEventListener("marks", onMarks);
      events.removeEventListener("indexing", onIndexing);
      grid.destroy();
      scrubber.destroy();
      hideSelection();
    },
  };
}

function nothing(show) {
  if (show === "favourites") return [icon("star"), h("h2", {}, "No favourites yet"), h("p", { class: "soft" }, "Select a photo and press the star, or f on the keyboard. Favourites change what ANSA chooses for memories and the best photos.")];
  if (show === "hidden") return [icon("hide"), h("h2", {}, "Nothing is hidden"), h("p", { class: "soft" }, "Hidden photos are left out of this page, of memories and of the best photos. Searches still find them.")];
  const { phase, total } = app.state?.indexing ?? {};
  if (["scanning", "indexing", "waiting"].includes(phase)) {
    return [icon("photos"), h("h2", {}, phase === "indexing" ? `${count(total, "photo")} found` : "Looking for your photos"),
      h("p", { class: "soft" }, "ANSA looks at each photo once, on this machine. The first ones appear here in a moment; you can search while it works.")];
  }
  return [icon("photos"), h("h2", {}, "No photos yet"), h("p", { class: "soft" }, "Add a folder in the settings, or stop this app and start it with one: ", h("code", {}, "ansa app ~/Pictures")), button("Open the settings", () => { location.hash = "#/settings"; }, { class: "button main" })];
}
