/** The rows of a transcript that are on the page: those near the window, and one that holds the focus. */

import { h } from "../dom.js";
import { fillRow, wordsOf } from "./row.js";
import { RowHeights } from "./rowheights.js";
import { bringToSight, sight } from "./sight.js";

/** @import * as t from "../types.js" */
/** @import { RowContext } from "./rowcontext.js" */
/** @import { Place } from "./wordindex.js" */

/** CSS pixels of rows beyond the window that are on the page too. */
const SPARE = 400;
/** Width of the text before any is on the page. */
const WIDTH = 600;

/**
 * @typedef {object} Content
 * @property {(index: number) => RowContext} context
 * @property {(id: string) => boolean} isOpen  Whether somebody writes in a row, which must be left as it is.
 * @property {(row: HTMLLIElement, index: number) => void} onFilled
 */

/** @typedef {{ row: HTMLLIElement, segment: t.Segment, looks: string }} Shown */

export class Rows {
  /**
   * @param {HTMLElement} element  The list.
   * @param {Content} content
   */
  constructor(element, content) {
    this._element = element;
    this._content = content;
    /** @type {readonly t.Segment[]} */
    this._segments = [];
    /** @type {Map<string, number>} */
    this._places = new Map();
    /** @type {Map<string, Shown>} */
    this._shown = new Map();
    /** @type {Map<string, number>} */
    this._measured = new Map();
    this._heights = new RowHeights([], WIDTH, this._measured);
    this._range = { first: 0, end: 0 };
    this._stale = true;
    this._frame = 0;
    this._width = 0;
    this._away = new AbortController();
    this._observer = new ResizeObserver((entries) => this._measure(entries));
  }

  /**
   * Call once the list is on the page.
   * @param {readonly t.Segment[]} segments
   */
  open(segments) {
    const { signal } = this._away;
    const soon = () => {
      cancelAnimationFrame(this._frame);
      this._frame = requestAnimationFrame(() => this.render());
    };
    window.addEventListener("scroll", soon, { passive: true, signal });
    window.addEventListener("resize", () => this._resize(), { signal });
    this._width = this._element.clientWidth;
    this.show(segments);
  }

  close() {
    this._away.abort();
    this._observer.disconnect();
    cancelAnimationFrame(this._frame);
  }

  /** @param {readonly t.Segment[]} segments */
  show(segments) {
    this._segments = segments;
    this._places = new Map(segments.map(({ id }, index) => [id, index]));
    this._estimate();
    this.render();
  }

  /** Looks at all rows again, since what they show has changed. */
  refresh() {
    this._stale = true;
    this.render();
  }

  /** How many there are, on the page or not. */
  get count() {
    return this._segments.length;
  }

  /** Index of the first row that is seen. */
  get top() {
    return this._heights.indexAt(sight().top - this._element.getBoundingClientRect().top);
  }

  /**
   * Index of a segment, -1 where there is none.
   * @param {string} id
   */
  indexOf(id) {
    return this._places.get(id) ?? -1;
  }

  /**
   * The row of a segment, if it is on the page.
   * @param {string} id
   */
  of(id) {
    return this._shown.get(id)?.row ?? null;
  }

  /**
   * @param {number} index
   * @returns {HTMLLIElement | null}
   */
  at(index) {
    return this.of(this._segments[index]?.id ?? "");
  }

  /**
   * @param {Place | null} place
   * @returns {Element | null}
   */
  wordAt(place) {
    const row = place && this.at(place.segment);
    return (row && wordsOf(row)[place.word]) ?? null;
  }

  /** @returns {[number, HTMLLIElement][]}  Those on the page, by index. */
  get all() {
    return [...this._shown].map(([id, { row }]) => [this.indexOf(id), row]);
  }

  /** Brings those rows on the page that belong there now. */
  render() {
    if (!this._element.isConnected) return;
    const top = -this._element.getBoundingClientRect().top;
    const range = this._heights.range(top, top + window.innerHeight, SPARE);
    if (!this._stale && range.first === this._range.first && range.end === this._range.end) return;
    this._range = range;
    this._tidy();
    this._stale = false;
    this._place();
    this._element.style.paddingTop = `${this._heights.offset(range.first)}px`;
    this._element.style.paddingBottom = `${Math.max(this._heights.total - this._heights.offset(range.end), 0)}px`;
  }

  /**
   * Takes a row off the page; where its segment is still near, `render` makes a new one.
   * @param {string} id
   */
  drop(id) {
    const shown = this._shown.get(id);
    if (!shown) return;
    this._stale = true;
    this._shown.delete(id);
    this._observer.unobserve(shown.row);
    shown.row.remove();
  }

  /**
   * Scrolls to where a row is, or will be: rows that were never on the page have heights that are guessed.
   * @param {number} index
   */
  bring(index) {
    bringToSight(this._element.getBoundingClientRect().top + this._heights.offset(index));
    this.render();
  }

  /** Takes rows off the page that are too far away now. */
  _tidy() {
    const { first, end } = this._range;
    for (const [id, { row }] of this._shown) {
      const index = this.indexOf(id);
      if ((index < first || index >= end) && !this._pin(index, row)) this.drop(id);
    }
  }

  /**
   * A row that holds the focus stays on the page, out of the flow, until the focus leaves it.
   * @param {number} index
   * @param {HTMLLIElement} row
   * @returns {boolean}  Whether it stays.
   */
  _pin(index, row) {
    if (index === -1 || !row.contains(document.activeElement)) return false;
    row.classList.add("pinned");
    row.style.top = `${this._heights.offset(index)}px`;
    return true;
  }

  /** Puts the rows near the window in their order, and moves none that is in its place already. */
  _place() {
    /** @type {Element | null} */
    let before = this._element.firstElementChild;
    for (let index = this._range.first; index < this._range.end; index++) {
      const row = this._fill(index);
      row.classList.remove("pinned");
      row.style.top = "";
      while (before?.classList.contains("pinned") && before !== row) before = before.nextElementSibling;
      if (row === before) before = before.nextElementSibling;
      else this._element.insertBefore(row, before);
    }
  }

  /**
   * The row of a segment, made or mended where it must be.
   * @param {number} index
   */
  _fill(index) {
    const segment = /** @type {t.Segment} */ (this._segments[index]);
    const { id } = segment;
    const context = this._content.context(index);
    const looks = JSON.stringify(context);
    const shown = this._shown.get(id);
    if (shown?.segment === segment && (shown.looks === looks || this._content.isOpen(id))) return shown.row;
    const row = shown?.row ?? h("li");
    keepingFocus(row, () => {
      fillRow(row, segment, context);
      this._shown.set(id, { row, segment, looks });
      this._content.onFilled(row, index);
    });
    if (!shown) this._observer.observe(row);
    return row;
  }

  _resize() {
    if (this._element.clientWidth !== this._width) {
      this._width = this._element.clientWidth;
      this._measured.clear();
      this._estimate();
    }
    this.render();
  }

  _estimate() {
    this._stale = true;
    const width = this._element.querySelector(".segment-text")?.clientWidth ?? this._width;
    this._heights = new RowHeights(this._segments, width || WIDTH, this._measured);
  }

  /**
   * Takes in real heights, and keeps in its place what is looked at.
   * @param {readonly ResizeObserverEntry[]} entries
   */
  _measure(entries) {
    const anchor = this.top;
    const before = this._heights.offset(anchor);
    for (const { target, borderBoxSize } of entries) {
      const id = /** @type {HTMLElement} */ (target).dataset["id"] ?? "";
      const index = this.indexOf(id);
      const height = borderBoxSize[0]?.blockSize ?? 0;
      const near = index >= this._range.first && index < this._range.end;
      if (!near || height === 0 || height === this._heights.at(index)) continue;
      this._stale = true;
      this._measured.set(id, height);
      this._heights.set(index, height);
    }
    const shift = this._heights.offset(anchor) - before;
    if (Math.abs(shift) >= 0.5) window.scrollBy({ top: shift, behavior: "instant" });
    this.render();
  }
}

/**
 * Gives the focus back to the part of a row that had it, though its elements are made anew.
 * @param {HTMLElement} row
 * @param {() => void} change
 */
function keepingFocus(row, change) {
  const focused = row.contains(document.activeElement) ? document.activeElement : null;
  const part = focused instanceof HTMLElement ? focused.dataset["part"] : null;
  change();
  if (!part) return;
  /** @type {HTMLElement | null} */ (row.querySelector(`[data-part="${part}"]`))?.focus({ preventScroll: true });
}
