/** Which word is spoken at a time. */

/** @import * as t from "../types.js" */

/** A word stays the spoken one for so many seconds of the pause behind it, so that the mark does not flicker. */
const HOLD = 0.4;

/** @typedef {{ segment: number, word: number }} Place  Indices of a segment and of a word in it. */

export class WordIndex {
  /** @param {readonly t.Segment[]} segments */
  constructor(segments) {
    /** @type {(Place & { start: number, end: number })[]} */
    const all = [];
    for (const [segment, { words }] of segments.entries()) {
      for (const [word, { start, end }] of words.entries()) all.push({ segment, word, start, end });
    }
    const ordered = all.every(({ start }, index) => index === 0 || start >= (all[index - 1]?.start ?? 0));
    this._words = ordered ? all : all.sort((one, other) => one.start - other.start); // they overlap where people do
    this._starts = Float64Array.from(all, (word) => word.start);
  }

  /**
   * @param {number} time
   * @returns {Place | null}  Null in a pause.
   */
  at(time) {
    const word = this._words[this._last(time)];
    return word && time < word.end + HOLD ? word : null;
  }

  /**
   * The word at a time, or the next one, or the last of all.
   * @param {number} time
   * @returns {Place | null}  Null where there are no words.
   */
  near(time) {
    return this.at(time) ?? this._words[this._last(time) + 1] ?? this._words.at(-1) ?? null;
  }

  /**
   * Index of the last word that begins at or before a time, -1 where none does: a binary search.
   * @param {number} time
   */
  _last(time) {
    let low = 0;
    let high = this._starts.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (/** @type {number} */ (this._starts[middle]) <= time) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }
}
