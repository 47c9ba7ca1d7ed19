/** The segments of a transcript as a list to read, to choose words in, and to write in. */

import { h } from "../dom.js";
import { clock } from "../format.js";
import { onGestures } from "./gestures.js";
import { reveal } from "./jumps.js";
import { Marks } from "./marks.js";
import { contextOf } from "./rowcontext.js";
import { Rows } from "./rows.js";
import { TextEdit } from "./textedit.js";
import { textOf } from "./words.js";

/** @import * as t from "../types.js" */
/** @import { Reading } from "./rowcontext.js" */
/** @import { Place } from "./wordindex.js" */

/** Milliseconds for which a row shows that it is meant. */
const FLASH = 1600;

/**
 * @typedef {object} ListActions
 * @property {(place: Place, play: boolean) => void} onWord
 * @property {(segment: t.Segment, play: boolean) => void} onTime
 * @property {(segment: t.Segment, button: HTMLElement) => void} onSpeaker
 * @property {(segment: t.Segment, button: HTMLElement, word: number | null) => void} onMore
 * @property {(segment: t.Segment) => void} onWarning
 * @property {(id: string, text: string) => void} onText
 * @property {(id: string, text: string, caret: number) => void} onSplitText
 * @property {(id: string, word: number) => void} onSplit
 * @property {() => void} onToggle
 * @property {(text: string) => void} announce
 */

export class TranscriptList {
  /**
   * @param {t.Document} document
   * @param {Reading & { actions: ListActions }} options
   */
  constructor(document, { actions, ...reading }) {
    this._document = document;
    this._actions = actions;
    this._reading = reading;
    /** @type {{ id: string, edit: TextEdit } | null} */
    this._editing = null;
    this.element = h("ol", { class: "segments", "aria-label": "Transcript" });
    const isOpen = (/** @type {string} */ id) => this._editing?.id === id;
    this._rows = new Rows(this.element, {
      context: (index) => contextOf(this._document, index, this._reading),
      isOpen,
      onFilled: (row, index) => this._marks.mark(row, index),
    });
    this._marks = new Marks(this._rows);
    onGestures(this.element, {
      find: (id) => this._find(id),
      editable: reading.editable,
      isOpen,
      chosen: (id) => this._chosen(id),
      onChoose: ({ id }, word) => this._marks.choose({ id, word }),
      onMove: (segment, word) => this._move(segment, word),
      onEdit: ({ id }, word) => this.edit(id, word),
      actions,
    });
  }

  /** Call once it is on the page. */
  open() {
    this._rows.open(this._document.segments);
  }

  close() {
    this._rows.close();
  }

  /** @param {t.Document} document */
  show(document) {
    this._document = document;
    this._rows.show(document.segments);
  }

  /** @param {number} unsure */
  showUnsure(unsure) {
    this._reading = { ...this._reading, unsure };
    this._rows.refresh();
  }

  /**
   * Marks the word that is heard.
   * @param {Place | null} place
   */
  showSpoken(place) {
    this._marks.speak(place);
  }

  /**
   * Marks words that were searched for.
   * @param {readonly import("./search.js").Hit[]} hits
   * @param {number} current  Index of the one that is looked at.
   */
  showFound(hits, current) {
    this._marks.find(hits, current);
  }

  /** Index of the first segment that is seen. */
  get top() {
    return this._rows.top;
  }

  /**
   * Brings a word into view, unless it is there already.
   * @param {number} index  Of the segment.
   * @param {{ word?: number, always?: boolean }} [options]
   */
  reveal(index, { word = 0, always = false } = {}) {
    reveal(this._rows, { segment: index, word }, { always });
  }

  /**
   * Puts the focus on a segment's text.
   * @param {string} id
   * @param {number | null} [word]  To choose.
   */
  focus(id, word = null) {
    this.reveal(this._rows.indexOf(id));
    if (word !== null) this._marks.choose({ id, word });
    this._text(id)?.focus({ preventScroll: true });
  }

  /** Puts the focus on the first text that is seen. */
  focusTop() {
    const { segments } = this._document;
    const id = segments[Math.min(this.top + 1, segments.length - 1)]?.id;
    if (id !== undefined) this._text(id)?.focus({ preventScroll: true });
  }

  /**
   * Shows for a moment which row is meant.
   * @param {number} index
   */
  flash(index) {
    requestAnimationFrame(() => {
      const row = this._rows.at(index);
      row?.classList.add("flash");
      setTimeout(() => row?.classList.remove("flash"), FLASH);
    });
  }

  /**
   * Opens a segment's text for writing.
   * @param {string} id
   * @param {number} word  To stand at.
   * @param {{ all?: boolean }} [options]  Whether everything is selected.
   */
  edit(id, word, { all = false } = {}) {
    this.finishEdit();
    const segment = this._find(id)?.segment;
    const element = this._text(id);
    if (!this._reading.editable || !segment || !element) return;
    const edit = new TextEdit({
      element,
      text: textOf(segment).trimStart(),
      label: `Text at ${clock(segment.start)}`,
      caret: characterOf(segment, word),
      all,
      onDone: (text) => {
        this._endEdit(id);
        this._actions.onText(id, text);
        this._resume(id);
      },
      onCancel: () => {
        this._endEdit(id);
        this._resume(id);
      },
      onSplit: (text, caret) => {
        this._endEdit(id);
        this._actions.onSplitText(id, text, caret);
      },
      onToggle: this._actions.onToggle,
    });
    this._editing = { id, edit };
    element.closest("li")?.classList.add("edited");
  }

  /** Takes over what is being written. */
  finishEdit() {
    this._editing?.edit.done();
  }

  /** @param {string} id */
  _endEdit(id) {
    this._editing = null;
    this._rows.drop(id); // its text is no longer made of words
  }

  /**
   * Goes on reading where somebody wrote.
   * @param {string} id
   */
  _resume(id) {
    this._rows.render();
    const { activeElement, body } = document;
    if (activeElement === null || activeElement === body) this._text(id)?.focus({ preventScroll: true });
  }

  /** @param {string} id */
  _find(id) {
    const index = this._rows.indexOf(id);
    const segment = this._document.segments[index];
    return segment ? { segment, index } : null;
  }

  /** @param {string} id */
  _text(id) {
    return /** @type {HTMLElement | null} */ (this._rows.of(id)?.querySelector(".segment-text") ?? null);
  }

  /** @param {string} id */
  _chosen(id) {
    const { chosen } = this._marks;
    return chosen?.id === id ? chosen.word : null;
  }

  /**
   * @param {t.Segment} segment
   * @param {number} word
   */
  _move(segment, word) {
    this._marks.choose({ id: segment.id, word });
    const { text, probability, edited } = segment.words[word] ?? { text: "", probability: 1 };
    const unsure = !edited && probability < this._reading.unsure;
    this._actions.announce(unsure ? `${text.trim()}, not sure` : text.trim());
  }
}

/**
 * The character that a word begins with in the text that is written in, which itself begins without a space.
 * @param {t.Segment} segment
 * @param {number} word
 */
function characterOf({ words }, word) {
  const space = /^\s*/u.exec(words[word]?.text ?? "")?.[0] ?? "";
  return (textOf({ words: words.slice(0, word) }) + space).trimStart().length;
}
