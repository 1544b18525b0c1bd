// Places: the map, the towns and the trips.
import { attempt, get, pictureUrl } from "../api.js";
import { count, h, iconButton, longDay } from "../dom.js";
import { Grid } from "../grid.js";
import { library } from "../library.js";
import { WorldMap } from "../map.js";
import { hideSelection, showSelection } from "../selection.js";

export async function enter(main, here, page) {
  const grid = new Grid(main, {
    label: "Photos of this place",
    open: (index) => { page.context.list = grid.ids; page.context.back = (id) => grid.focus(grid.ids.indexOf(id)); location.hash = `#/photo/${grid.ids[index]}`; },
    onPicks: () => showSelection(grid),
  });
  const title = h("h2", { tabindex: -1 });
  const chosen = h("section", { hidden: true }, h("div", { class: "row spread" }, title, iconButton("close", "Close", () => { chosen.hidden = true; grid.set([], []); map.showTrip(null); })), grid.element);
  const map = new WorldMap({ onOpen: (ids, name) => open(ids, name ? `Near ${name}` : "Here") });
  const lists = h("div");
  const said = h("p", { role: "status" }, "Looking up places\u2026");
  main.append(h("div", { class: "page wide" }, h("header", {}, h("div", {}, h("h1", {}, "Places"), said)), map.element, chosen, lists));
  attempt(() => map.load());

  function open(ids, name, quiet = false) {
    const wanted = new Set(ids);
    const ordered = library.photos.filter((id) => wanted.has(id) && !library.hidden.has(id));
    chosen.hidden = false;
    title.textContent = `${name}: ${count(ordered.length, "photo")}`;
    grid.set(ordered, ordered.map((id) => library.ratioOf(id)));
    page.context.list = ordered;
    title.focus({ preventScroll: true });
    if (!quiet) chosen.scrollIntoView({ block: "nearest", behavior: "smooth" });
  }

  const found = await attempt(() => get("/places"));
  if (found && said.isConnected) {
    said.textContent = found.points.length ? `${count(found.points.length, "photo")} say where they were taken${found.without ? `, ${found.without.toLocaleString("en")} do not` : ""}.` : "None of your photos says where it was taken.";
    map.set(found.points, found.towns, found.trips.map((trip) => trip.line));
    lists.append(
      found.trips.length ? h("section", {}, h("h2", {}, "Trips"), h("ul", { class: "cards" }, ...found.trips.map((trip) => h("li", {}, h("button", { type: "button", class: "place-card", onclick: () => { open(trip.photos, trip.name, true); map.showTrip(trip.line); map.element.scrollIntoView({ block: "start", behavior: "smooth" }); } },
        h("img", { src: pictureUrl(trip.cover), alt: "", loading: "lazy" }), h("span", {}, h("strong", {}, trip.name), h("span", { class: "soft small" }, `${count(trip.photos.length, "photo")}, ${count(trip.days, "day")} from ${longDay(trip.start).replace(/^\w+, /, "")}`))))))) : "",
      found.towns.length ? h("section", {}, h("h2", {}, "Towns"), h("ul", { class: "cards small" }, ...found.towns.slice(0, 120).map((town) => h("li", {}, h("a", { class: "thing", href: `#/search?q=${encodeURIComponent(`in ${town.name}`)}` }, h("img", { src: pictureUrl(town.cover), alt: "", loading: "lazy" }), h("span", {}, h("strong", {}, town.name), h("span", { class: "soft number" }, town.photos.toLocaleString("en")))))))) : "");
  }
  return { leave() { grid.destroy(); map.destroy(); hideSelection(); } };
}
