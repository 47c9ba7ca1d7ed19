/** Changes that are not saved yet, kept small: only what differs from the revision they were made on. */

/** @import * as t from "../types.js" */

/**
 * @typedef {object} Draft
 * @property {number} base  The revision that it changes.
 * @property {string[]} order  All segments.
 * @property {Record<string, t.Segment>} changed  Those that the revision does not have like this.
 * @property {Partial<t.Document>} rest  What else differs.
 */

/** @typedef {Pick<Storage, "getItem" | "setItem" | "removeItem">} Store */

/**
 * @param {t.Document} original  The revision `base`.
 * @param {t.Document} document  Made from it by edits, so that what stayed is the same object.
 * @param {number} base
 * @returns {Draft}
 */
export function draftOf(original, document, base) {
  const same = new Set(original.segments);
  const changed = document.segments.filter((segment) => !same.has(segment));
  const { segments: _, ...others } = document;
  const rest = Object.entries(others).filter(
    ([key, value]) => original[/** @type {keyof t.Document} */ (key)] !== value,
  );
  return {
    base,
    order: document.segments.map((segment) => segment.id),
    changed: Object.fromEntries(changed.map((segment) => [segment.id, segment])),
    rest: Object.fromEntries(rest),
  };
}

/**
 * @param {t.Document} original  The revision `draft.base`.
 * @param {Draft} draft
 * @returns {t.Document}
 */
export function applyDraft(original, { order, changed, rest }) {
  const known = new Map(original.segments.map((segment) => [segment.id, segment]));
  const segments = order.flatMap((id) => changed[id] ?? known.get(id) ?? []);
  return { ...original, ...rest, segments };
}

/** Drafts by recording, in the browser's own store. */
export class Drafts {
  /**
   * @param {string} id  The recording's.
   * @param {Store | null} store  Null where the browser allows none.
   */
  constructor(id, store) {
    this._name = `panglot.draft.${id}`;
    this._store = store;
  }

  /** @returns {Draft | null} */
  read() {
    try {
      return JSON.parse(this._store?.getItem(this._name) ?? "null");
    } catch {
      return null;
    }
  }

  /**
   * @param {Draft} draft
   * @returns {boolean}  Whether there was room for it.
   */
  write(draft) {
    try {
      this._store?.setItem(this._name, JSON.stringify(draft));
      return this._store !== null;
    } catch {
      return false;
    }
  }

  clear() {
    this._store?.removeItem(this._name);
  }
}
