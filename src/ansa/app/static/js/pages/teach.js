// Teach: name what groups of photos show, answer yes or no until ANSA knows it.
import { app, attempt, get, pictureUrl, post, say, send } from "../api.js";
import { button, count, h, icon, iconButton } from "../dom.js";

export async function enter(main, here) {
  const holder = h("div", { class: "page" });
  main.append(holder);
  holder.append(h("header", {}, h("div", {}, h("h1", {}, "Teach"), h("p", {}, "Give a person, a pet or a thing a name, such as \u201cmy cat Miso\u201d. ANSA learns it from a few of your photos, on this machine, and finds the others."))));
  if (!app.state.features.teach) {
    holder.append(h("p", { class: "note" }, "Teaching needs one more package. Stop the app, run ", h("code", {}, "pip install 'ansa[teach]'"), " and start it again."));
    return {};
  }
  const lesson = h("section", { hidden: true }), lessons = h("section"), groups = h("section");
  holder.append(lesson, lessons, groups);
  const photos = (here.parameters.get("photos") ?? "").split(",").map(Number).filter((id) => id > 0);
  if (photos.length) begin(photos);
  await Promise.all([drawLessons(), drawGroups()]);
  return {};

  async function drawLessons() {
    const found = await attempt(() => get("/lessons"));
    if (!found) return;
    lessons.replaceChildren(...(found.lessons.length ? [h("h2", {}, "What it learned"), h("ul", { class: "stack" }, ...found.lessons.map((each) => h("li", { class: "card row spread" },
      h("div", {}, h("h3", {}, each.name), h("p", { class: "soft" }, said(each))),
      h("div", { class: "row" }, each.usable ? h("a", { class: "button", href: `#/search?q=${encodeURIComponent(each.name)}` }, icon("photos"), count(each.found, "photo")) : null,
        button("Go on", () => ask(each.name, [], [])), iconButton("edit", `Rename ${each.name}`, () => rename(each.name)), iconButton("trash", `Delete ${each.name}`, () => remove(each.name))))))] : []));
  }

  async function drawGroups() {
    const found = await attempt(() => get("/lookalikes"));
    if (!found) return;
    groups.replaceChildren(h("h2", {}, "Who or what is this?"),
      found.groups.length ? h("ul", { class: "cards" }, ...found.groups.map((ids) => h("li", { class: "card stack" },
        h("div", { class: "mosaic" }, ...ids.slice(0, 8).map((id) => h("a", { href: `#/photo/${id}` }, h("img", { src: pictureUrl(id), alt: "Photo of a group that looks alike", loading: "lazy" })))), namer(ids))))
        : h("p", { class: "soft" }, "No groups of photos look so much alike that one could ask. Select photos in the grid and press the cap instead."));
  }

  function namer(ids) {
    const name = h("input", { class: "field", placeholder: "Its name", "aria-label": "Its name", maxlength: 100 });
    return h("form", { class: "row", onsubmit: (event) => { event.preventDefault(); if (name.value.trim()) ask(name.value.trim(), ids, []); } }, name, h("button", { class: "button main" }, "Teach"));
  }

  function begin(ids) {
    lesson.hidden = false;
    lesson.replaceChildren(h("div", { class: "card stack" }, h("h2", {}, `What do these ${count(ids.length, "photo")} show?`), h("div", { class: "mosaic" }, ...ids.slice(0, 16).map((id) => h("img", { src: pictureUrl(id), alt: "Selected photo" }))), namer(ids)));
  }

  async function ask(name, yes, no) {
    lesson.hidden = false;
    if (!lesson.querySelector("h2")) lesson.replaceChildren(h("p", { class: "soft" }, "Learning\u2026"));
    const done = await attempt(() => post("/lessons", { name, yes, no, suggest: 12 }));
    if (!done) return;
    const learned = done.lesson;
    const answers = new Map();
    const given = (wanted) => [...answers].filter(([, is]) => is === wanted).map(([id]) => id);
    const next = button("Learn from these answers", async () => {
      next.disabled = true;
      next.textContent = "Learning\u2026";
      await ask(name, given(true), given(false));
      tell(); // it is still there if it failed
    }, { class: "button main", disabled: true });
    function tell() {
      next.disabled = !answers.size;
      next.textContent = answers.size ? `Learn from ${count(answers.size, "answer")}` : "Learn from these answers";
    }
    const enough = learned.usable && learned.accuracy !== null && learned.accuracy >= 0.9;
    lesson.replaceChildren(h("div", { class: "card stack" }, h("div", { class: "row spread" }, h("h2", {}, learned.name), iconButton("close", "Stop for now", () => { lesson.hidden = true; lesson.replaceChildren(); })),
      h("p", { role: "status" }, said(learned)),
      learned.suggestions.length ? h("p", {}, enough ? "It is good. These are the photos of which it is least sure, if you want to go on:" : `Does each of these show ${learned.name}? Press y or n, or leave one out.`) : null,
      h("ul", { class: "answers" }, ...learned.suggestions.map(({ id, score }) => suggestion(id, score, answers, next, tell))),
      learned.suggestions.length ? h("div", { class: "row" }, next) : null));
    lesson.scrollIntoView({ block: "start", behavior: "smooth" });
    lesson.querySelector(".answers li")?.focus({ preventScroll: true });
    drawLessons();
  }

  function suggestion(id, score, answers, next, tell) {
    const yes = button("Yes", () => give(true), { "aria-pressed": "false" }), no = button("No", () => give(false), { "aria-pressed": "false" });
    const item = h("li", { tabindex: 0, onkeydown: (event) => {
      if (event.key !== "y" && event.key !== "n") return;
      give(event.key === "y");
      (item.nextElementSibling ?? next).focus();
    } }, h("img", { src: pictureUrl(id), alt: `Suggested photo, ${Math.round(score * 100)} % likely` }), h("div", { class: "row" }, yes, no));
    function give(is) {
      if (answers.get(id) === is) answers.delete(id); else answers.set(id, is);
      yes.setAttribute("aria-pressed", answers.get(id) === true);
      no.setAttribute("aria-pressed", answers.get(id) === false);
      tell();
    }
    return item;
  }

  function said(each) {
    const parts = [`learned from ${count(each.shown, "photo")} that show it and ${each.absent.toLocaleString("en")} that do not`];
    if (each.accuracy !== null) parts.push(`right on ${Math.round(each.accuracy * 100)} % of examples that it had not seen (guessing: 50 %)`);
    if (each.message) parts.push(each.message);
    const text = parts.join("; ");
    return `${text[0].toUpperCase()}${text.slice(1)}.`;
  }

  async function rename(name) {
    const field = h("input", { class: "field", value: name, "aria-label": "New name", maxlength: 100 });
    const form = h("form", { class: "card row", onsubmit: async (event) => {
      event.preventDefault();
      if (await attempt(() => post("/lessons/rename", { name, to: field.value.trim() }))) say(`${name} is now ${field.value.trim()}.`);
      drawLessons();
    } }, h("label", {}, `New name for ${name}: `, field), h("button", { class: "button main" }, "Rename"), button("Cancel", drawLessons));
    lessons.append(form);
    field.focus();
    field.select();
  }

  async function remove(name) {
    const form = h("div", { class: "card row spread", role: "alertdialog", "aria-label": `Delete ${name}` }, h("p", {}, `Delete ${name} and its examples? The photos stay.`), h("div", { class: "row" }, button("Delete", async () => {
      if (await attempt(() => send("DELETE", `/lessons?name=${encodeURIComponent(name)}`))) say(`${name} is deleted.`);
      drawLessons();
    }, { class: "button danger" }), button("Keep", drawLessons)));
    lessons.append(form);
    form.querySelector("button").focus();
  }
}
