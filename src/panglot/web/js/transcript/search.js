/** Finding words in a transcript, whatever their case and accents. */

import { textOf } from "./words.js";

/** @import * as t from "../types.js" */

/**
 * `start` and `end` count characters of the segment's text.
 * @typedef {{ segment: number, start: number, end: number, words: { first: number, last: number } }} Hit
 */

/**
 * A text to search in, and where each of its characters comes from.
 * @typedef {{ text: string, places: number[] }} Folded
 */

/** @type {WeakMap<t.Segment, Folded>} */
const known = new WeakMap();

/** @type {Map<string, string>} */
const plain = new Map();

/**
 * @param {readonly t.Segment[]} segments
 * @param {string} query
 * @returns {Hit[]}  In the order of the segments.
 */
export function find(segments, query) {
  const wanted = fold(query.trim().replace(/\s+/gu, " ")).text;
  if (wanted === "") return [];
  return segments.flatMap((segment, index) => hitsIn(segment, index, wanted));
}

/**
 * The hit that comes first at or after a segment, from the start again behind the last one.
 * @param {readonly Hit[]} hits
 * @param {number} segment
 * @returns {number}  Its index, -1 where there are no hits.
 */
export function firstFrom(hits, segment) {
  if (hits.length === 0) return -1;
  return Math.max(
    hits.findIndex((hit) => hit.segment >= segment),
    0,
  );
}

/**
 * @param {t.Segment} segment
 * @param {number} index
 * @param {string} wanted
 * @returns {Hit[]}
 */
function hitsIn(segment, index, wanted) {
  const { text, places } = foldedOf(segment);
  const hits = [];
  for (let at = text.indexOf(wanted); at !== -1; at = text.indexOf(wanted, at + wanted.length)) {
    const start = places[at] ?? 0;
    const end = (places[at + wanted.length - 1] ?? start) + 1;
    hits.push({ segment: index, start, end, words: wordsBetween(segment.words, start, end) });
  }
  return hits;
}

/** @param {t.Segment} segment */
function foldedOf(segment) {
  const folded = known.get(segment) ?? fold(textOf(segment));
  known.set(segment, folded);
  return folded;
}

/**
 * @param {string} text
 * @returns {Folded}
 */
function fold(text) {
  let folded = "";
  const places = [];
  for (let place = 0; place < text.length; place++) {
    const written = plainOf(text[place] ?? "");
    folded += written;
    for (let count = 0; count < written.length; count++) places.push(place);
  }
  return { text: folded, places };
}

/**
 * A character in lower case and without accents; any space as a plain one.
 * @param {string} character
 */
function plainOf(character) {
  const known = plain.get(character);
  if (known !== undefined) return known;
  const made = /\s/u.test(character) ? " " : character.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
  plain.set(character, made);
  return made;
}

/**
 * @param {readonly t.Word[]} words
 * @param {number} start
 * @param {number} end
 */
function wordsBetween(words, start, end) {
  let at = 0;
  let first = -1;
  let last = -1;
  for (const [index, word] of words.entries()) {
    const spoken = at + word.text.length - word.text.trimStart().length;
    at += word.text.length;
    if (first === -1 && at > start) first = index;
    if (spoken < end) last = index;
  }
  return { first: Math.max(first, 0), last: Math.max(last, first, 0) };
}
