/** What is drawn along the time line, as numbers. */

import { lookOf } from "./colours.js";

/** @import * as t from "../types.js" */

/** More rows than this would be too thin to see; the speakers who say least share the last one. */
export const MOST_ROWS = 6;

/**
 * The loudest peak in each column of pixels.
 * @param {readonly number[]} peaks  From 0 to 255.
 * @param {number} columns
 * @returns {Float32Array}  From 0 to 1, relative to the loudest of all, so that a quiet recording is seen too.
 */
export function columnsOf(peaks, columns) {
  const loudest = peaks.reduce((most, peak) => Math.max(most, peak), 1);
  const result = new Float32Array(columns);
  for (let column = 0; column < columns; column++) {
    const from = Math.floor((column * peaks.length) / columns);
    const to = Math.max(Math.ceil(((column + 1) * peaks.length) / columns), from + 1);
    for (let index = from; index < to; index++) {
      result[column] = Math.max(result[column] ?? 0, (peaks[index] ?? 0) / loudest);
    }
  }
  return result;
}

/**
 * Seconds that each speaker talks, most first.
 * @param {t.Document} document
 * @returns {{ label: string, seconds: number }[]}
 */
export function talkTimes({ segments, speakers }) {
  const seconds = new Map(Object.keys(speakers).map((label) => [label, 0]));
  for (const { speaker, start, end } of segments) {
    if (speaker !== null) seconds.set(speaker, (seconds.get(speaker) ?? 0) + end - start);
  }
  return [...seconds]
    .map(([label, time]) => ({ label, seconds: time }))
    .sort((one, other) => other.seconds - one.seconds);
}

/**
 * A stretch of a speaker in the row that is theirs.
 * @param {t.Document} document
 * @returns {{ start: number, end: number, row: number, rows: number, colour: number }[]}
 */
export function speakerBands(document) {
  const order = talkTimes(document)
    .filter(({ seconds }) => seconds > 0)
    .map(({ label }) => label);
  const rows = Math.min(order.length, MOST_ROWS);
  const row = new Map(order.map((label, index) => [label, Math.min(index, MOST_ROWS - 1)]));
  return document.segments.flatMap(({ start, end, speaker }) => {
    const colour = lookOf(speaker)?.colour;
    return speaker === null || colour === undefined ? [] : [{ start, end, row: row.get(speaker) ?? 0, rows, colour }];
  });
}

/**
 * Stretches of one language, with its number in the order of first appearance; nothing where there is only one.
 * @param {t.Document} document
 * @returns {{ start: number, end: number, language: string, number: number }[]}
 */
export function languageBands({ segments }) {
  const codes = [...new Set(segments.flatMap(({ language }) => language ?? []))];
  if (codes.length < 2) return [];
  /** @type {{ start: number, end: number, language: string, number: number }[]} */
  const bands = [];
  for (const { start, end, language } of segments) {
    if (language === null) continue;
    const last = bands.at(-1);
    if (last?.language === language) last.end = Math.max(last.end, end);
    else bands.push({ start, end, language, number: codes.indexOf(language) });
  }
  return bands;
}
