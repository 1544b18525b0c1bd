// Talks to the server on this machine: requests, its events, and messages to the user.
import { h } from "./dom.js";

const BASE = "/api/v1";

export const app = { state: null };

export class ApiError extends Error {
  constructor(status, reason, remedy) {
    super(remedy ? `${sentence(reason)} ${sentence(remedy)}` : sentence(reason));
    this.status = status;
  }
}

function sentence(text) {
  return text ? text[0].toUpperCase() + text.slice(1) + (/[.!?]$/.test(text) ? "" : ".") : "";
}

async function ask(path, options = {}) {
  let answer;
  try {
    answer = await fetch(BASE + path, { credentials: "same-origin", ...options });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new ApiError(0, "ANSA does not answer", "perhaps it was stopped; start `ansa app` again");
  }
  if (answer.ok) return answer;
  let problem = {};
  try { problem = (await answer.json()).error; } catch { /* no JSON: the status says it */ }
  throw new ApiError(answer.status, problem.reason ?? `the answer was ${answer.status}`, problem.remedy ?? "");
}

/** Gets JSON. Parameters that are lists are separated by commas. */
export async function get(path, parameters = {}, options = {}) {
  return (await ask(withQuery(path, parameters), options)).json();
}

/** Gets bytes as they are. */
export async function getBytes(path, parameters = {}, options = {}) {
  return (await ask(withQuery(path, parameters), options)).arrayBuffer();
}

function withQuery(path, parameters) {
  const query = Object.entries(parameters)
    .filter(([, value]) => value !== undefined && value !== "" && !(Array.isArray(value) && !value.length))
    .map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join("&");
  return query ? `${path}?${query}` : path;
}

/** Sends a change; the body is JSON, or bytes as they are. */
export async function send(method, path, body) {
  const headers = { "X-Ansa-Token": app.state.token };
  let data = body;
  if (body !== undefined && !(body instanceof Blob)) {
    headers["Content-Type"] = "application/json";
    data = JSON.stringify(body);
  }
  return (await ask(path, { method, headers, body: data })).json();
}

export const post = (path, body) => send("POST", path, body);

/** Gets the state, and the newest photos; resolves with the photos and whether they are all. */
export async function loadStart() {
  const { state, newest, first } = await get("/start");
  app.state = state;
  return { newest, whole: newest.photos.length < first };
}

export function pictureUrl(id, size = "grid") {
  return `${BASE}/photos/${id}/picture/${size}?key=${app.state.run_key}`;
}

/** A picture for a large place: the small one at once, the sharp one as soon as it is there. */
export function sharpPicture(id, properties) {
  const image = h("img", { ...properties, src: pictureUrl(id) });
  image.addEventListener("load", () => {
    const sharp = new Image();
    sharp.src = pictureUrl(id, "screen");
    sharp.decode().then(() => { image.src = sharp.src; }, () => {});
  }, { once: true });
  return image;
}

/** Moves a picture that is cut off by its frame so that the frame shows what counts in it: heads, above all. */
export async function aim(image, id, frame) {
  const { clientWidth: width, clientHeight: height } = frame;
  if (!width || !height) return;
  let found;
  try { found = await get(`/photos/${id}/window`, { width, height }); } catch { return; } // it stays in the middle
  const [left, top, right, bottom] = found.window;
  const place = (low, high) => (high - low < 1 ? `${(100 * low) / (1 - (high - low))}%` : "50%");
  image.style.objectPosition = `${place(left, right)} ${place(top, bottom)}`;
}

export function fileUrl(id) {
  return `${BASE}/photos/${id}/file`;
}

export const events = new EventTarget();

/** Listens to the server for as long as the page is open. */
export function listen() {
  const source = new EventSource(`${BASE}/events`);
  for (const name of ["indexing", "content"]) {
    source.addEventListener(name, (event) => {
      events.dispatchEvent(new CustomEvent(name, { detail: JSON.parse(event.data) }));
    });
  }
  source.addEventListener("error", () => events.dispatchEvent(new CustomEvent("lost")));
  source.addEventListener("open", () => events.dispatchEvent(new CustomEvent("found")));
}

/** Says something for a few seconds, with one thing to do about it. */
export function say(message, action = "", run = null) {
  const holder = document.querySelector(".toasts");
  const toast = h("div", { class: "toast" }, h("span", {}, message));
  const end = () => toast.remove();
  if (action) toast.append(h("button", { type: "button", onclick: () => { end(); run(); } }, action));
  holder.replaceChildren(toast);
  setTimeout(end, action ? 9000 : 5000);
}

/** Runs something that may fail, and says why if it does. */
export async function attempt(work) {
  try {
    return await work();
  } catch (error) {
    if (error.name !== "AbortError") say(error.message);
    if (!(error instanceof ApiError) && error.name !== "AbortError") console.error(error);
    return undefined;
  }
}
