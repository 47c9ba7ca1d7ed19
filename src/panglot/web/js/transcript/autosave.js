/** Saves a document as revisions of its own accord, over lost connections and other people's changes. */

import { ApiError, messageOf } from "../errors.js";
import { draftOf } from "./draft.js";

/** @import * as t from "../types.js" */

/** Milliseconds after the last change. */
const REST = 2000;
const FIRST_RETRY = 2000;
const LONGEST_RETRY = 30_000;

/**
 * `unsaved`: changed a moment ago. `waiting`: could not be saved and will be tried again. `conflict`: somebody else
 * saved. `refused`: the server does not take it; the next change is tried again.
 * @typedef {"saved" | "unsaved" | "saving" | "waiting" | "conflict" | "refused"} SaveState
 */

/**
 * @typedef {object} AutosaveOptions
 * @property {(base: number, document: t.Document, note: string) => Promise<number>} save  Gives the new revision.
 * @property {import("./draft.js").Drafts} drafts
 * @property {{ revision: number, document: t.Document }} saved  As the server has it.
 * @property {(state: SaveState, detail: string) => void} onState
 * @property {(latest: number) => void} onConflict  Must lead to `keepMine`.
 */

export class Autosave {
  /** @param {AutosaveOptions} options */
  constructor({ save, drafts, saved, onState, onConflict }) {
    this._save = save;
    this._drafts = drafts;
    this._onState = onState;
    this._onConflict = onConflict;
    this._base = saved.revision;
    this._saved = saved;
    this._document = saved.document;
    /** @type {Set<string>} */
    this._labels = new Set();
    /** @type {SaveState} */
    this._state = "saved";
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this._timer = undefined;
    this._retry = FIRST_RETRY;
    /** @type {Promise<void> | null} */
    this._running = null;
  }

  get revision() {
    return this._base;
  }

  get dirty() {
    return this._document !== this._saved.document;
  }

  /**
   * @param {t.Document} document
   * @param {string} label  Name of the edit, for the revision's note.
   */
  change(document, label) {
    this._document = document;
    this._labels.add(label);
    if (this.dirty) this._keepDraft();
    else this._settle();
    if (this.dirty && this._state !== "conflict") {
      if (this._running === null) this._tell("unsaved");
      this._after(REST);
    }
  }

  /** Saves now what is not saved yet. */
  async flush() {
    clearTimeout(this._timer);
    if (this.dirty) this._keepDraft();
    if (this._running !== null) await this._running;
    if (!this.dirty || this._state === "conflict") return;
    this._running = this._attempt();
    await this._running;
  }

  /**
   * Saves ours over theirs; theirs stays in the list of revisions.
   * @param {number} latest
   */
  keepMine(latest) {
    this._base = latest;
    this._state = "unsaved";
    return this.flush();
  }

  /** Stops; what is not saved stays in the draft. */
  close() {
    clearTimeout(this._timer);
    this._onState = () => {};
    this._onConflict = () => {};
  }

  async _attempt() {
    const document = this._document;
    const note = [...this._labels].join(", ");
    this._tell("saving");
    try {
      this._base = await this._save(this._base, document, note);
      this._saved = { revision: this._base, document };
      this._retry = FIRST_RETRY;
      if (this.dirty) this._continue();
      else this._settle();
    } catch (error) {
      this._fail(error);
    } finally {
      this._running = null;
    }
  }

  /** Something was changed while it was saving. */
  _continue() {
    this._keepDraft();
    this._tell("unsaved");
    this._after(REST);
  }

  _keepDraft() {
    const { revision, document } = this._saved;
    this._drafts.write(draftOf(document, this._document, revision));
  }

  /** @param {unknown} error */
  _fail(error) {
    if (error instanceof ApiError && error.status === 409) {
      this._tell("conflict");
      this._onConflict(Number(error.body["latest"]));
    } else if (error instanceof ApiError && (error.status === 400 || error.status === 413)) {
      this._tell("refused", error.message);
    } else {
      this._tell("waiting", messageOf(error));
      this._after(this._retry);
      this._retry = Math.min(this._retry * 2, LONGEST_RETRY);
    }
  }

  _settle() {
    clearTimeout(this._timer);
    this._labels.clear();
    this._drafts.clear();
    this._tell("saved");
  }

  /** @param {number} milliseconds */
  _after(milliseconds) {
    clearTimeout(this._timer);
    this._timer = setTimeout(() => void this.flush(), milliseconds);
  }

  /**
   * @param {SaveState} state
   * @param {string} [detail]
   */
  _tell(state, detail = "") {
    this._state = state;
    this._onState(state, detail);
  }
}
