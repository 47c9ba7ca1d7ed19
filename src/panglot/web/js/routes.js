/** Where one can be on the page: the part of the address after "#". */

/**
 * @typedef {{ name: "library" } | { name: "operator" } | { name: "settings" } | { name: "unknown" }
 *           | { name: "recording", id: string, at: number | null }
 *           | { name: "shared", token: string, at: number | null }} Route
 */

/**
 * @param {string} hash  Such as `#/recordings/ID?t=12.5`.
 * @returns {Route}
 */
export function routeOf(hash) {
  const [path = "", query = ""] = hash.replace(/^#/, "").split("?", 2);
  const [place = "", rest = "", ...more] = path.replace(/^\//, "").split("/").map(decoded);
  const at = secondOf(new URLSearchParams(query).get("t"));
  if (more.length > 0) return { name: "unknown" };
  if (place === "recordings" && rest) return { name: "recording", id: rest, at };
  if (place === "shared" && rest) return { name: "shared", token: rest, at };
  if (rest) return { name: "unknown" };
  if (place === "") return { name: "library" };
  return place === "operator" || place === "settings" ? { name: place } : { name: "unknown" };
}

/**
 * @param {string} id
 * @param {number | null} [at]  Second to go to.
 */
export function recordingHref(id, at = null) {
  return `#/recordings/${encodeURIComponent(id)}${at === null ? "" : `?t=${Math.max(0, at).toFixed(2)}`}`;
}

/** @param {string | null} text */
function secondOf(text) {
  const second = text ? Number(text) : NaN;
  return Number.isFinite(second) && second >= 0 ? second : null;
}

/** @param {string} text */
function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // somebody typed a stray "%"
  }
}
