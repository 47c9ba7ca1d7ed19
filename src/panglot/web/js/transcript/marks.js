/** Words that are marked: the one that is heard, the one that was chosen, and those that were searched for. */

import { wordsOf } from "./row.js";

/** @import { Rows } from "./rows.js" */
/** @import { Hit } from "./search.js" */
/** @import { Place } from "./wordindex.js" */

/** @typedef {{ id: string, word: number }} Choice  A segment's id, and the index of a word in it. */

export class Marks {
  /** @param {Rows} rows */
  constructor(rows) {
    this._rows = rows;
    /** @type {Place | null} */
    this._spoken = null;
    /** @type {Choice | null} */
    this._chosen = null;
    /** @type {Map<number, { first: number, last: number, current: boolean }[]>} */
    this._found = new Map();
  }

  get chosen() {
    return this._chosen;
  }

  /** @param {Place | null} place */
  speak(place) {
    if (place === this._spoken) return;
    this._rows.wordAt(this._spoken)?.classList.remove("spoken");
    this._spoken = place;
    this._rows.wordAt(place)?.classList.add("spoken");
  }

  /** @param {Choice} choice */
  choose(choice) {
    const old = this._chosen && this._rows.of(this._chosen.id);
    for (const word of old?.querySelectorAll(".chosen") ?? []) word.classList.remove("chosen");
    this._chosen = choice;
    const row = this._rows.of(choice.id);
    if (row) wordsOf(row)[choice.word]?.classList.add("chosen");
  }

  /**
   * @param {readonly Hit[]} hits
   * @param {number} current  Index of the one that is looked at.
   */
  find(hits, current) {
    this._found = new Map();
    for (const [index, { segment, words }] of hits.entries()) {
      const known = this._found.get(segment) ?? [];
      this._found.set(segment, [...known, { ...words, current: index === current }]);
    }
    for (const [index, row] of this._rows.all) this._markFound(row, index);
  }

  /**
   * Marks the words of a row that was made anew.
   * @param {HTMLElement} row
   * @param {number} index
   */
  mark(row, index) {
    if (this._spoken?.segment === index) wordsOf(row)[this._spoken.word]?.classList.add("spoken");
    if (this._chosen?.id === row.dataset["id"]) wordsOf(row)[this._chosen?.word ?? -1]?.classList.add("chosen");
    this._markFound(row, index);
  }

  /**
   * @param {HTMLElement} row
   * @param {number} index
   */
  _markFound(row, index) {
    for (const word of row.querySelectorAll(".found")) word.classList.remove("found", "found-now");
    for (const { first, last, current } of this._found.get(index) ?? []) {
      for (const word of [...wordsOf(row)].slice(first, last + 1)) {
        word.classList.add("found");
        if (current) word.classList.add("found-now");
      }
    }
  }
}
