// The tree of what photos show: kinds of things with how many photos surely show each.
import { attempt, get, pictureUrl } from "../api.js";
import { count, fill, h, icon } from "../dom.js";

export async function enter(main, here) {
  const holder = h("div", { class: "page" });
  main.append(holder);
  const heading = (above) => h("header", {}, h("div", {}, above.length ? h("nav", { class: "crumbs", "aria-label": "Above" }, h("a", { href: "#/things" }, "Things"), ...above.slice(0, -1).map((name) => h("a", { href: `#/things/${encodeURIComponent(name)}` }, name))) : null,
    h("h1", { class: "sentence" }, above.at(-1) ?? "Things"), above.length ? null : h("p", {}, "What your photos surely show. The counts include kinds of each thing.")));
  holder.append(heading([]), h("div", { class: "cards small", "aria-busy": "true" }, ...Array.from({ length: 12 }, () => h("div", { class: "skeleton thing" }))));
  const found = await attempt(() => get("/things"));
  if (!found) return {};
  const byName = new Map(found.things.map((each) => [each.name, each]));
  const below = new Map();
  for (const each of found.things) below.set(each.parent, [...(below.get(each.parent) ?? []), each]);

  function draw({ rest }) {
    const name = rest[0] && byName.has(rest[0]) ? rest[0] : null;
    const above = [];
    for (let at = name; at; at = byName.get(at)?.parent) above.unshift(at);
    const own = found.things.filter((each) => each.custom);
    const list = below.get(name) ?? [];
    const [many, few] = name || list.length < 30 ? [list, []] : [list.filter((each) => each.photos > 1), list.filter((each) => each.photos === 1)];
    fill(holder, heading(above),
      name ? h("p", { class: "row actions" }, h("a", { class: "button main", href: `#/search?q=${encodeURIComponent(name)}` }, icon("photos"), `All ${count(byName.get(name).photos, "photo")}`)) : null,
      ...[!name && own.length ? section("Your own", own) : null,
        list.length ? section(name ? "Kinds" : "All", many) : null,
        few.length ? section("In one photo each", few) : null].filter(Boolean),
      ...(found.things.length ? [] : [h("div", { class: "empty" }, icon("things"), h("h2", {}, "Nothing is sure yet"), h("p", { class: "soft" }, "Things appear here when photos are indexed with a bundle that tells tags."))]));
  }
  function section(title, list) {
    return h("section", {}, h("h2", { class: title === "All" ? "visually-hidden" : "" }, title), h("ul", { class: "cards small" }, ...list.map((each) => h("li", {}, h("a", { class: "thing", href: below.has(each.name) ? `#/things/${encodeURIComponent(each.name)}` : `#/search?q=${encodeURIComponent(each.name)}` },
      h("img", { src: pictureUrl(each.cover), alt: "", loading: "lazy" }), h("span", {}, h("strong", {}, each.name), h("span", { class: "soft number" }, each.photos.toLocaleString("en"))))))));
  }
  draw(here);
  return { update(next) { draw(next); main.scrollTop = 0; return true; } };
}
