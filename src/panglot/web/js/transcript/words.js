/** The words of a segment, and how their times follow when their text is edited. */

/** @import * as t from "../types.js" */

/** Codes of languages that put no space between words. */
const SPACELESS = new Set(["bo", "ja", "km", "lo", "my", "th", "yue", "zh"]);

/** A pause shorter than this, in seconds for each word, has no room for words that were forgotten. */
const ROOM = 0.08;

/** Above so many comparisons an edit is taken as one replaced stretch. */
const MOST_CELLS = 4_000_000;

/**
 * Words that stand or fall together: those between two spaces, or one word where there are no spaces.
 * @typedef {{ words: readonly t.Word[], pieces: string[] }} Unit
 */

/** @param {{ words: readonly t.Word[] }} segment */
export function textOf({ words }) {
  return words.map((word) => word.text).join("");
}

/** @param {string | null} language */
export function isSpaced(language) {
  return language === null || !SPACELESS.has(language);
}

/**
 * Words of an edited text. Words that stay keep their times; new ones share the time of those they replace in
 * proportion to their length, or the pause that they stand in. The words' texts joined are the new text, its spaces
 * made single.
 * @param {readonly t.Word[]} words  As they were.
 * @param {string} text  As it is now.
 * @param {{ language: string | null, start: number, end: number }} segment  Gives the time where there were no words.
 * @returns {readonly t.Word[]}  The same array where nothing changed.
 */
export function retime(words, text, { language, start, end }) {
  const clean = text
    .replace(/\s+/gu, " ")
    .replace(/\p{Cc}/gu, "")
    .trim();
  if (clean === textOf({ words }).replace(/\s+/gu, " ").trim()) return words;
  if (clean === "") return [];
  const spaced = isSpaced(language);
  const units = spaced
    ? spacedUnits(words)
    : words.map((word) => ({ words: [word], pieces: spacelessPieces(word.text) }));
  const pieces = spaced ? clean.split(" ") : spacelessPieces(clean);
  const kept = keptUnits(units, pieces);
  /** @type {t.Word[]} */
  const result = [];
  let unit = 0;
  let piece = 0;
  for (const place of [...kept, { unit: units.length, piece: pieces.length }]) {
    const replaced = units.slice(unit, place.unit).flatMap((each) => each.words);
    const texts = pieces.slice(piece, place.piece).map((each) => (spaced ? ` ${each}` : each));
    const next = units[place.unit]?.words[0]?.start ?? null;
    result.push(...replace(replaced, texts, { before: result, next, start, end }));
    result.push(...(units[place.unit]?.words ?? []));
    unit = place.unit + 1;
    piece = place.piece + (units[place.unit]?.pieces.length ?? 0);
  }
  return withSpaces(result, { first: words[0]?.text ?? "", once: spaced ? (words[0] ?? null) : null });
}

/**
 * Cuts a time between texts in proportion to their length.
 * @param {string[]} texts
 * @param {number} start
 * @param {number} end
 * @returns {t.Word[]}
 */
export function shareTime(texts, start, end) {
  const lengths = texts.map((text) => Math.max(text.trim().length, 1));
  const whole = lengths.reduce((sum, length) => sum + length, 0);
  let sofar = 0;
  return texts.map((text, index) => {
    const from = start + ((end - start) * sofar) / whole;
    sofar += lengths[index] ?? 1;
    const to = start + ((end - start) * sofar) / whole;
    return edited({ text, start: round(from), end: round(to), probability: 1 });
  });
}

/**
 * @param {readonly t.Word[]} words
 * @returns {Unit[]}
 */
function spacedUnits(words) {
  /** @type {t.Word[][]} */
  const groups = [];
  for (const word of words) {
    const last = groups.at(-1);
    if (last && !/^\s/u.test(word.text) && !/\s$/u.test(last.at(-1)?.text ?? "")) last.push(word);
    else groups.push([word]);
  }
  return groups.map((group) => ({ words: group, pieces: textOf({ words: group }).trim().split(/\s+/u) }));
}

/**
 * One piece for each character with its marks; Latin words and numbers stay whole, and a space stays with what follows.
 * @param {string} text
 * @returns {string[]}
 */
function spacelessPieces(text) {
  return text.match(/\s*(?:[A-Za-z0-9]+|[^\s]\p{M}*)/gu) ?? [];
}

/**
 * The units whose pieces all stand together in the new text, by the longest common subsequence of pieces.
 * @param {readonly Unit[]} units
 * @param {readonly string[]} pieces
 * @returns {{ unit: number, piece: number }[]}  In order, where each unit begins in the new pieces.
 */
function keptUnits(units, pieces) {
  const partner = common(
    units.flatMap((unit) => unit.pieces),
    pieces,
  );
  const kept = [];
  let first = 0;
  for (const [index, unit] of units.entries()) {
    const place = partner[first] ?? -1;
    const together = unit.pieces.every((_, offset) => partner[first + offset] === place + offset);
    if (unit.pieces.length > 0 && place >= 0 && together) kept.push({ unit: index, piece: place });
    first += unit.pieces.length;
  }
  return kept;
}

/**
 * For each old piece the index of its equal in the new ones, or -1: a longest common subsequence.
 * @param {readonly string[]} old
 * @param {readonly string[]} now
 * @returns {number[]}
 */
function common(old, now) {
  const partner = new Array(old.length).fill(-1);
  let head = 0;
  while (head < old.length && head < now.length && old[head] === now[head]) partner[head] = head++;
  let tail = 0;
  while (tail < Math.min(old.length, now.length) - head && old.at(-1 - tail) === now.at(-1 - tail)) {
    tail += 1;
    partner[old.length - tail] = now.length - tail;
  }
  const rows = old.length - head - tail;
  const columns = now.length - head - tail;
  if (rows === 0 || columns === 0 || rows * columns > MOST_CELLS) return partner;
  const width = columns + 1;
  const lengths = new Uint16Array((rows + 1) * width);
  /** @type {(row: number, column: number) => number} */
  const at = (row, column) => lengths[row * width + column] ?? 0;
  for (let row = rows - 1; row >= 0; row--) {
    for (let column = columns - 1; column >= 0; column--) {
      const same = old[head + row] === now[head + column];
      lengths[row * width + column] = same
        ? at(row + 1, column + 1) + 1
        : Math.max(at(row + 1, column), at(row, column + 1));
    }
  }
  for (let row = 0, column = 0; row < rows && column < columns;) {
    if (old[head + row] === now[head + column]) partner[head + row++] = head + column++;
    else if (at(row + 1, column) >= at(row, column + 1)) row += 1;
    else column += 1;
  }
  return partner;
}

/**
 * New words in the place of old ones; either may be none.
 * @param {t.Word[]} replaced
 * @param {string[]} texts
 * @param {{ before: t.Word[], next: number | null, start: number, end: number }} around  Takes a share from the last
 *   word before where there is no pause to stand in.
 * @returns {t.Word[]}
 */
function replace(replaced, texts, { before, next, start, end }) {
  const first = replaced[0];
  const last = replaced.at(-1);
  if (texts.length === 0) return [];
  if (first && last) {
    if (replaced.length !== texts.length) return shareTime(texts, first.start, last.end);
    return replaced.map((word, index) => edited({ ...word, text: texts[index] ?? "", probability: 1 }));
  }
  const previous = before.at(-1);
  const from = previous?.end ?? Math.min(start, next ?? start);
  const to = next ?? Math.max(end, from);
  if (to - from >= ROOM * texts.length || !previous) return shareTime(texts, from, Math.max(from, to));
  before.pop();
  const [shortened, ...added] = shareTime([previous.text, ...texts], previous.start, previous.end);
  return [{ ...previous, start: shortened?.start ?? previous.start, end: shortened?.end ?? previous.end }, ...added];
}

/**
 * The first word is spaced as the first one was; the one that was first, and is not any longer, gets its space.
 * @param {t.Word[]} words
 * @param {{ first: string, once: t.Word | null }} old
 * @returns {t.Word[]}
 */
function withSpaces(words, { first, once }) {
  const space = /^\s*/u.exec(first)?.[0] ?? "";
  return words.map((word, index) => {
    const bare = word.text.trimStart();
    const text = index === 0 ? space + bare : word === once ? ` ${bare}` : word.text;
    return text === word.text ? word : { ...word, text };
  });
}

/**
 * @param {t.Word} word
 * @returns {t.Word}
 */
function edited(word) {
  return { ...word, edited: true };
}

/** @param {number} seconds */
function round(seconds) {
  return Math.round(seconds * 1000) / 1000;
}

/**
 * The first word that begins at a character of the text or after it.
 * @param {readonly t.Word[]} words
 * @param {number} caret  Counts characters of the text without the space at its start.
 * @returns {number}  Index of the word, their count behind the last.
 */
export function boundaryNear(words, caret) {
  let at = -(/^\s*/u.exec(words[0]?.text ?? "")?.[0].length ?? 0);
  for (const [index, { text }] of words.entries()) {
    if (at + text.length - text.trimStart().length >= caret) return index;
    at += text.length;
  }
  return words.length;
}
