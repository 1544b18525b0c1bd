// Photos cropped for a screen, with the clock drawn where the user has it.
import { attempt, get, sharpPicture } from "../api.js";
import { h, icon } from "../dom.js";

const SCREENS = { mine: "This screen", "1920x1080": "1920 \u00d7 1080", "2560x1440": "2560 \u00d7 1440", "3840x2160": "3840 \u00d7 2160", "1170x2532": "Phone, 1170 \u00d7 2532", "2048x2732": "Tablet, 2048 \u00d7 2732" };
const CLOCKS = { none: "No clock", top: "Clock at the top", centre: "Clock in the middle", bottom: "Clock at the bottom", "top-left": "Clock top left", "top-right": "Clock top right", "bottom-left": "Clock bottom left", "bottom-right": "Clock bottom right", left: "Clock at the left", right: "Clock at the right" };

export function enter(main) {
  const screen_ = select("Screen", SCREENS), clock = select("Clock", CLOCKS);
  const list = h("ul", { class: "walls" });
  const said = h("p", { role: "status" });
  main.append(h("div", { class: "page" },
    h("header", {}, h("div", {}, h("h1", {}, "Wallpapers"), h("p", {}, "Large, good photos, cropped so that the subject stays whole and the picture is calm behind the clock.")),
      h("div", { class: "row" }, h("a", { class: "button", href: "#/best" }, icon("best"), "Best"), screen_, clock)), said, list));
  screen_.addEventListener("change", run);
  clock.addEventListener("change", run);
  let turn = 0;

  async function run() {
    const mine = (turn += 1);
    const [width, height] = size(screen_.value);
    said.textContent = "Choosing\u2026";
    list.style.setProperty("--shape", width / height);
    list.classList.toggle("tall", height > width);
    list.replaceChildren(...Array.from({ length: 6 }, () => h("li", { class: "skeleton wall" })));
    const found = await attempt(() => get("/wallpapers", { width, height, clock: clock.value }));
    if (mine !== turn) return;
    list.replaceChildren();
    said.textContent = "";
    if (!found) return;
    said.textContent = found.message ? `${found.message[0].toUpperCase()}${found.message.slice(1)}.` : "";
    list.replaceChildren(...found.wallpapers.map((wall) => h("li", {}, picture(wall, found.clock),
      h("div", { class: "row spread" }, h("span", { class: "soft small sentence" }, wall.reasons[0] ?? ""),
        h("a", { class: "button", download: "", href: `/api/v1/photos/${wall.id}/crop?left=${wall.crop[0]}&top=${wall.crop[1]}&right=${wall.crop[2]}&bottom=${wall.crop[3]}&width=${width}&height=${height}` }, icon("download"), "Save")))));
  }
  run();
  return {};
}

function picture(wall, clock) {
  const [left, top, right, bottom] = wall.crop;
  const image = sharpPicture(wall.id, { alt: wall.reasons.join("; ") || "Wallpaper", loading: "lazy" });
  image.style.width = `${100 / (right - left)}%`;
  image.style.left = `${(-100 * left) / (right - left)}%`;
  image.style.top = `${(-100 * top) / (bottom - top)}%`;
  image.style.height = `${100 / (bottom - top)}%`;
  const frame = h("a", { class: "wall", href: `#/photo/${wall.id}` }, image);
  if (clock) {
    const now = new Date();
    const face = h("span", { class: `clock ${wall.text === "dark" ? "dark" : "light"}`, "aria-hidden": "true" },
      h("b", {}, now.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", hour12: false })), h("span", {}, now.toLocaleDateString("en-GB", { weekday: "long", day: "numeric", month: "long" })));
    [face.style.left, face.style.top] = [`${clock[0] * 100}%`, `${clock[1] * 100}%`];
    [face.style.width, face.style.height] = [`${(clock[2] - clock[0]) * 100}%`, `${(clock[3] - clock[1]) * 100}%`];
    frame.append(face);
  }
  return frame;
}

function size(value) {
  if (value !== "mine") return value.split("x").map(Number);
  const scale = devicePixelRatio || 1;
  return [screen.width, screen.height].map((side) => Math.min(8192, Math.max(320, Math.round(side * scale))));
}

function select(label, options) {
  return h("select", { class: "field", "aria-label": label }, ...Object.entries(options).map(([value, text]) => h("option", { value }, text)));
}
