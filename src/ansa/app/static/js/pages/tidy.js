// Tidy: duplicates side by side, clutter by kind; moved away, and back.
import { attempt, events, get, pictureUrl, post, say, sharpPicture } from "../api.js";
import { button, bytes, count, h, icon, inShort } from "../dom.js";
import { library } from "../library.js";

const RELATIONS = { exact: "The same file", edited: "A changed copy", burst: "The same moment" };
const KINDS = { receipt: "Receipts", document: "Documents", screenshot: "Screenshots", meme: "Memes", code: "Codes", blank: "Blank", accidental: "By accident", blurred: "Blurred", exposure: "Too dark or bright" };

export function enter(main, here, page) {
  const clutter = here.rest[0] === "clutter";
  const moved = h("div", { class: "moved" });
  const body = h("div", {}, h("p", { class: "soft", role: "status" }, clutter ? "Looking for clutter\u2026" : "Comparing photos that may be copies\u2026"), h("div", { class: "skeleton tall" }));
  main.append(h("div", { class: "page" },
    h("header", {}, h("div", {}, h("h1", {}, "Tidy"), h("p", {}, "Nothing is deleted: photos are moved into one folder, from where you can bring them all back.")),
      h("div", { class: "tabs" }, h("a", { class: clutter ? "chip" : "chip on", href: "#/tidy", "aria-current": clutter ? null : "true" }, "Duplicates"), h("a", { class: clutter ? "chip on" : "chip", href: "#/tidy/clutter", "aria-current": clutter ? "true" : null }, "Clutter"))),
    moved, body));
  showMoved(moved);
  const show = () => (clutter ? showClutter : showDuplicates)(body, moved, page);
  moved.again = show;
  show();
  // What was brought back is found again when the library knows of it, which is a moment later.
  const onContent = () => { if (moved.changed) { moved.changed = false; show(); } };
  events.addEventListener("content", onContent);
  return { leave() { events.removeEventListener("content", onContent); } };
}

async function showMoved(holder) {
  const found = await attempt(() => get("/moved"));
  if (!found?.files) { holder.replaceChildren(); return; }
  holder.replaceChildren(h("div", { class: "card row spread" },
    h("div", {}, h("p", {}, `${count(found.files, "file")} moved away to `, h("code", {}, found.folder)), h("p", { class: "soft small" }, "You can bring them back at any time, also after ANSA was ended and started again.")),
    button("Bring all back", () => bringBack(holder), {}, "undo")));
}

async function bringBack(holder) {
  const done = await attempt(() => post("/moved/undo"));
  if (!done) return;
  say(`${count(done.moved, "file")} brought back.${done.problems.length ? ` ${done.problems[0]}` : ""}`);
  holder.changed = true;
  showMoved(holder);
  holder.again();
}

function afterMove(done, moved) {
  if (!done) return;
  say(`${count(done.moved, "file")} moved away.${done.problems.length ? ` ${count(done.problems.length, "file")} stayed: ${done.problems[0]}` : ""}`, done.moved ? "Undo" : "", () => bringBack(moved));
  showMoved(moved);
}

async function showDuplicates(body, moved, page) {
  const found = await attempt(() => get("/duplicates"));
  if (!found || !body.isConnected) return;
  let groups = found.groups;
  const kept = new Map(groups.map((group) => [group.id, 0]));
  const bar = h("div", { class: "row spread sticky" });
  const list = h("div", { class: "stack groups" });
  page.context.list = groups.flatMap((group) => group.files.map((file) => file.id)).filter(Boolean);
  function draw() {
    drawBar();
    list.replaceChildren(...groups.map(drawGroup));
    if (!groups.length) list.append(h("div", { class: "empty" }, icon("check"), h("h2", {}, "Tidy"), h("p", { class: "soft" }, found.message || `${count(found.photos, "photo")} were compared.`)));
  }
  function drawBar() {
    const files = groups.reduce((sum, group) => sum + group.files.length - 1, 0);
    const size = groups.reduce((sum, group) => sum + group.files.reduce((all, file, n) => all + (n === kept.get(group.id) ? 0 : file.bytes), 0), 0);
    bar.replaceChildren(h("p", { role: "status" }, groups.length ? `${count(files, "file")} in ${count(groups.length, "group")} could go: ${bytes(size)}.` : "No duplicates were found."),
      groups.length ? button("Move all of them away", () => move(groups), { class: "button main" }) : "");
  }
  function choose(group, n) {
    kept.set(group.id, n);
    const before = list.children[groups.indexOf(group)], now = drawGroup(group);
    before.replaceWith(now);
    now.querySelector("input:checked").focus();
    drawBar();
  }
  function drawGroup(group) {
    const keep = kept.get(group.id);
    const name = `keep-${group.id}`;
    const other = group.files.find((file, n) => n !== keep);
    const difference = group.files.length === 2 && group.files.every((file) => file.id) && group.files[0].id !== group.files[1].id ? differ(group.files) : null;
    return h("article", { class: "card group", "aria-label": `${group.files.length} files, of which one is kept` },
      h("div", { class: "pair" }, ...group.files.slice(0, 8).map((file, n) => h("figure", { class: n === keep ? "kept" : "" },
        h("a", { href: file.id ? `#/photo/${file.id}` : null }, file.id ? sharpPicture(file.id, { alt: file.name, loading: "lazy" }) : h("img", { alt: file.name })),
        h("figcaption", {}, h("label", { class: "row" }, h("input", { type: "radio", name, checked: n === keep, onchange: () => choose(group, n) }), h("b", {}, n === keep ? "Keep" : "Keep this one")),
          h("span", { class: "ellipsis", title: `${file.folder}/${file.name}` }, file.name),
          h("span", { class: "soft small number" }, `${file.width.toLocaleString("en")} \u00d7 ${file.height.toLocaleString("en")}, ${bytes(file.bytes)}`),
          n !== keep && RELATIONS[file.relation] ? h("span", { class: "small" }, `${RELATIONS[file.relation]}. ${keep === 0 ? `The other one stays: ${file.reason.replace(": ", ", ")}.` : ""}`) : null)))),
      difference?.canvas,
      h("div", { class: "row" }, difference?.toggle,
        button("Move the others away", () => move([group])), button("Keep all", () => { groups = groups.filter((each) => each !== group); draw(); }),
        other?.similarity ? h("span", { class: "soft small" }, `${Math.round(other.similarity * 100)} % alike`) : null));
  }
  async function move(some) {
    const done = await attempt(() => post("/duplicates/move", { groups: some.map((group) => group.id), keep: some.map((group) => kept.get(group.id)) }));
    if (!done) return;
    groups = groups.filter((each) => !some.includes(each));
    draw();
    afterMove(done, moved);
  }
  body.replaceChildren(bar, list);
  draw();
}

/** The button that shows where two pictures differ, and where it does: bright is different. */
function differ(files) {
  const canvas = h("canvas", { class: "difference", hidden: true, role: "img", "aria-label": "Where the two pictures differ; bright is different" });
  const toggle = button("Show the difference", async () => {
    canvas.hidden = !canvas.hidden;
    toggle.setAttribute("aria-pressed", !canvas.hidden);
    if (canvas.hidden || canvas.dataset.drawn) return;
    const images = await Promise.all(files.map(async (file) => { const image = new Image(); image.src = pictureUrl(file.id); await image.decode(); return image; }));
    canvas.width = images[0].naturalWidth;
    canvas.height = images[0].naturalHeight;
    const context = canvas.getContext("2d", { willReadFrequently: true });
    const pixels = images.map((image) => { context.drawImage(image, 0, 0, canvas.width, canvas.height); return context.getImageData(0, 0, canvas.width, canvas.height); });
    for (let n = 0; n < pixels[0].data.length; n += 4) {
      const apart = Math.min(255, 3 * Math.max(...[0, 1, 2].map((channel) => Math.abs(pixels[0].data[n + channel] - pixels[1].data[n + channel]))));
      pixels[0].data.set([apart, apart * 0.75, apart * 0.3, 255], n);
    }
    context.putImageData(pixels[0], 0, 0);
    canvas.dataset.drawn = "yes";
  }, { "aria-pressed": "false" }, "eye");
  return { toggle, canvas };
}

async function showClutter(body, moved, page) {
  const found = await attempt(() => get("/clutter"));
  if (!found || !body.isConnected) return;
  let all = found.clutter, kind = "";
  const chosen = new Set(all.filter((each) => each.sure).map((each) => each.id));
  function draw() {
    const kinds = Object.keys(KINDS).filter((each) => all.some((one) => one.kind === each));
    if (!kinds.includes(kind)) kind = "";
    const shown = all.filter((each) => !kind || each.kind === kind);
    const number = h("p", { role: "status" });
    const keeping = button("They are photos to keep", () => overrule(picked()), {}, "check"), moving = button("Move the chosen away", () => move(picked()), { class: "button main" });
    const picked = () => shown.filter((each) => chosen.has(each.id));
    const tell = () => {
      number.textContent = `${count(picked().length, "picture")} chosen. Those that are surely clutter are chosen already.`;
      for (const each of [keeping, moving]) each.disabled = !picked().length;
    };
    tell();
    page.context.list = shown.map((each) => each.id);
    body.replaceChildren(
      h("div", { class: "tabs spaced", role: "group", "aria-label": "Kinds" }, ...["", ...kinds].map((each) => h("button", { type: "button", class: each === kind ? "chip press on" : "chip press", "aria-pressed": each === kind, onclick: () => { kind = each; draw(); } }, each ? KINDS[each] : "All", h("span", { class: "number" }, String(all.filter((one) => !each || one.kind === each).length))))),
      all.length ? h("div", { class: "row spread sticky" }, number, h("div", { class: "row" }, keeping, moving))
        : h("div", { class: "empty" }, icon("check"), h("h2", {}, "No clutter"), h("p", { class: "soft" }, "Screenshots, receipts, blurred photos and the like would be listed here.")),
      h("ul", { class: "clutter" }, ...shown.map((each) => h("li", { class: chosen.has(each.id) ? "chosen" : "" },
        h("label", {}, h("input", { type: "checkbox", checked: chosen.has(each.id), "aria-label": `Choose ${each.name}`, onchange: (event) => {
          if (event.target.checked) chosen.add(each.id); else chosen.delete(each.id);
          event.target.closest("li").classList.toggle("chosen", event.target.checked);
          tell();
        } }), h("img", { src: pictureUrl(each.id), alt: `${each.name}: ${each.reasons.join("; ")}`, loading: "lazy" })),
        h("p", { class: "small sentence", title: each.reasons.join("; ") }, h("a", { href: `#/photo/${each.id}` }, inShort(each.reasons[0] ?? each.kind)), each.sure ? "" : "?")))));
  }
  async function move(some) {
    const done = await attempt(() => post("/clutter/move", { ids: some.map((each) => each.id) }));
    if (!done) return;
    all = all.filter((each) => !some.includes(each));
    draw();
    afterMove(done, moved);
  }
  async function overrule(some) {
    await library.notClutter(some.map((each) => each.id));
    all = all.filter((each) => !some.includes(each));
    draw();
  }
  draw();
}
