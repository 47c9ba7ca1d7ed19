/** What a row shows beside the words of its segment. */

import { lookOf } from "./colours.js";
import { explain, findingsOf } from "./findings.js";

/** @import * as t from "../types.js" */

/**
 * What is the same for all rows.
 * @typedef {object} Reading
 * @property {number} unsure  Words less likely than this are marked.
 * @property {boolean} editable
 * @property {boolean} playable
 */

/**
 * @typedef {object} Surroundings
 * @property {string | null} name  Of the speaker.
 * @property {import("./colours.js").Look | null} look
 * @property {boolean} goesOn  The same speaker as in the row before.
 * @property {boolean} showsLanguage  Another language than in the row before.
 * @property {string} warnings  What is to be checked here, in words; empty where nothing is.
 * @property {number} position  From 1.
 * @property {number} count  Of all rows.
 */

/** @typedef {Reading & Surroundings} RowContext */

/**
 * @param {t.Document} document
 * @param {number} index  Of the segment.
 * @param {Reading} reading
 * @returns {RowContext}
 */
export function contextOf({ segments, speakers, findings }, index, reading) {
  const segment = /** @type {t.Segment} */ (segments[index]);
  const before = segments[index - 1];
  const { speaker, language } = segment;
  return {
    ...reading,
    name: speaker === null ? null : (speakers[speaker] ?? speaker),
    look: lookOf(speaker),
    goesOn: before !== undefined && before.speaker === speaker,
    showsLanguage: before ? before.language !== language : segments.some((each) => each.language !== language),
    warnings: findingsOf(findings, segment).map(explain).join(" "),
    position: index + 1,
    count: segments.length,
  };
}
