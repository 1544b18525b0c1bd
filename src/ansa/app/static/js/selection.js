// The bar with what can be done with selected photos.
import { attempt, get, say } from "./api.js";
import { count, h, iconButton } from "./dom.js";
import { library } from "./library.js";

const bar = document.querySelector(".selection");

/** Shows the bar for a grid's selection, or hides it if nothing is selected. */
export function showSelection(grid) {
  const ids = [...grid.picked];
  bar.hidden = !ids.length;
  if (!ids.length) { bar.replaceChildren(); return; }
  bar.replaceChildren(
    h("strong", { class: "number", role: "status" }, `${ids.length.toLocaleString("en")} selected`),
    iconButton("star", "Favourite (f)", () => library.toggle(ids, "favourite")),
    iconButton("hide", "Hide (h)", () => library.toggle(ids, "hidden")),
    iconButton("tidy", "Not clutter (c)", () => library.notClutter(ids)),
    iconButton("search", "More like these", () => { location.hash = `#/search?like=${ids.slice(0, 8)}`; }),
    iconButton("teach", "Teach a name with these", () => { location.hash = `#/teach?photos=${ids.slice(0, 60)}`; }),
    iconButton("copy", "Copy their paths", () => copyPaths(ids)),
    iconButton("close", "Select nothing (Esc)", () => grid.unpick()),
  );
}

export function hideSelection() {
  bar.hidden = true;
  bar.replaceChildren();
}

export async function copyPaths(ids) {
  const paths = [];
  for (const id of ids.slice(0, 200)) {
    const photo = await attempt(() => get(`/photos/${id}`));
    if (photo) paths.push(photo.paths[0]);
  }
  await navigator.clipboard.writeText(paths.join("\n"));
  say(paths.length === 1 ? "The path is copied." : `${count(paths.length, "path")} copied.`);
}
