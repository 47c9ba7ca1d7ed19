/** A steady look for each speaker. */

/** Colours in transcript.css, and marks that tell apart those who share one. */
export const COLOURS = 8;
export const MARKS = ["●", "■", "▲", "◆"];

/** @typedef {{ colour: number, mark: string }} Look */

/**
 * The look of a speaker hangs on the label alone, so it stays through renaming, merging and reloading.
 * @param {string | null} label  A, B, … Z, AA, … or anything else.
 * @returns {Look | null}  Null for nobody.
 */
export function lookOf(label) {
  if (label === null) return null;
  const number = /^[A-Z]{1,2}$/.test(label) ? ordinal(label) : hash(label);
  return { colour: number % COLOURS, mark: MARKS[Math.floor(number / COLOURS) % MARKS.length] ?? "●" };
}

/** @param {string} label */
function ordinal(label) {
  return [...label].reduce((sum, letter) => (sum + 1) * 26 + letter.charCodeAt(0) - 65, -1);
}

/** @param {string} label */
function hash(label) {
  return [...label].reduce((sum, letter) => (sum * 31 + (letter.codePointAt(0) ?? 0)) % 65_521, 7);
}
