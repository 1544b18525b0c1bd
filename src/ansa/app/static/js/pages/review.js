// Review: one proposal after another, answered at a key; what others said is not shown.
import { attempt, get, post, say } from "../api.js";
import { button, h, icon } from "../dom.js";

const ANSWERS = [["yes", "Yes", "y"], ["no", "No", "n"], ["unsure", "Unsure", "u"], ["wrong kind", "Wrong kind", "k"]];
const KINDS = ["photo", "receipt", "document", "screenshot", "code", "meme", "drawing", "blank", "graphic"];

export async function enter(main) {
  const skipped = new Set(), sent = new Set(); // what is sent may not be noted yet, and is not asked again
  const known = new Set(); // a reply may be older than an answer, so nothing that came once comes again by itself
  let waiting = [], current = null, before = null;
  const picture = h("img", { class: "proposal", alt: "" }), question = h("h2", { tabindex: -1 }), reason = h("p", { class: "soft" }), counts = h("p", { role: "status" });
  const answers = h("div", { class: "row" }, ...ANSWERS.map(([word, label, key]) => button(`${label} (${key})`, () => press(word))),
    button("Pass over (space)", pass), button("Back (b)", back));
  const kinds = h("div", { class: "row", role: "group", "aria-label": "What kind of picture is it?", hidden: true },
    ...KINDS.map((kind, i) => button(`${kind} (${i + 1})`, () => give("wrong kind", kind))), button("I cannot say (k)", () => give("wrong kind")));
  const empty = h("div", { class: "empty", hidden: true }, icon("check"), h("h2", {}, "Nothing is left for you"), h("p", { class: "soft" }, "Proposals on which two people differ come back to a third one."));
  const holder = h("div", { class: "page" }, h("header", {}, h("div", {}, h("h1", {}, "Review"), counts)), h("div", { class: "review stack" }, picture, question, reason, answers, kinds), empty);
  main.append(holder);
  const onKey = (event) => {
    if (event.target.matches?.("input, textarea, select") || event.ctrlKey || event.metaKey || event.altKey) return;
    const found = ANSWERS.find(([, , key]) => key === event.key);
    if (!kinds.hidden && KINDS[event.key - 1]) give("wrong kind", KINDS[event.key - 1]);
    else if (!kinds.hidden && event.key === "Escape") kinds.hidden = true;
    else if (found) press(found[0]);
    else if (event.key === " " && !event.target.matches?.("button")) pass();
    else if (event.key === "b") back();
    else return;
    event.preventDefault();
  };
  addEventListener("keydown", onKey);
  await more();
  return { leave() { removeEventListener("keydown", onKey); } };

  async function more() {
    const skip = [...skipped, ...sent, ...waiting.map((each) => each.id), ...(current ? [current.id] : [])].slice(-200).join(",");
    const found = await attempt(() => get("/review", { skip }));
    if (!found) return;
    counts.textContent = `${found.annotator}: ${Object.entries(found.summary).filter(([, value]) => typeof value === "number").map(([name, value]) => `${name.replaceAll("_", " ")} ${value}`).join(", ")}.`;
    for (const each of found.proposals) {
      if (known.has(each.id)) continue;
      known.add(each.id);
      waiting.push(each);
      new Image().src = `/api/v1/review/${each.id}/picture`; // there before it is asked for
    }
    if (!current) next();
  }

  function next() {
    current = waiting.shift() ?? null;
    kinds.hidden = true;
    holder.querySelector(".review").hidden = !current;
    empty.hidden = Boolean(current);
    if (!current) return;
    picture.src = `/api/v1/review/${current.id}/picture`;
    picture.alt = `Photo, to be answered: does it show ${current.concept}?`;
    question.textContent = `Does it show ${current.concept}?`;
    reason.textContent = current.reason;
    if (waiting.length < 4) more();
  }

  function press(word) {
    if (word === "wrong kind" && kinds.hidden) kinds.hidden = false;
    else give(word);
  }

  async function give(said, kind = "") {
    if (!current) return;
    const answered = current;
    before = answered;
    sent.add(answered.id);
    next();
    const noted = await attempt(() => post(`/review/${answered.id}`, { said, kind }));
    sent.delete(answered.id);
    if (!noted) { waiting.unshift(answered); say("The answer was not noted; it comes again."); }
  }

  function pass() {
    if (!current) return;
    skipped.add(current.id);
    next();
  }

  function back() {
    if (!before) return;
    if (current) waiting.unshift(current);
    current = null;
    waiting.unshift(before);
    before = null;
    next();
  }
}
