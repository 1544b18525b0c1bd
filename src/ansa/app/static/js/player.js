// Plays a memory: cross-fades and slow pans, with the user's own music, which never leaves the browser.
import { aim, pictureUrl } from "./api.js";
import { h, iconButton, longDay } from "./dom.js";
import { library } from "./library.js";

const SECONDS = 4.6, FADE = 1.1;

export function play(memory, photos) {
  const before = document.activeElement;
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const scene = h("div", { class: "scene" });
  const caption = h("p", { class: "caption", role: "status" });
  const audio = h("audio", { loop: true });
  const chooser = h("input", { type: "file", accept: "audio/*", hidden: true, onchange: () => {
    if (!chooser.files[0]) return;
    URL.revokeObjectURL(audio.src);
    audio.src = URL.createObjectURL(chooser.files[0]);
    audio.play().catch(() => {});
  } });
  const dots = h("div", { class: "dots", "aria-hidden": "true" }, ...photos.map(() => h("span")));
  const pauseButton = iconButton("pause", "Pause (space)", () => pause(!paused));
  const element = h("div", { class: "player", role: "dialog", "aria-modal": "true", "aria-label": memory.title, tabindex: -1 },
    scene, h("div", { class: "player-top" }, dots),
    h("div", { class: "player-bar" }, h("div", {}, h("strong", {}, memory.title), caption), h("span", { class: "grow" }),
      iconButton("left", "Previous", () => go(at - 1)), pauseButton, iconButton("right", "Next", () => go(at + 1)),
      iconButton("music", "Play your own music", () => chooser.click()), iconButton("close", "End (Esc)", end)), chooser, audio);
  let at = -1, paused = false, timer = 0, shown = null;

  function go(to) {
    clearTimeout(timer);
    at = (to + photos.length) % photos.length;
    const photo = photos[at];
    const ratio = library.ratioOf(photo.id);
    const image = h("img", { alt: photo.taken ? `Photo, ${longDay(photo.taken)}` : "Photo", src: pictureUrl(photo.id, "screen") });
    const wide = innerWidth / innerHeight;
    const tall = ratio < wide * 0.62; // whole upright photos on a wide screen, on a blurred ground
    const slide = h("div", { class: tall ? "slide whole" : "slide" }, tall ? h("img", { class: "ground", alt: "", src: pictureUrl(photo.id) }) : null, image);
    const previous = shown;
    shown = slide;
    const begin = () => {
      if (shown !== slide) { slide.remove(); return; }
      scene.append(slide);
      const fade = slide.animate([{ opacity: 0 }, { opacity: 1 }], { duration: FADE * 1000, easing: "ease-in-out", fill: "both" });
      fade.finished.then(() => previous?.remove()).catch(() => {});
      if (!calm) {
        const [dx, dy] = [[-1.6, -1], [1.6, 0.8], [1, -1.4], [-1.2, 1.2]][at % 4];
        const small = tall ? 1 : 1.06, large = tall ? 1.05 : 1.17;
        const [from, to2] = at % 2 ? [large, small] : [small, large];
        image.animate([{ transform: `scale(${from}) translate(${dx}%, ${dy}%)` }, { transform: `scale(${to2}) translate(${-dx}%, ${-dy}%)` }], { duration: (SECONDS + FADE + 1) * 1000, easing: "linear", fill: "both" });
      }
      if (paused) hold();
    };
    Promise.allSettled([image.decode(), tall ? null : aim(image, photo.id, scene)]).then(begin);
    caption.textContent = photo.taken ? longDay(photo.taken) : "";
    [...dots.children].forEach((dot, n) => dot.classList.toggle("done", n <= at));
    if (photos.length > 1) new Image().src = pictureUrl(photos[(at + 1) % photos.length].id, "screen");
    if (!paused) timer = setTimeout(() => (at + 1 < photos.length ? go(at + 1) : pause(true)), SECONDS * 1000);
  }
  function hold() { for (const animation of scene.getAnimations({ subtree: true })) if (paused) animation.pause(); else animation.play(); }
  function pause(now) {
    paused = now;
    clearTimeout(timer);
    pauseButton.replaceChildren(iconButton(now ? "play" : "pause", "").firstChild);
    pauseButton.setAttribute("aria-label", now ? "Play (space)" : "Pause (space)");
    hold();
    if (now) audio.pause(); else {
      if (audio.src) audio.play().catch(() => {});
      timer = setTimeout(() => go(at + 1), (SECONDS * 1000) / 2);
    }
  }
  function end() {
    removeEventListener("hashchange", end);
    clearTimeout(timer);
    audio.pause();
    URL.revokeObjectURL(audio.src);
    element.remove();
    document.exitFullscreen?.().catch(() => {});
    for (const part of document.querySelectorAll(".bar, .side, main")) part.inert = false;
    before?.focus?.();
  }
  element.addEventListener("keydown", (event) => {
    const actions = { Escape: end, " ": () => pause(!paused), ArrowRight: () => go(at + 1), ArrowLeft: () => go(at - 1) };
    if (event.key in actions && !(event.key === " " && event.target.matches("button"))) { event.preventDefault(); actions[event.key](); }
  });
  for (const part of document.querySelectorAll(".bar, .side, main")) part.inert = true;
  document.body.append(element);
  element.focus();
  addEventListener("hashchange", end);
  go(0);
}
