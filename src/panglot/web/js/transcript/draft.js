/** Changes that are not saved yet, kept small: only what differs from the revision they were made on. */

/** @import * as t from "../types.js" */

/**
 * @typedef {object} Draft
 * @property {number} base  The revision that it changes.
 * @property {string[]} order  All segments.
 * @property {Record<string, t.Segment>} changed  Those that the revision does not have like this.
 * @property {Partial<t.Document>} rest  What else differs.
 */

/** @typedef {Pick<Storage, "length" | "key" | "getItem" | "setItem" | "removeItem">} Store */

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

/**
 * The drafts of a recording in the browser's own store. Each page that edits it has its own, so that none writes over
 * another's; what a page that was closed left behind is taken over by the next one.
 */
export class Drafts {
  /**
   * @param {string} id  The recording's.
   * @param {Store | null} store  Null where the browser allows none.
   * @param {string} page  Another one for each page that is open.
   */
  constructor(id, store, page) {
    this._all = `panglot.draft.${id}.`;
    this._name = this._all + page;
    this._store = store;
  }

  /**
   * Our draft, or one that was left behind and is ours from now on. A page that still has it writes it again.
   * @returns {Draft | null}
   */
  read() {
    const names = this._names();
    const name = names.includes(this._name) ? this._name : names[0];
    const draft = name === undefined ? null : this._parse(name);
    if (name !== undefined && name !== this._name && (draft === null || this.write(draft)))
      this._store?.removeItem(name);
    return draft;
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

  _names() {
    const names = Array.from({ length: this._store?.length ?? 0 }, (_, index) => this._store?.key(index) ?? "");
    return names.filter((name) => name.startsWith(this._all));
  }

  /**
   * @param {string} name
   * @returns {Draft | null}
   */
  _parse(name) {
    try {
      return JSON.parse(this._store?.getItem(name) ?? "null");
    } catch {
      return null;
    }
  }
}
