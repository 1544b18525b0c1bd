// What a search found, what was understood, and what else to look for.
import { attempt, get, pictureUrl, say } from "../api.js";
import { count, h, icon } from "../dom.js";
import { Grid } from "../grid.js";
import { hideSelection, showSelection } from "../selection.js";

const KINDS = {
  tag: "Shows", text: "Looks like", date: "When", place: "Where", camera: "Camera", trip: "Trip", event: "Event", home: "Home",
  people: "People", count: "How many", favourite: "Favourites", name: "Named", ocr: "Says", language: "Read as", spelling: "Read as",
};

const AS_SAID = ["text", "name", "ocr"]; // their meaning is where the words were looked for
const GRADES = { matches: "Matches", perhaps: "Perhaps" };
const NOT_HERE = "not here";
const SOON = 60, MOST = 400, MOST_NEAREST = 40; // photos
const PAUSE = 200; // milliseconds without another key, after which all photos are asked for

export function enter(main, here, page) {
  const query = document.querySelector("#query");
  const grid = new Grid(main, {
    label: "Photos that were found",
    open: (index) => { page.context.list = grid.ids; page.context.back = (id) => grid.focus(grid.ids.indexOf(id)); location.hash = `#/photo/${grid.ids[index]}`; },
    onPicks: () => showSelection(grid),
  });
  const chips = h("div", { class: "row", role: "group", "aria-label": "What was understood" });
  const said = h("p", { class: "soft", role: "status" });
  const note = h("div", { class: "note", hidden: true });
  const suggestions = h("div", { class: "row", hidden: true });
  const holder = h("div", { class: "photos-page search-page" },
    h("h1", { class: "visually-hidden" }, "Search"),
    h("div", { class: "understood stack" }, chips, note, suggestions, said), grid.element);
  main.append(holder);

  let controller = null;
  let now = null;

  async function run({ parameters }) {
    const q = parameters.get("q") ?? "", like = list(parameters, "like"), unlike = list(parameters, "unlike");
    if (document.activeElement !== query) query.value = q;
    now = { q, like, unlike };
    controller?.abort();
    const mine = (controller = new AbortController());
    // What is shown is of another search: if the new one takes long, that is seen.
    const waiting = setTimeout(() => { said.textContent = "Searching\u2026"; holder.classList.add("waiting"); }, 300);
    const search = (limit) => attempt(() => get("/search", { q, like, unlike, limit }, { signal: mine.signal }));
    const found = await search(SOON);
    clearTimeout(waiting);
    if (mine !== controller) return;
    holder.classList.remove("waiting");
    if (!found) { said.textContent = ""; return; }
    const whole = found.matches.length < SOON;
    drawChips(found.steps);
    note.hidden = !found.message;
    note.textContent = found.message ? found.message[0].toUpperCase() + found.message.slice(1) + "." : "";
    drawSuggestions(found.suggestions);
    show(found, whole);
    grid.active = 0;
    main.scrollTop = 0;
    said.parentElement.dataset.found = q; // for tests: whose results these are
    if (whole) return;
    await new Promise((done) => { setTimeout(done, PAUSE); });
    const all = mine === controller ? await search(MOST) : null;
    if (all && mine === controller) show(all, true);
  }

  /** Shows what was found; `whole` says whether it is all that will be shown. */
  function show(found, whole) {
    page.context.found = new Map(found.matches.map((match) => [match.id, match]));
    // What is not here is only shown where nothing else is: then the nearest photos.
    const matching = found.matches.filter((match) => match.grade !== NOT_HERE);
    const matches = matching.length ? matching : found.matches.slice(0, MOST_NEAREST);
    said.textContent = !whole && matching.length ? "" : !matches.length ? "Nothing was found."
      : matching.length ? `${matches.length === MOST ? `More than ${MOST} photos` : count(matches.length, "photo")}, the best first.`
        : "These are the nearest photos.";
    grid.set(matches.map((match) => match.id), matches.map((match) => match.ratio), grades(matches));
    page.context.list = grid.ids;
  }

  function drawChips(steps) {
    const drawn = [];
    const seen = new Set();
    for (const step of steps) {
      if (step.kind === "like" || steps.some((other) => saysMore(other, step))) continue;
      const key = `${step.kind} ${step.said}`;
      if (seen.has(key)) continue;
      seen.add(key);
      const what = AS_SAID.includes(step.kind) ? step.said : step.meaning || step.said;
      const more = [step.photos !== null && step.kind !== "text" ? count(step.photos, "photo") : "", step.note].filter(Boolean).join("; ");
      drawn.push(h("span", { class: step.wanted ? "chip" : "chip not", title: more },
        h("span", { class: "soft" }, step.wanted ? KINDS[step.kind] ?? step.kind : "Without"), h("b", {}, what),
        !step.meaning && !AS_SAID.includes(step.kind) ? h("span", { class: "soft" }, step.note || "nothing known here") : null,
        now.q ? remove(`Remove ${what}`, () => without(step.said)) : null));
    }
    for (const [name, label] of [["like", "More like"], ["unlike", "Unlike"]]) {
      for (const id of now[name]) {
        drawn.push(h("span", { class: name === "like" ? "chip" : "chip not" },
          h("img", { src: pictureUrl(id), alt: "" }), label === "Unlike" ? "Unlike this" : "More like this",
          remove(`Remove: ${label} this photo`, () => go({ [name]: now[name].filter((each) => each !== id) }))));
      }
    }
    chips.replaceChildren(...drawn);
  }

  function without(words) {
    // The words as they were typed, with the sign or the word that belongs to them.
    const escaped = words.replace(/[.*+?^${}()|[\]\\]/g, "\\$&").replace(/\s+/g, "\\s+");
    const pattern = new RegExp(`(^|\\s)(?:-|without\\s+|not\\s+|no\\s+)?(?:in\\s+|from\\s+|on\\s+|with\\s+|at\\s+)?(?:the\\s+|a\\s+|an\\s+)?"?${escaped}"?(?:\\^[\\d.]+)?(?=\\s|,|$)`, "i");
    const q = now.q.replace(pattern, " ").replace(/\s+/g, " ").trim();
    if (q === now.q.trim()) say("These words cannot be taken out alone: change them in the search field.");
    else go({ q });
  }

  function go(change) {
    const next = { ...now, ...change };
    const parameters = new URLSearchParams();
    if (next.q) parameters.set("q", next.q);
    if (next.like.length) parameters.set("like", next.like.join(","));
    if (next.unlike.length) parameters.set("unlike", next.unlike.join(","));
    query.value = next.q;
    location.hash = [...parameters].length && (next.q || next.like.length) ? `#/search?${parameters}` : "#/photos";
  }

  function drawSuggestions(found) {
    suggestions.hidden = !found.length;
    suggestions.replaceChildren(h("span", {}, "Did you mean"), ...found.map(({ tag, photos }) => h("button", { type: "button", class: "chip press", onclick: () => go({ q: tag }) }, h("b", {}, tag), h("span", { class: "soft number" }, photos.toLocaleString("en")))));
  }

  run(here);
  return {
    update(next) {
      if (next.name !== "search") return false;
      run(next);
      return true;
    },
    leave() {
      controller?.abort();
      grid.destroy();
      hideSelection();
    },
  };
}

/** Whether a step says what another one says, too, and more exactly. */
function saysMore(step, other) {
  const same = step.said.toLowerCase() === other.said.toLowerCase() && step.wanted === other.wanted;
  return same && ((other.kind === "text" && step.kind === "tag") || (other.kind === "tag" && step.kind === "people"));
}

/** Sections of matches that the search itself grades; none if it does not. */
function grades(matches) {
  if (!matches.length || !matches[0].grade) return [];
  const sections = [];
  for (const { grade } of matches) {
    if (sections.at(-1)?.key !== grade) sections.push({ label: "", month: GRADES[grade] ?? "", key: grade, count: 0 });
    sections.at(-1).count += 1;
  }
  return sections.length > 1 || sections[0].key === "perhaps" ? sections : [];
}

function list(parameters, name) {
  return (parameters.get(name) ?? "").split(",").map(Number).filter((id) => Number.isSafeInteger(id) && id > 0);
}

function remove(label, onclick) {
  return h("button", { type: "button", "aria-label": label, title: label, onclick }, icon("close"));
}
