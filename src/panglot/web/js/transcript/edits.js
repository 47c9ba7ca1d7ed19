/**
 * What can be changed in a transcript. Each edit takes a document and gives a new one that shares all that stayed;
 * where there is nothing to change it gives the same one back.
 */

import { isSpaced, retime } from "./words.js";

/** @import * as t from "../types.js" */

/**
 * @param {t.Document} document
 * @param {string} id
 * @returns {number}  -1 where there is none.
 */
export function segmentIndex(document, id) {
  return document.segments.findIndex((segment) => segment.id === id);
}

/**
 * Writes a segment's text anew; one left without text goes away.
 * @param {t.Document} document
 * @param {string} id
 * @param {string} text
 * @returns {t.Document}
 */
export function editText(document, id, text) {
  const index = segmentIndex(document, id);
  const segment = document.segments[index];
  if (!segment) return document;
  const words = retime(segment.words, text, segment);
  if (words === segment.words) return document;
  return replaceAt(document, index, 1, words.length > 0 ? [{ ...segment, words: [...words] }] : []);
}

/**
 * @param {t.Document} document
 * @param {string} label
 * @param {string} name
 * @returns {t.Document}
 */
export function renameSpeaker(document, label, name) {
  const clean = cleanName(name);
  if (clean === "" || document.speakers[label] === clean) return document;
  return { ...document, speakers: { ...document.speakers, [label]: clean } };
}

/**
 * Gives all that one speaker said to another.
 * @param {t.Document} document
 * @param {string} from
 * @param {string} into
 * @returns {t.Document}
 */
export function mergeSpeakers(document, from, into) {
  if (from === into || !(from in document.speakers) || !(into in document.speakers)) return document;
  const speakers = Object.fromEntries(Object.entries(document.speakers).filter(([label]) => label !== from));
  const segments = document.segments.map((each) => (each.speaker === from ? { ...each, speaker: into } : each));
  const turns = document.turns.map((each) => (each.speaker === from ? { ...each, speaker: into } : each));
  return { ...document, speakers, segments, turns };
}

/**
 * @param {t.Document} document
 * @param {string} id
 * @param {string} label  One of the document's speakers.
 * @returns {t.Document}
 */
export function assignSpeaker(document, id, label) {
  const index = segmentIndex(document, id);
  const segment = document.segments[index];
  if (!segment || segment.speaker === label || !(label in document.speakers)) return document;
  return replaceAt(document, index, 1, [{ ...segment, speaker: label }]);
}

/**
 * Gives a segment to somebody who had no name here yet.
 * @param {t.Document} document
 * @param {string} id
 * @param {string} name
 * @returns {t.Document}
 */
export function assignNewSpeaker(document, id, name) {
  const label = freshLabel(document.speakers);
  const speakers = { ...document.speakers, [label]: cleanName(name) || label };
  return assignSpeaker({ ...document, speakers }, id, label);
}

/**
 * Cuts a segment in front of one of its words.
 * @param {t.Document} document
 * @param {string} id
 * @param {number} word  Index of the first word of the second part.
 * @returns {t.Document}
 */
export function splitSegment(document, id, word) {
  const index = segmentIndex(document, id);
  const segment = document.segments[index];
  if (!segment || word <= 0 || word >= segment.words.length) return document;
  const head = segment.words.slice(0, word);
  const [first, ...rest] = segment.words.slice(word);
  if (!first) return document;
  const tail = [{ ...first, text: first.text.trimStart() }, ...rest];
  const border = head.reduce((latest, each) => Math.max(latest, each.end), segment.start);
  const halved = replaceAt(document, index, 1, [{ ...segment, end: Math.min(border, segment.end), words: head }]);
  return insert(halved, {
    ...segment,
    id: freshId(document, segment.id),
    start: Math.max(first.start, segment.start),
    words: tail,
  });
}

/**
 * Appends the next segment to this one, which keeps its speaker and language.
 * @param {t.Document} document
 * @param {string} id
 * @returns {t.Document}
 */
export function joinWithNext(document, id) {
  const index = segmentIndex(document, id);
  const segment = document.segments[index];
  const next = document.segments[index + 1];
  if (!segment || !next) return document;
  const [first, ...rest] = next.words;
  const space = isSpaced(segment.language) || segment.language !== next.language ? " " : "";
  const moved = first ? [{ ...first, text: space + first.text.trimStart() }, ...rest] : [];
  const words = inOrder([...segment.words, ...moved]);
  const end = Math.max(segment.end, next.end);
  return replaceAt(document, index, 2, [{ ...segment, start: Math.min(segment.start, next.start), end, words }]);
}

/**
 * Writes a new segment where nothing was written.
 * @param {t.Document} document
 * @param {{ start: number, end: number, text: string, speaker: string | null, language: string | null }} segment
 * @returns {t.Document}
 */
export function insertSegment(document, { start, end, text, speaker, language }) {
  const words = [...retime([], text, { language, start, end })].map((word, index) =>
    index === 0 ? { ...word, text: word.text.trimStart() } : word,
  );
  if (words.length === 0) return document;
  return insert(document, { id: freshId(document, "added"), start, end, speaker, language, words });
}

/**
 * Takes a place off the list of those to check.
 * @param {t.Document} document
 * @param {t.Finding} finding
 * @returns {t.Document}
 */
export function settleFinding(document, finding) {
  const findings = document.findings.filter((each) => each !== finding);
  return findings.length === document.findings.length ? document : { ...document, findings };
}

/**
 * @param {t.Document} document
 * @param {number} index
 * @param {number} count
 * @param {t.Segment[]} segments
 * @returns {t.Document}
 */
function replaceAt(document, index, count, segments) {
  return { ...document, segments: document.segments.toSpliced(index, count, ...segments) };
}

/**
 * Puts a segment where it belongs: they stand in the order of their start.
 * @param {t.Document} document
 * @param {t.Segment} segment
 */
function insert(document, segment) {
  const after = document.segments.findIndex((each) => each.start > segment.start);
  return replaceAt(document, after === -1 ? document.segments.length : after, 0, [segment]);
}

/**
 * Words that overlapped, as where two people spoke at once, follow one another in time.
 * @param {t.Word[]} words
 * @returns {t.Word[]}
 */
function inOrder(words) {
  let earliest = 0;
  return words.map((word) => {
    const start = Math.max(word.start, earliest);
    const end = Math.max(word.end, start);
    earliest = start;
    return start === word.start && end === word.end ? word : { ...word, start, end };
  });
}

/**
 * @param {t.Document} document
 * @param {string} near
 */
function freshId(document, near) {
  const taken = new Set(document.segments.map((segment) => segment.id));
  const stem = near.replace(/-\d+$/, "");
  let number = 2;
  while (taken.has(`${stem}-${number}`)) number += 1;
  return `${stem}-${number}`;
}

/**
 * One line, without characters that cannot be seen.
 * @param {string} name
 */
function cleanName(name) {
  return name.replace(/\s+/gu, " ").replace(/\p{C}/gu, "").trim();
}

/** @param {Record<string, string>} speakers */
function freshLabel(speakers) {
  for (let number = 0; ; number++) {
    const letters = labelOf(number);
    if (!(letters in speakers)) return letters;
  }
}

/**
 * A, B, … Z, AA, AB, …
 * @param {number} number
 * @returns {string}
 */
function labelOf(number) {
  const rest = Math.floor(number / 26) - 1;
  return (rest >= 0 ? labelOf(rest) : "") + String.fromCharCode(65 + (number % 26));
}
