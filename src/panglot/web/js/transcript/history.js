/** What was done to a document, to be undone and done again. */

/** @import * as t from "../types.js" */

const MOST_STEPS = 500;

/** @typedef {{ document: t.Document, label: string }} Step  A document, and the edit that led to it. */

export class History {
  /** @param {t.Document} document */
  constructor(document) {
    /** @type {Step[]} */
    this._steps = [{ document, label: "" }];
    this._now = 0;
  }

  /** @returns {t.Document} */
  get document() {
    return /** @type {Step} */ (this._steps[this._now]).document;
  }

  /** Name of the edit that `undo` takes back; null where there is none. */
  get undoable() {
    return this._now > 0 ? (this._steps[this._now]?.label ?? null) : null;
  }

  /** Name of the edit that `redo` does again; null where there is none. */
  get redoable() {
    return this._steps[this._now + 1]?.label ?? null;
  }

  /**
   * Adds an edit; those that were undone are forgotten.
   * @param {t.Document} document
   * @param {string} label
   * @returns {boolean}  Whether it changed anything.
   */
  push(document, label) {
    if (document === this.document) return false;
    this._steps = [...this._steps.slice(0, this._now + 1), { document, label }].slice(-MOST_STEPS);
    this._now = this._steps.length - 1;
    return true;
  }

  /** @returns {string | null}  Name of what was undone. */
  undo() {
    const label = this.undoable;
    if (label !== null) this._now -= 1;
    return label;
  }

  /** @returns {string | null}  Name of what was done again. */
  redo() {
    const label = this.redoable;
    if (label !== null) this._now += 1;
    return label;
  }
}
