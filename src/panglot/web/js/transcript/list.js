/** The segments of a transcript, of which only those near the window are on the page. */

import { clock } from "../format.js";
import { h } from "../dom.js";
import { lookOf } from "./colours.js";
import { explain, findingsOf } from "./findings.js";
import { Heights } from "./heights.js";
import { fillRow, wordsOf } from "./row.js";
import { TextEdit } from "./textedit.js";
import { textOf } from "./words.js";

/** @import * as t from "../types.js" */
/** @import { Place } from "./wordindex.js" */
/** @import { RowContext } from "./row.js" */

/** CSS pixels of rows beyond the window that are on the page too. */
const SPARE = 400;
/** A first guess of what a row is high: it is measured as soon as it is on the page. */
const HEAD = 26;
const LINE = 27;
const CHARACTER = 8.2;

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

/** @typedef {{ row: HTMLLIElement, segment: t.Segment, looks: string }} Shown */

export class TranscriptList {
  /**
   * @param {t.Document} document
   * @param {{ actions: ListActions, unsure: number, editable: boolean, playable: boolean }} options
   */
  constructor(document, { actions, unsure, editable, playable }) {
    this._document = document;
    this._actions = actions;
    this._unsure = unsure;
    this._editable = editable;
    this._playable = playable;
    /** @type {Map<string, Shown>} */
    this._shown = new Map();
    /** @type {Map<string, number>} */
    this._measured = new Map();
    this._heights = new Heights([]);
    this._range = { first: 0, end: 0 };
    this._stale = true;
    this._frame = 0;
    this._width = 0;
    /** @type {Place | null} */
    this._spoken = null;
    /** @type {{ id: string, word: number } | null} */
    this._chosen = null;
    /** @type {Map<number, { first: number, last: number, current: boolean }[]>} */
    this._found = new Map();
    /** @type {{ id: string, edit: TextEdit } | null} */
    this._editing = null;
    this._away = new AbortController();
    this.element = h("ol", { class: "segments", "aria-label": "Transcript" });
    this._observer = new ResizeObserver((entries) => this._measure(entries));
    this._listen();
  }

  /** Call once it is on the page. */
  open() {
    this._width = this.element.clientWidth;
    this._estimate();
    this._render();
  }

  close() {
    this._away.abort();
    this._observer.disconnect();
    cancelAnimationFrame(this._frame);
  }

  /** The word that was clicked or moved to; null where none was. */
  get chosen() {
    return this._chosen;
  }

  /** @param {t.Document} document */
  show(document) {
    this._document = document;
    this._estimate();
    this._render();
  }

  /** @param {number} unsure */
  showUnsure(unsure) {
    this._unsure = unsure;
    this._stale = true;
    this._render();
  }

  /**
   * Marks the word that is heard.
   * @param {Place | null} place
   */
  showSpoken(place) {
    if (place === this._spoken) return;
    this._wordAt(this._spoken)?.classList.remove("spoken");
    this._spoken = place;
    this._wordAt(place)?.classList.add("spoken");
  }

  /**
   * Marks words that were searched for.
   * @param {readonly import("./search.js").Hit[]} hits
   * @param {number} current  Index of the one that is looked at.
   */
  showFound(hits, current) {
    this._found = new Map();
    for (const [index, { segment, words }] of hits.entries()) {
      this._found.set(segment, [...(this._found.get(segment) ?? []), { ...words, current: index === current }]);
    }
    for (const { row, segment } of this._shown.values()) this._markFound(row, this._document.segments.indexOf(segment));
  }

  /**
   * Brings a row into view, unless it is there already.
   * @param {number} index
   * @param {{ word?: number, always?: boolean }} [options]
   */
  reveal(index, { word = 0, always = false } = {}) {
    if (index < 0 || index >= this._document.segments.length) return;
    if (!always && this._isVisible({ segment: index, word })) return;
    const { top, bottom } = this._window();
    const list = this.element.getBoundingClientRect().top;
    window.scrollBy({ top: list + this._heights.offset(index) - top - (bottom - top) / 4, behavior: "instant" });
    this._render();
    this._settle(index, word, 3);
  }

  /**
   * Puts the focus on a segment's text.
   * @param {string} id
   * @param {number | null} [word]  To choose.
   */
  focus(id, word = null) {
    const index = this._document.segments.findIndex((segment) => segment.id === id);
    this.reveal(index);
    if (word !== null) this._choose(id, word);
    this._text(id)?.focus({ preventScroll: true });
  }

  /** Puts the focus on the first text that is seen. */
  focusTop() {
    const id = this._document.segments[Math.min(this.top + 1, this._document.segments.length - 1)]?.id;
    if (id !== undefined) this._text(id)?.focus({ preventScroll: true });
  }

  /**
   * Shows for a moment which row is meant.
   * @param {number} index
   */
  flash(index) {
    requestAnimationFrame(() => {
      const row = this._rowAt(index);
      row?.classList.add("flash");
      setTimeout(() => row?.classList.remove("flash"), 1600);
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
    const segment = this._document.segments.find((each) => each.id === id);
    const element = this._text(id);
    if (!this._editable || !segment || !element) return;
    const before = textOf({ words: segment.words.slice(0, word) });
    const space = /^\s*/u.exec(segment.words[word]?.text ?? "")?.[0].length ?? 0;
    const end = () => {
      this._editing = null;
      this._forget(id);
    };
    const edit = new TextEdit({
      element,
      text: textOf(segment).trimStart(),
      label: `Text at ${clock(segment.start)}`,
      caret: before.length + space,
      all,
      onDone: (text) => (end(), this._actions.onText(id, text), this._render(), this._refocus(id)),
      onCancel: () => (end(), this._render(), this._refocus(id)),
      onSplit: (text, caret) => (end(), this._actions.onSplitText(id, text, caret)),
      onToggle: this._actions.onToggle,
    });
    this._editing = { id, edit };
    element.closest("li")?.classList.add("edited");
  }

  /** Index of the first segment that is seen. */
  get top() {
    return this._heights.indexAt(this._window().top - this.element.getBoundingClientRect().top);
  }

  /** Takes over what is being written. */
  finishEdit() {
    this._editing?.edit.done();
  }

  _listen() {
    const { signal } = this._away;
    const soon = () => {
      cancelAnimationFrame(this._frame);
      this._frame = requestAnimationFrame(() => this._render());
    };
    window.addEventListener("scroll", soon, { passive: true, signal });
    window.addEventListener("resize", () => this._resized(), { signal });
    this.element.addEventListener("click", (event) => this._click(event));
    this.element.addEventListener("dblclick", (event) => this._doubleClick(event));
    this.element.addEventListener("keydown", (event) => this._key(event));
  }

  _resized() {
    if (this.element.clientWidth !== this._width) {
      this._width = this.element.clientWidth;
      this._measured.clear();
      this._estimate();
    }
    this._render();
  }

  _estimate() {
    this._stale = true;
    const characters = Math.max((this._textWidth() || 600) / CHARACTER, 10);
    this._heights = new Heights(
      this._document.segments.map((segment) => {
        const known = this._measured.get(segment.id);
        if (known !== undefined) return known;
        const length = segment.words.reduce((sum, word) => sum + word.text.length, 0);
        return HEAD + LINE * Math.max(Math.ceil(length / characters), 1);
      }),
    );
  }

  _textWidth() {
    return this.element.querySelector(".segment-text")?.clientWidth ?? this._width;
  }

  /** Part of the window in which the transcript is seen, between what sticks to its ends. */
  _window() {
    const tools = document.querySelector(".transcript-tools")?.getBoundingClientRect();
    const foot = document.querySelector(".transcript-foot")?.getBoundingClientRect();
    return {
      top: Math.max(tools?.bottom ?? 0, 0),
      bottom: Math.min(foot?.top ?? window.innerHeight, window.innerHeight),
    };
  }

  _render() {
    if (!this.element.isConnected) return;
    const top = -this.element.getBoundingClientRect().top;
    const range = this._heights.range(top, top + window.innerHeight, SPARE);
    if (!this._stale && range.first === this._range.first && range.end === this._range.end) return;
    this._range = range;
    this._stale = false;
    const { segments } = this._document;
    const wanted = new Map(
      segments
        .slice(this._range.first, this._range.end)
        .map((segment, offset) => [segment.id, this._range.first + offset]),
    );
    for (const [id, { row }] of this._shown) {
      if (!wanted.has(id) && !this._pin(id, row)) this._forget(id);
    }
    /** @type {Element | null} */
    let before = this.element.firstElementChild;
    for (const [id, index] of wanted) {
      const row = this._rowOf(id, index);
      row.classList.remove("pinned");
      row.style.top = "";
      while (before?.classList.contains("pinned") && before !== row) before = before.nextElementSibling;
      if (row === before) before = before.nextElementSibling;
      else this.element.insertBefore(row, before);
    }
    this.element.style.paddingTop = `${this._heights.offset(this._range.first)}px`;
    this.element.style.paddingBottom = `${Math.max(this._heights.total - this._heights.offset(this._range.end), 0)}px`;
  }

  /**
   * A row that holds the focus stays on the page, out of the flow, until the focus leaves it.
   * @param {string} id
   * @param {HTMLLIElement} row
   * @returns {boolean}  Whether it stays.
   */
  _pin(id, row) {
    if (!row.contains(document.activeElement)) return false;
    const index = this._document.segments.findIndex((segment) => segment.id === id);
    if (index === -1) return false;
    row.classList.add("pinned");
    row.style.top = `${this._heights.offset(index)}px`;
    return true;
  }

  /**
   * The row of a segment, made or mended where it must be.
   * @param {string} id
   * @param {number} index
   */
  _rowOf(id, index) {
    const segment = /** @type {t.Segment} */ (this._document.segments[index]);
    const context = this._context(segment, index);
    const looks = JSON.stringify(context);
    const shown = this._shown.get(id);
    if (shown?.segment === segment && (shown.looks === looks || this._editing?.id === id)) return shown.row;
    const row = shown?.row ?? h("li");
    const focused = row.contains(document.activeElement) ? document.activeElement : null;
    const part = focused instanceof HTMLElement ? focused.dataset["part"] : null;
    fillRow(row, segment, context);
    this._shown.set(id, { row, segment, looks });
    if (this._spoken?.segment === index) wordsOf(row)[this._spoken.word]?.classList.add("spoken");
    if (this._chosen?.id === id) wordsOf(row)[this._chosen.word]?.classList.add("chosen");
    this._markFound(row, index);
    if (part)
      /** @type {HTMLElement | null} */ (row.querySelector(`[data-part="${part}"]`))?.focus({
        preventScroll: true,
      });
    if (!shown) this._observer.observe(row);
    return row;
  }

  /**
   * @param {t.Segment} segment
   * @param {number} index
   * @returns {RowContext}
   */
  _context(segment, index) {
    const { segments, speakers, findings } = this._document;
    const before = segments[index - 1];
    const { speaker, language } = segment;
    return {
      name: speaker === null ? null : (speakers[speaker] ?? speaker),
      look: lookOf(speaker),
      goesOn: before !== undefined && before.speaker === speaker,
      showsLanguage: before ? before.language !== language : segments.some((each) => each.language !== language),
      warnings: findingsOf(findings, segment).map(explain).join(" "),
      unsure: this._unsure,
      editable: this._editable,
      playable: this._playable,
      position: index + 1,
      count: segments.length,
    };
  }

  /** @param {string} id */
  _forget(id) {
    const shown = this._shown.get(id);
    if (!shown) return;
    this._stale = true;
    this._shown.delete(id);
    this._observer.unobserve(shown.row);
    shown.row.remove();
  }

  /**
   * Takes in real heights, and keeps in its place what is looked at.
   * @param {readonly ResizeObserverEntry[]} entries
   */
  _measure(entries) {
    const anchor = this._heights.indexAt(this._window().top - this.element.getBoundingClientRect().top);
    const before = this._heights.offset(anchor);
    const places = new Map(
      this._document.segments
        .slice(this._range.first, this._range.end)
        .map((segment, offset) => [segment.id, this._range.first + offset]),
    );
    for (const { target, borderBoxSize } of entries) {
      const id = /** @type {HTMLElement} */ (target).dataset["id"] ?? "";
      const index = places.get(id);
      const height = borderBoxSize[0]?.blockSize ?? 0;
      if (index === undefined || height === 0 || height === this._heights.at(index)) continue;
      this._stale = true;
      this._measured.set(id, height);
      this._heights.set(index, height);
    }
    const shift = this._heights.offset(anchor) - before;
    if (Math.abs(shift) >= 0.5) window.scrollBy({ top: shift, behavior: "instant" });
    this._render();
  }

  /**
   * A jump goes by guessed heights; when the rows are measured it is made exact.
   * @param {number} index
   * @param {number} word
   * @param {number} attempts
   */
  _settle(index, word, attempts) {
    requestAnimationFrame(() => {
      if (attempts === 0 || this._isVisible({ segment: index, word })) return;
      const { top, bottom } = this._window();
      const at = (this._wordAt({ segment: index, word }) ?? this._rowAt(index))?.getBoundingClientRect().top;
      if (at !== undefined) window.scrollBy({ top: at - top - (bottom - top) / 4, behavior: "instant" });
      this._render();
      this._settle(index, word, attempts - 1);
    });
  }

  /** @param {Place} place */
  _isVisible(place) {
    const box = (this._wordAt(place) ?? this._rowAt(place.segment))?.getBoundingClientRect();
    const { top, bottom } = this._window();
    return box !== undefined && box.top >= top && box.bottom <= bottom;
  }

  /** @param {number} index */
  _rowAt(index) {
    return this._shown.get(this._document.segments[index]?.id ?? "")?.row ?? null;
  }

  /**
   * @param {Place | null} place
   * @returns {Element | null}
   */
  _wordAt(place) {
    const row = place && this._rowAt(place.segment);
    return (row && wordsOf(row)[place.word]) ?? null;
  }

  /** @param {string} id */
  _text(id) {
    return /** @type {HTMLElement | null} */ (this._shown.get(id)?.row.querySelector(".segment-text") ?? null);
  }

  /** @param {string} id */
  _refocus(id) {
    if (document.activeElement === null || document.activeElement === document.body)
      this._text(id)?.focus({ preventScroll: true });
  }

  /**
   * @param {HTMLElement} row
   * @param {number} index
   */
  _markFound(row, index) {
    for (const word of row.querySelectorAll(".found")) word.classList.remove("found", "found-now");
    for (const { first, last, current } of this._found.get(index) ?? []) {
      for (let word = first; word <= last; word++) {
        wordsOf(row)[word]?.classList.add("found");
        if (current) wordsOf(row)[word]?.classList.add("found-now");
      }
    }
  }

  /**
   * @param {string} id
   * @param {number} word
   */
  _choose(id, word) {
    for (const old of this.element.querySelectorAll(".chosen")) old.classList.remove("chosen");
    this._chosen = { id, word };
    const row = this._shown.get(id)?.row;
    if (row) wordsOf(row)[word]?.classList.add("chosen");
  }

  /**
   * What an event is about.
   * @param {Event} event
   */
  _target({ target }) {
    const element = /** @type {Element} */ (target);
    const row = element.closest("li");
    const index = this._document.segments.findIndex((segment) => segment.id === row?.dataset["id"]);
    const word = element.closest(".word");
    return {
      index,
      segment: this._document.segments[index],
      part: /** @type {HTMLElement | null} */ (element.closest("[data-part]")),
      word: row && word ? Array.prototype.indexOf.call(wordsOf(row), word) : -1,
    };
  }

  /** @param {Event} event */
  _click(event) {
    const { index, segment, part, word } = this._target(event);
    if (!segment || !part || this._editing?.id === segment.id) return;
    const name = part.dataset["part"];
    if (name === "time") this._actions.onTime(segment, true);
    else if (name === "speaker") this._actions.onSpeaker(segment, part);
    else if (name === "warning") this._actions.onWarning(segment);
    else if (name === "more")
      this._actions.onMore(segment, part, this._chosen?.id === segment.id ? this._chosen.word : null);
    else if (word !== -1 && getSelection()?.isCollapsed !== false) {
      this._choose(segment.id, word);
      this._actions.onWord({ segment: index, word }, false);
    }
  }

  /** @param {Event} event */
  _doubleClick(event) {
    const { segment, part, word } = this._target(event);
    if (segment && part?.dataset["part"] === "text" && this._editing?.id !== segment.id)
      this.edit(segment.id, Math.max(word, 0));
  }

  /** @param {KeyboardEvent} event */
  _key(event) {
    const { index, segment, part } = this._target(event);
    if (!segment || part?.dataset["part"] !== "text" || event.ctrlKey || event.metaKey || event.altKey) return;
    const here = this._chosen?.id === segment.id ? this._chosen.word : -1;
    const onwards = part.dir === "rtl" ? "ArrowLeft" : "ArrowRight";
    const back = part.dir === "rtl" ? "ArrowRight" : "ArrowLeft";
    const last = segment.words.length - 1;
    const moves = new Map([
      [onwards, Math.min(here + 1, last)],
      [back, Math.max(here - 1, 0)],
      ["Home", 0],
      ["End", last],
    ]);
    const to = moves.get(event.key);
    if (to !== undefined) this._move(segment, to);
    else if (event.key === "Enter") this._actions.onWord({ segment: index, word: Math.max(here, 0) }, true);
    else if ((event.key === "e" || event.key === "F2") && this._editable) this.edit(segment.id, Math.max(here, 0));
    else if (event.key === "s" && this._editable && here > 0) this._actions.onSplit(segment.id, here);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  /**
   * @param {t.Segment} segment
   * @param {number} word
   */
  _move(segment, word) {
    this._choose(segment.id, word);
    const { text, probability, edited } = segment.words[word] ?? { text: "", probability: 1 };
    this._actions.announce(!edited && probability < this._unsure ? `${text.trim()}, not sure` : text.trim());
  }
}
