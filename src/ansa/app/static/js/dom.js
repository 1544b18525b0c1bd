// Makes elements. Text is only ever set as text, never as markup: names of files are untrusted.

const SVG = "http://www.w3.org/2000/svg";

/** Makes an element: properties, attributes, `on...` listeners, and children. */
export function h(name, properties = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(properties ?? {})) {
    if (value === undefined || value === null || value === false) continue;
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (key === "class") element.className = value;
    else if (key === "style") for (const [p, v] of Object.entries(value)) element.style.setProperty(p, v);
    else if (key === "data") Object.assign(element.dataset, value);
    else if (key in element && typeof value !== "string" && key !== "list") element[key] = value;
    else element.setAttribute(key, value === true ? "" : value);
  }
  element.append(...children.flat(9).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** Puts children in place of those that an element has; what is null is left out. */
export function fill(element, ...children) {
  element.replaceChildren(...children.flat(9).filter((child) => child !== null && child !== undefined && child !== false));
}

export function svg(name, attributes = {}, ...children) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children.flat());
  return element;
}

const PATHS = {
  photos: "M4 5h16v14H4zM4 16l5-5 4 4 3-3 4 4M15.5 9.2h.01",
  search: "M11 4.5a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13M16 16l4.5 4.5",
  memories: "M12 21s-7.5-4.6-7.5-10.2A4.3 4.3 0 0 1 12 8a4.3 4.3 0 0 1 7.5 2.8C19.500 16.400 12 21 12 21z",
  places: "M12 21s6.500-5.800 6.500-11a6.500 6.500 0 0 0-13 0c0 5.200 6.500 11 6.500 11zM12 12.300a2.300 2.300 0 1 0 0-4.600 2.300 2.300 0 0 0 0 4.600",
  things: "M4 5h6v6H4zM14 5h6v6h-6zM4 14h6v6H4zM14 14h6v6h-6z",
  tidy: "M14 4 10 14M6 14h9l-1 6H5zM15 20l1-6M9 17v3",
  teach: "M3 9l9-4 9 4-9 4zM7 11v5c2.500 2 7.500 2 10 0v-5M21 9v6",
  settings: "M4 7h9M17 7h3M15 5v4M4 12h3M11 12h9M9 10v4M4 17h11M19 17h1M17 15v4",
  star: "M12 4l2.500 5.200 5.700.800-4.100 4 1 5.700L12 17l-5.100 2.700 1-5.700-4.100-4 5.700-.800z",
  hide: "M4 4l16 16M9.900 5.700A9.600 9.600 0 0 1 12 5.500c5 0 8.500 4.500 9 6.500-.200.900-1.100 2.300-2.500 3.600M6.400 7.400C4.500 8.800 3.300 10.700 3 12c.500 2 4 6.500 9 6.500 1.700 0 3.200-.500 4.500-1.300M10 10.100a2.700 2.700 0 0 0 3.800 3.800",
  eye: "M3 12c.500-2 4-6.500 9-6.500s8.500 4.500 9 6.500c-.500 2-4 6.500-9 6.500S3.500 14 3 12zM12 14.700a2.700 2.700 0 1 0 0-5.400 2.700 2.700 0 0 0 0 5.400",
  check: "M5 12.500l4.500 4.500L19 7.500",
  close: "M6 6l12 12M18 6L6 18",
  back: "M19 12H5M11 6l-6 6 6 6",
  left: "M15 5l-7 7 7 7",
  right: "M9 5l7 7-7 7",
  info: "M12 3.500a8.500 8.500 0 1 0 0 17 8.500 8.500 0 0 0 0-17M12 11v5.500M12 7.800h.01",
  layers: "M12 4l9 5-9 5-9-5zM3.500 13.500L12 18l8.500-4.500",
  zoomin: "M11 4.500a6.500 6.500 0 1 0 0 13 6.500 6.500 0 0 0 0-13M16 16l4.500 4.500M8 11h6M11 8v6",
  zoomout: "M11 4.500a6.500 6.500 0 1 0 0 13 6.500 6.500 0 0 0 0-13M16 16l4.500 4.500M8 11h6",
  play: "M8 5l11 7-11 7z",
  pause: "M8 5v14M16 5v14",
  music: "M9 18V6l10-2v12M9 18a2.500 2.500 0 1 1-5 0 2.500 2.500 0 0 1 5 0zM19 16a2.500 2.500 0 1 1-5 0 2.500 2.500 0 0 1 5 0z",
  download: "M12 4v11M7.500 11l4.500 4.500 4.500-4.500M5 19.500h14",
  folder: "M3.500 6h6l2 2.500h9V19h-17z",
  copy: "M8 8h11v12H8zM16 8V4H5v12h3",
  plus: "M12 5v14M5 12h14",
  minus: "M5 12h14",
  trash: "M5 7h14M10 4h4M7 7l1 13h8l1-13M10.500 11v5M13.500 11v5",
  undo: "M8 5L4 9l4 4M4 9h10a5.500 5.500 0 0 1 0 11H9",
  sun: "M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8M12 2.500v2M12 19.500v2M2.500 12h2M19.500 12h2M5.300 5.300l1.400 1.400M17.300 17.300l1.400 1.400M5.300 18.700l1.400-1.400M17.300 6.700l1.400-1.400",
  edit: "M5 19l1-4L16.500 4.500l3 3L9 18z",
  best: "M12 4l2.500 5.200 5.700.8-4.100 4 1 5.700L12 17l-5.100 2.700 1-5.700-4.100-4 5.700-.8z",
  screen: "M4 5h16v11H4zM9 20h6M12 16v4",
  more: "M6 12h.01M12 12h.01M18 12h.01",
};

/** An icon by its name; it says nothing to a screen reader, the control that holds it does. */
export function icon(name, full = false) {
  return svg("svg", { class: full ? "icon full" : "icon", viewBox: "0 0 24 24", "aria-hidden": "true" }, svg("path", { d: PATHS[name] ?? PATHS.more }));
}

/** A round button with an icon; `label` is what it is called. */
export function iconButton(name, label, onclick, properties = {}) {
  return h("button", { type: "button", class: "round", "aria-label": label, title: label, onclick, ...properties }, icon(name));
}

export function button(label, onclick, properties = {}, iconName = "") {
  return h("button", { type: "button", class: "button", onclick, ...properties }, iconName && icon(iconName), label);
}

export function count(number, one, many = `${one}s`) {
  return `${number.toLocaleString("en")} ${number === 1 ? one : many}`;
}

/** A reason without its measure: "too dark: 0.94" is "too dark". */
export function inShort(reason) {
  return reason.replace(/: [\d.]+ ?%?.*/, "");
}

// Made once: a list of all photos names thousands of days, and to make a format takes longer than to use it.
const DAY = new Intl.DateTimeFormat("en-GB", { weekday: "long", day: "numeric", month: "long", year: "numeric", timeZone: "UTC" });
const MONTH = new Intl.DateTimeFormat("en-GB", { month: "long", year: "numeric", timeZone: "UTC" });

export function longDay(text) {
  return text ? DAY.format(new Date(`${text.slice(0, 10)}T00:00Z`)) : "Unknown time";
}

export function monthOf(text) {
  return text ? MONTH.format(new Date(`${text.slice(0, 7)}-01T00:00Z`)) : "Unknown time";
}

export function bytes(number) {
  const units = ["bytes", "kB", "MB", "GB", "TB"];
  let unit = 0;
  while (number >= 1000 && unit < 4) { number /= 1000; unit += 1; }
  return `${number < 10 && unit ? number.toFixed(1) : Math.round(number)} ${units[unit]}`;
}

export function duration(seconds) {
  if (seconds < 60) return `${Math.max(1, Math.round(seconds))} s`;
  if (seconds < 3600) return `${Math.round(seconds / 60)} min`;
  return `${Math.floor(seconds / 3600)} h ${Math.round((seconds % 3600) / 60)} min`;
}
