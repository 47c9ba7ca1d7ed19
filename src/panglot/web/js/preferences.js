/** What a person likes, kept in this browser; and the API key, kept for as long as the tab is open. */

const KEY = "panglot.key";

/** @param {"theme" | "text"} name  What is chosen; empty where nothing is. */
export function preference(name) {
  return document.documentElement.dataset[name] ?? "";
}

/**
 * Chooses, for now and for later (`early.js` reads it before the page is drawn).
 * @param {"theme" | "text"} name
 * @param {string} value  Empty for the usual.
 */
export function prefer(name, value) {
  if (value) document.documentElement.dataset[name] = value;
  else delete document.documentElement.dataset[name];
  try {
    localStorage.setItem(`panglot.${name}`, value);
  } catch {
    // A browser that keeps nothing still shows it until the page is closed.
  }
}

/** The key, in memory and in the tab's store, which a reload leaves as it is. */
export class SessionKey {
  #value = /** @type {string | null} */ (null);

  constructor() {
    try {
      this.#value = sessionStorage.getItem(KEY);
    } catch {
      // Nothing is kept: it is asked for again after a reload.
    }
  }

  get value() {
    return this.#value;
  }

  /** @param {string | null} value */
  set value(value) {
    this.#value = value;
    try {
      if (value === null) sessionStorage.removeItem(KEY);
      else sessionStorage.setItem(KEY, value);
    } catch {
      // See above.
    }
  }
}
