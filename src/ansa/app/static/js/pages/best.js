// The best photos, and wallpapers for the user's own screen.
import { attempt, get } from "../api.js";
import { count, h, icon } from "../dom.js";
import { Grid } from "../grid.js";
import { library } from "../library.js";
import { hideSelection, showSelection } from "../selection.js";

const COUNTS = [20, 50, 100, 200];

export async function enter(main, here, page) {
  let number = Number(here.parameters.get("count")) || 50;
  if (!COUNTS.includes(number)) number = 50;
  const grid = new Grid(main, {
    label: "The best photos",
    open: (index) => { page.context.list = grid.ids; page.context.back = (id) => grid.focus(grid.ids.indexOf(id)); location.hash = `#/photo/${grid.ids[index]}`; },
    onPicks: () => showSelection(grid),
  });
  const said = h("p", { role: "status" }, "Choosing\u2026");
  main.append(h("div", { class: "page wide" },
    h("header", {}, h("div", {}, h("h1", {}, "Best"), said),
      h("div", { class: "tabs" }, ...COUNTS.map((each) => h("a", { class: each === number ? "chip on" : "chip", href: `#/best?count=${each}`, "aria-current": each === number ? "true" : null }, String(each))),
        h("a", { class: "button", href: "#/wallpapers" }, icon("screen"), "Wallpapers"))),
    grid.element));
  const found = await attempt(() => get("/best", { count: number }));
  if (found) {
    said.textContent = found.photos.length ? `${count(found.photos.length, "photo")} of ${found.among.toLocaleString("en")}, no two of them alike, over all years and subjects.` : "";
    if (!found.photos.length) grid.element.before(h("div", { class: "empty" }, icon("best"), h("h2", {}, "Nothing to choose from yet"), h("p", { class: "soft sentence" }, `${found.message || "The best photos appear here when there are some"}.`)));
    page.context.found = new Map(found.photos.map((photo) => [photo.id, photo]));
    grid.set(found.photos.map((photo) => photo.id), found.photos.map((photo) => library.ratioOf(photo.id)));
    page.context.list = grid.ids;
  }
  return { leave() { grid.destroy(); hideSelection(); } };
}
