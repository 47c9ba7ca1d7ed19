/** Places to check: what the audit found, in words. */

import { clock } from "../format.js";

/** @import * as t from "../types.js" */

/** @type {Record<string, string>} */
const EXPLAINED = {
  speech_without_text: "Somebody speaks here, but nothing is written.",
  text_without_speech: "Something is written here, but little speech is heard.",
  script_mismatch: "The letters do not fit the language.",
  loop: "The text repeats itself. It may have been said only once.",
  redecoded: "This was hard to hear and was recognised more than once.",
  damaged: "The recording is damaged.",
};

/** @param {t.Finding} finding */
export function explain({ kind, detail }) {
  const sentence = EXPLAINED[kind] ?? "Something here may be wrong.";
  if (!detail) return sentence;
  return `${sentence} (${detail.charAt(0).toUpperCase()}${detail.slice(1).replace(/\.$/, "")}.)`;
}

/** @param {t.Finding} finding */
export function whereIs({ start, end }) {
  return end > start ? `${clock(start)}–${clock(end)}` : "The whole recording";
}

/**
 * The place to check after a time, or before it; around the ends. The current one is passed over.
 * @param {readonly t.Finding[]} findings
 * @param {{ time: number, current: t.Finding | null, step: 1 | -1 }} from
 * @returns {t.Finding | null}  Null where there are none.
 */
export function nextFinding(findings, { time, current, step }) {
  const sorted = [...findings].sort((one, other) => one.start - other.start || one.end - other.end);
  const here = current === null ? -1 : sorted.indexOf(current);
  if (here !== -1) return sorted.at((here + step) % sorted.length) ?? null;
  const later = sorted.find((finding) => finding.start >= time);
  const earlier = sorted.findLast((finding) => finding.start < time);
  return (step === 1 ? (later ?? sorted[0]) : (earlier ?? sorted.at(-1))) ?? null;
}

/**
 * Those findings that touch a segment.
 * @param {readonly t.Finding[]} findings
 * @param {{ start: number, end: number }} segment
 */
export function findingsOf(findings, { start, end }) {
  return findings.filter((finding) => finding.start < end && finding.end > start);
}
