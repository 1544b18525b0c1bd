// Settings: folders, problems, personal ranking, sidecars, appearance, and where the library is.
import { app, attempt, events, get, post, say, send } from "../api.js";
import { button, bytes, count, duration, h, icon } from "../dom.js";
import { showKeys } from "../keys.js";

const THEMES = { "": "As the system", light: "Light", dark: "Dark" };
const PHASES = { idle: "Not looked for changes since the app was started", scanning: "Looking for new and changed photos", indexing: "Looking at photos", waiting: "Another program indexes; this one waits", done: "Up to date", failed: "Indexing failed" };

export async function enter(main) {
  const progress = h("div", { class: "stack", role: "status" }), folders = h("div", { class: "stack" }), chooser = h("div"), problems = h("div"), personal = h("div", { class: "stack" }), about = h("dl", { class: "facts" }), languages = h("p", { class: "soft" });
  main.append(h("div", { class: "page narrow" }, h("header", {}, h("h1", {}, "Settings")),
    h("section", { class: "card stack" }, h("h2", {}, "Folders"), progress, folders, chooser, problems),
    h("section", { class: "card stack" }, h("h2", {}, "Your taste"), personal),
    h("section", { class: "card stack" }, h("h2", {}, "Other programs"), h("p", { class: "soft" }, "Tags, corrections and favourites can be written into XMP files beside the photos, which other photo programs read. The photos themselves are not changed."), h("div", { class: "row" }, button("Write XMP files", sidecars))),
    h("section", { class: "card stack" }, h("h2", {}, "Appearance and language"), themes(), languages, h("div", { class: "row" }, button("Keys", showKeys))),
    h("section", { class: "card stack" }, h("h2", {}, "About this library"), about)));
  const onIndexing = ({ detail }) => {
    drawProgress(detail);
    if (detail.phase !== onIndexing.phase) { onIndexing.phase = detail.phase; load(); }
  };
  events.addEventListener("indexing", onIndexing);
  load();
  loadPersonal();
  return { leave() { events.removeEventListener("indexing", onIndexing); } };

  async function load() {
    const found = await attempt(() => get("/settings"));
    if (!found || !about.isConnected) return;
    drawProgress(found.indexing);
    folders.replaceChildren(...found.folders.map(drawFolder), found.limited_to ? h("p", { class: "soft small" }, "This app shows only ", h("code", {}, found.limited_to), ". Start it without a folder to see the whole library.") : "");
    if (!found.folders.length) folders.append(h("p", { class: "soft" }, "No folder is indexed yet."));
    drawProblems(found.problems);
    const { library, bundle } = found;
    languages.textContent = `Searches understand ${found.languages.slice(0, -1).join(", ")} and ${found.languages.at(-1)}.`;
    about.replaceChildren(...[["Library", h("code", {}, library.file)], ["Its size", bytes(library.bytes)], ["What you said", h("code", {}, library.told)], ["Small pictures", [h("code", {}, library.pictures_file), `, ${bytes(library.pictures)}; made again if they are deleted`]], ["Moved away", [h("code", {}, library.moved), ", from where ", h("a", { class: "link", href: "#/tidy" }, "Tidy"), " brings photos back"]], ["Networks", `${bundle.name}, of ${bundle.created}`], ["They tell", bundle.heads.join(", ")], ["Bundle", h("code", {}, bundle.folder)], ["For programs", h("a", { class: "link", href: "/api/v1/openapi.json" }, "the API's description")]].flatMap(([name, value]) => [h("dt", {}, name), h("dd", {}, value)]));
  }

  function drawProgress(state) {
    const { phase, done, total, rate, seconds_left: left, message } = state;
    const meter = h("span", { class: "meter" }, h("span"));
    meter.firstChild.style.setProperty("--share", `${(100 * done) / Math.max(1, total)}%`);
    progress.replaceChildren(h("div", { class: "row spread" }, h("span", {}, PHASES[phase] ?? phase, message ? `: ${message}` : ""), button("Look for changes", () => attempt(() => post("/index")), { disabled: ["indexing", "scanning"].includes(phase) }, "search")),
      ...(phase === "indexing" ? [meter, h("p", { class: "soft number" }, `${done.toLocaleString("en")} of ${count(total, "photo")}, ${rate.toFixed(1)} a second${left ? `, ${duration(left)} left` : ""}`)] : []));
  }

  function drawFolder(each) {
    const row = h("div", { class: "row spread folder" }, h("span", { class: "row" }, icon("folder"), h("span", {}, h("code", {}, each.folder), h("br"), h("span", { class: "soft small" }, each.there ? count(each.photos, "photo") : `${count(each.photos, "photo")}; the folder is not there now`))), button("Forget\u2026", () => forget(each, row)));
    return row;
  }

  async function forget(each, row) {
    const told = await attempt(() => post(`/folders/${each.id}/forget`, { dry_run: true }));
    if (!told) return;
    const sure = h("div", { class: "note row spread" }, h("span", {}, `${count(told.photos, "photo")} leave the library. No photo is deleted, and favourites and tags come back if the folder is indexed again.`), h("span", { class: "row" }, button("Forget it", async () => {
      if (await attempt(() => post(`/folders/${each.id}/forget`, { dry_run: false }))) say(`${each.folder} is forgotten.`);
      load();
    }, { class: "button danger" }), button("Keep it", () => sure.remove())));
    row.after(sure);
    sure.querySelector("button").focus();
  }

  function drawProblems(list) {
    problems.replaceChildren(...(list.length ? [h("details", {}, h("summary", {}, `${count(list.length, "file")} could not be indexed`), h("ul", { class: "bullets small" }, ...list.map((each) => h("li", {}, h("code", {}, each.file), `: ${each.reason}; ${each.remedy}`))))] : []));
  }

  async function browse(folder = 0) {
    const found = await attempt(() => get("/browse", { folder }));
    if (!found) return;
    chooser.replaceChildren(h("div", { class: "browser stack" }, h("div", { class: "row spread" }, h("code", {}, found.folder.path), h("span", { class: "row" }, button("Add this folder", async () => {
      if (await attempt(() => post(`/folders/${found.folder.id}/add`))) { say("The folder is being indexed."); chooser.replaceChildren(opener); }
    }, { class: "button main" }), button("Cancel", () => chooser.replaceChildren(opener)))),
    h("ul", {}, found.above ? h("li", {}, h("button", { type: "button", onclick: () => browse(found.above) }, icon("back"), "One up")) : null, ...found.folders.map((each) => h("li", {}, h("button", { type: "button", onclick: () => browse(each.id) }, icon("folder"), each.name))))));
    chooser.querySelector("button")?.focus();
  }
  const opener = button("Add a folder\u2026", () => browse(), {}, "plus");
  if (!app.state.folder) chooser.append(opener);

  async function loadPersonal() {
    let found;
    try { found = await get("/personal"); } catch (error) { personal.replaceChildren(h("p", { class: "soft" }, error.message)); return; }
    const marks = `${count(found.favourites, "favourite")} and ${count(found.hidden, "hidden photo")}`;
    const state = !found.on ? "Switched off." : found.used ? `Learned from ${marks}. It orders ${Math.round(found.agreement * 100)} % of pairs that it had not seen as you would (the usual order: ${Math.round(found.usual * 100)} %).` : found.message.includes("`") ? `Not used yet: favourites and hidden photos are too few (${marks}). Mark more with f and h.` : `Not used yet: ${found.message}.`;
    personal.replaceChildren(h("p", {}, "ANSA can learn from your favourites and hidden photos which photos you like. It decides what memories and the best photos show. Nothing of it leaves this machine."), h("p", { class: "soft" }, state),
      h("div", { class: "row" }, button(found.on ? "Switch it off" : "Switch it on", async () => { await attempt(() => send("PUT", "/personal", { on: !found.on })); loadPersonal(); }), button("Delete what it learned", async () => { if (await attempt(() => send("DELETE", "/personal"))) say("It is deleted, and switched off. Your marks are kept."); loadPersonal(); }, { class: "button danger" })));
  }

  async function sidecars() {
    const done = await attempt(() => post("/sidecars", { merge: false }));
    if (done) say(`${count(done.written, "file")} written${done.foreign ? `; ${count(done.foreign, "file")} of other programs left as they are` : ""}.`);
  }

  function themes() {
    const now = localStorage.getItem("theme") ?? "";
    return h("div", { class: "tabs", role: "group", "aria-label": "Appearance" }, ...Object.entries(THEMES).map(([value, label]) => h("button", { type: "button", class: value === now ? "chip press on" : "chip press", "aria-pressed": value === now, onclick: (event) => {
      if (value) { localStorage.setItem("theme", value); document.documentElement.dataset.theme = value; } else { localStorage.removeItem("theme"); delete document.documentElement.dataset.theme; }
      for (const each of event.target.parentElement.children) { each.classList.toggle("on", each === event.target); each.setAttribute("aria-pressed", each === event.target); }
    } }, label)));
  }
}
