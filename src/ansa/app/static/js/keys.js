// The list of keys, which "?" opens.
import { h, iconButton } from "./dom.js";

const KEYS = {
  Everywhere: [["/", "Search"], ["?", "This list"]],
  "In the grid": [["Arrows", "Go to another photo"], ["Enter", "Show it large"], ["x or space", "Select it"], ["Shift and arrows", "Select several"], ["Esc", "Select nothing"]],
  "On a photo": [["f", "Favourite"], ["h", "Hide"], ["c", "Not clutter"], ["i", "Facts"], ["l", "What ANSA sees"], ["+ and -", "Larger, smaller"], ["0", "The whole photo"], ["Left, right", "The photo before, the next one"], ["Esc", "Back"]],
};

/** Shows the list of keys until it is closed, with Esc, too. */
export function showKeys() {
  if (document.querySelector("dialog.keys[open]")) return;
  const close = iconButton("close", "Close (Esc)", () => dialog.close(), { autofocus: true });
  const dialog = h("dialog", { class: "keys", "aria-label": "Keys" },
    h("div", { class: "row spread" }, h("h2", {}, "Keys"), close),
    ...Object.entries(KEYS).map(([where, keys]) => h("section", {}, h("h3", {}, where),
      h("dl", {}, ...keys.flatMap(([key, what]) => [h("dt", {}, h("kbd", {}, key)), h("dd", {}, what)])))));
  dialog.addEventListener("close", () => dialog.remove());
  dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
  // Keys must not act on what is behind it. Until the frame after it is closed, the focus is still in it.
  dialog.addEventListener("keydown", (event) => { if (dialog.open) event.stopPropagation(); });
  document.body.append(dialog);
  dialog.showModal();
}
