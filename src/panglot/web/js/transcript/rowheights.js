/** How high the rows of a transcript are: guessed at first, exact once they were on the page. */

import { Heights } from "./heights.js";

/** @import * as t from "../types.js" */

/** CSS pixels of a row's head, of a line of text, and of a character. */
const HEAD = 26;
const LINE = 27;
const CHARACTER = 8.2;

export class RowHeights extends Heights {
  /**
   * @param {readonly t.Segment[]} segments
   * @param {number} width  Of the text, in CSS pixels.
   * @param {ReadonlyMap<string, number>} measured  Heights of rows that were on the page, by their segment's id.
   */
  constructor(segments, width, measured) {
    const characters = Math.max(width / CHARACTER, 10);
    super(segments.map((segment) => measured.get(segment.id) ?? guess(segment, characters)));
  }
}

/**
 * @param {t.Segment} segment
 * @param {number} characters  That fit into a line.
 */
function guess({ words }, characters) {
  const length = words.reduce((sum, word) => sum + word.text.length, 0);
  return HEAD + LINE * Math.max(Math.ceil(length / characters), 1);
}
