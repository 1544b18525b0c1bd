// The frame around the pages: which page is shown, the search field, and what indexing does.
import { app, attempt, events, listen, loadStart, say } from "./api.js";
import { count, duration, h, icon } from "./dom.js";
import { showKeys } from "./keys.js";
import { library } from "./library.js";
import { Viewer } from "./viewer.js";

const PAGES = [
  ["photos", "Photos"], ["memories", "Memories"], ["best", "Best"], ["places", "Places"], ["things", "Things"],
  ["tidy", "Tidy"], ["teach", "Teach"], ["settings", "Settings"],
];
const main = document.querySelector("main");
const side = document.querySelector(".side");
const query = document.querySelector("#query");
const status = document.querySelector(".status");
const viewer = new Viewer(document.querySelector(".viewer"));

let current = null; // the page that is shown: { name, leave }
let turn = 0;
const LONGEST_WAIT = 1500; // for the first pictures, in milliseconds

/** The address of a page: "#/search?q=dog" is the name "search" and its parameters. */
function address() {
  const [path, parameters = ""] = location.hash.replace(/^#\/?/, "").split("?");
  const [name = "", ...rest] = path.split("/");
  return { name: name || "photos", rest: rest.map(decodeURIComponent), parameters: new URLSearchParams(parameters) };
}

async function route() {
  const here = address();
  const mine = (turn += 1);
  if (here.name === "photo") {
    if (!current) await show({ name: "photos", rest: [], parameters: new URLSearchParams() }, mine);
    await viewer.open(Number(here.rest[0]), current?.context, mine > 1);
    return;
  }
  viewer.close();
  const key = location.hash;
  if (current?.key === key) return; // back from a photo: the page is as it was
  if (current && current.name === here.name && current.update?.(here)) {
    current.key = key;
    return;
  }
  await show(here, mine, key);
}

async function show(here, mine, key = location.hash) {
  const name = PAGES.some(([page]) => page === here.name) || ["search", "wallpapers", "review"].includes(here.name) ? here.name : "photos";
  current?.leave?.();
  current = null;
  main.scrollTop = 0;
  for (const link of side.querySelectorAll("a")) {
    if (link.dataset.page === (name === "wallpapers" ? "best" : name)) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  const title = name === "search" ? "Search" : PAGES.find(([page]) => page === name)?.[1] ?? here.name[0].toUpperCase() + here.name.slice(1);
  document.title = `${title} \u00b7 ANSA`;
  if (name !== "search" && document.activeElement !== query) query.value = "";
  main.replaceChildren();
  const module = await attempt(() => import(`./pages/${name}.js`));
  if (!module || mine !== turn) return;
  const page = { name, key, context: { title } };
  current = page;
  Object.assign(page, await attempt(() => module.enter(main, here, page)) ?? {});
  if (turn !== mine && current !== page) page.leave?.();
}

for (const [name, label] of PAGES) {
  side.append(h("a", { href: `#/${name}`, data: { page: name }, class: name === "settings" ? "end" : "", title: label }, icon(name), h("span", {}, label)));
}

document.querySelector("[data-skip]").addEventListener("click", (event) => {
  event.preventDefault();
  main.focus();
});

// Search as you type: the address says what is searched for, so that going back works.
const QUICK = 90; // milliseconds
let typing = 0, typed = -QUICK;
function searchNow() {
  const text = query.value;
  const here = address();
  const parameters = here.name === "search" ? here.parameters : new URLSearchParams();
  if (text.trim()) parameters.set("q", text);
  else parameters.delete("q");
  if (![...parameters].length) {
    if (here.name === "search") location.hash = "#/photos";
    return;
  }
  const hash = `#/search?${parameters}`;
  if (here.name === "search") { history.replaceState(null, "", hash); route(); }
  else if (text.trim()) location.hash = hash;
}
// A key after a pause is searched for at once; of keys in quick succession, the last one.
query.addEventListener("input", ({ timeStamp }) => {
  clearTimeout(typing);
  if (timeStamp - typed > QUICK) searchNow();
  else typing = setTimeout(searchNow, 40);
  typed = timeStamp;
});
document.querySelector(".search").addEventListener("submit", (event) => {
  event.preventDefault();
  searchNow();
  main.querySelector(".tile a[tabindex='0']")?.focus();
});
addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.altKey || event.metaKey) return;
  const typingSomewhere = event.target.matches?.("input, textarea, select");
  if ((event.key === "/" && !typingSomewhere && !event.ctrlKey) || (event.key === "k" && event.ctrlKey)) {
    event.preventDefault();
    query.focus();
    query.select();
  } else if (event.key === "?" && !typingSomewhere && !event.ctrlKey) {
    event.preventDefault();
    showKeys();
  } else if (event.key === "Escape" && event.target === query) {
    query.blur();
    main.focus();
  }
});

events.addEventListener("indexing", ({ detail }) => {
  const before = app.state?.indexing;
  if (app.state) app.state.indexing = detail;
  const { phase, done, total, seconds_left: left, message, problems } = detail;
  let shown = null;
  if (phase === "indexing") {
    const text = `${count(total - done, "photo")} to go${left ? `, ${duration(left)} left` : ""}`;
    const meter = h("span", { class: "meter" }, h("span"));
    meter.firstChild.style.setProperty("--share", `${(100 * done) / Math.max(1, total)}%`);
    shown = [meter, h("span", { class: "number" }, text)];
  } else if (phase === "scanning") shown = [h("span", {}, "Looking for photos\u2026")];
  else if (phase === "waiting") shown = [h("span", {}, "Another program indexes; waiting\u2026")];
  else if (phase === "failed") shown = [h("span", {}, "Indexing failed")];
  if (!shown) status.replaceChildren();
  else {
    // The same link for as long as it takes, so that it keeps the focus.
    if (!status.firstChild) status.append(h("a", { href: "#/settings" }));
    const link = status.firstChild;
    link.title = message || "Indexing: the settings tell more";
    link.setAttribute("aria-label", phase === "indexing" ? `Indexing: ${done} of ${total} photos` : `Indexing: ${phase}`);
    link.replaceChildren(...shown);
  }
  if (phase === "failed" && before?.phase !== "failed") say(message);
  if (phase === "done" && before?.phase === "indexing") {
    const ready = `${count(before.total, "new photo")} can be searched now.`;
    if (problems) say(`${ready} ${count(problems, "file")} could not be read.`, "Show", () => { location.hash = "#/settings"; });
    else say(ready);
  }
});
let lost = false;
events.addEventListener("lost", () => { if (!lost) say("ANSA does not answer. Perhaps it was stopped: start `ansa app` again."); lost = true; });
events.addEventListener("found", () => { if (lost) say("ANSA is back."); lost = false; });

const theme = localStorage.getItem("theme");
if (theme) document.documentElement.dataset.theme = theme;

/** Resolves when the pictures on the page are there, or have been waited for long enough. */
function firstPictures() {
  const coming = [...main.querySelectorAll(".tile img:not(.ready)")];
  const all = coming.map((image) => new Promise((done) => {
    for (const type of ["load", "error"]) image.addEventListener(type, done, { once: true });
  }));
  return Promise.race([Promise.all(all), new Promise((done) => { setTimeout(done, LONGEST_WAIT); })]);
}

const start = await attempt(loadStart);
if (start) {
  library.take(start.newest, start.whole);
  addEventListener("hashchange", route); // not before, as pages need the state
  if (app.state.review) side.append(h("a", { href: "#/review", data: { page: "review" }, title: "Review" }, icon("check"), h("span", {}, "Review")));
  const showing = route();
  // The list of all photos takes the server a while, for which the first pictures must not wait.
  if (address().name === "photos") {
    await showing;
    await firstPictures();
  }
  listen();
  if (!library.whole) library.load().catch((error) => say(error.message));
}
