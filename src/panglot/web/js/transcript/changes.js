/** What is changed in a transcript, edit by edit, and taken back. */

import { History } from "./history.js";

/** @import * as t from "../types.js" */

/** @typedef {(document: t.Document) => t.Document} Edit */

/**
 * @typedef {object} ChangesOptions
 * @property {boolean} editable
 * @property {() => void} finish  Takes over what is being written, which is an edit of its own.
 * @property {(label: string) => void} onChange
 * @property {(text: string) => void} announce
 */

export class Changes {
  /**
   * @param {t.Document} document
   * @param {ChangesOptions} options
   */
  constructor(document, { editable, finish, onChange, announce }) {
    this._editable = editable;
    this._finish = finish;
    this._onChange = onChange;
    this._announce = announce;
    this.history = new History(document);
  }

  get document() {
    return this.history.document;
  }

  /**
   * @param {string} label
   * @param {Edit} edit
   */
  do(label, edit) {
    this._finish();
    if (this._editable && this.history.push(edit(this.document), label)) this._onChange(label);
  }

  /**
   * @param {string} label
   * @param {Edit} edit
   * @returns {string | null}  Id of the segment that was added.
   */
  adding(label, edit) {
    this._finish();
    const known = new Set(this.document.segments.map(({ id }) => id));
    this.do(label, edit);
    return this.document.segments.find(({ id }) => !known.has(id))?.id ?? null;
  }

  /** @param {"undo" | "redo"} which */
  step(which) {
    if (!this._editable) return;
    this._finish();
    const label = this.history[which]();
    if (label === null) return this._announce(`There is nothing to ${which}.`);
    this._onChange(label);
    this._announce(`${which === "undo" ? "Undone" : "Done again"}: ${label}`);
  }
}
