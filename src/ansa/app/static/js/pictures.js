// The small pictures of a grid. Many come in one request, as a request costs more than its picture.
import { getBytes, pictureUrl } from "./api.js";

const AT_ONCE = 40; // so that the first ones do not wait for all
const FEW = 3;
const TYPE = { type: "image/webp" };

const coming = new WeakMap(); // image -> what it waits for: { id, request }

/** Shows photos in images: `wanted` has pairs of an image and the id of a photo. */
export function showPictures(wanted) {
  for (let at = 0; at < wanted.length; at += AT_ONCE) {
    const some = wanted.slice(at, at + AT_ONCE);
    if (some.length < FEW) for (const [image, id] of some) image.src = pictureUrl(id);
    else showTogether(some);
  }
}

/** Takes the picture out of an image; one that was scrolled past is no longer waited for. */
export function dropPicture(image) {
  const request = coming.get(image)?.request;
  coming.delete(image);
  if (request && (request.left -= 1) === 0) request.controller.abort();
  freePicture(image);
  image.removeAttribute("src");
}

/** Gives back the memory of a picture that came together with others, once it is shown. */
export function freePicture(image) {
  if (image.src.startsWith("blob:")) URL.revokeObjectURL(image.src);
}

async function showTogether(some) {
  const request = { left: some.length, controller: new AbortController() };
  for (const [image, id] of some) coming.set(image, { id, request });
  let data = null;
  try {
    data = await getBytes("/pictures", { ids: some.map(([, id]) => id) }, { signal: request.controller.signal });
  } catch (error) {
    if (error.name === "AbortError") return;
  }
  const lengths = data && new DataView(data);
  let from = 4 * some.length;
  for (const [at, [image, id]] of some.entries()) {
    const length = lengths?.getUint32(4 * at, true) ?? 0;
    if (coming.get(image)?.request === request) {
      coming.delete(image);
      image.src = length ? URL.createObjectURL(new Blob([new Uint8Array(data, from, length)], TYPE)) : pictureUrl(id);
    }
    from += length;
  }
}
