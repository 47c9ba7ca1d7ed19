/** Going to a word, wherever it is. */

import { bringToSight, isSeen } from "./sight.js";

/** @import { Rows } from "./rows.js" */
/** @import { Place } from "./wordindex.js" */

/** How often a jump is made exact: each brings rows on the page that were not measured yet. */
const CORRECTIONS = 3;

/**
 * Brings a word into view, unless it is there already.
 * @param {Rows} rows
 * @param {Place} place
 * @param {{ always?: boolean }} [options]
 */
export function reveal(rows, place, { always = false } = {}) {
  if (place.segment < 0 || place.segment >= rows.count) return;
  if (!always && isSeen(elementAt(rows, place))) return;
  rows.bring(place.segment);
  settle(rows, place, CORRECTIONS);
}

/**
 * A jump goes by guessed heights; when the rows are measured it is made exact.
 * @param {Rows} rows
 * @param {Place} place
 * @param {number} attempts
 */
function settle(rows, place, attempts) {
  requestAnimationFrame(() => {
    const element = elementAt(rows, place);
    if (attempts === 0 || isSeen(element)) return;
    if (element) bringToSight(element.getBoundingClientRect().top);
    rows.render();
    settle(rows, place, attempts - 1);
  });
}

/**
 * @param {Rows} rows
 * @param {Place} place
 */
function elementAt(rows, place) {
  return rows.wordAt(place) ?? rows.at(place.segment);
}
