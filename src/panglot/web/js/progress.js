/** How far a recording is, in words. */

import { clock, roughly } from "./format.js";

/** @import { Recording } from "./types.js" */

const STAGES = /** @type {Record<string, string>} */ ({
  accepted: "Getting ready",
  fetching: "Fetching the recording",
  planning: "Listening for speech",
  recognising: "Writing down what is said",
  diarizing: "Telling the speakers apart",
  assembling: "Putting the transcript together",
});

/** Seconds of audio after which speed and time left mean something: the first wait for the model to load. */
const TELLING = 30;

/** @param {Recording} recording  Whether it will change by itself. */
export function isActive({ status }) {
  return status === "queued" || status === "processing";
}

/**
 * What it is doing now: `Waiting, 3 recordings before it`, `Writing down what is said`.
 * @param {Recording} recording
 */
export function stateText({ status, stage, ahead, error }) {
  if (status === "completed") return "Done";
  if (status === "error") return isCancelled(error) ? "Cancelled" : "Did not work";
  if (status === "processing") return STAGES[stage ?? ""] ?? "Working on it";
  if (ahead === null) return "Waiting";
  if (ahead === 0) return "Waiting, next in line";
  return `Waiting, ${ahead} ${ahead === 1 ? "recording" : "recordings"} before it`;
}

/**
 * What is known of its progress: `0:40 of 3:20`, `12 times playing speed`, `about 20 s left`.
 * @param {Recording} recording
 * @returns {string[]}
 */
export function progressParts(recording) {
  if (recording.status !== "processing") return [];
  const { done, speed, left } = progressOf(recording);
  return [done, speed, left && `${left} left`].filter((part) => part !== null);
}

/**
 * The same, each for itself; null where it is not known, or not yet worth telling.
 * @param {Recording} recording
 */
export function progressOf({ seconds_done, duration, speed, remaining }) {
  const done = seconds_done ?? 0;
  const told = duration !== null && done >= Math.min(TELLING, duration / 10);
  return {
    done: duration === null ? null : `${clock(Math.min(done, duration))} of ${clock(duration)}`,
    speed: told && speed ? `${speedText(speed)} playing speed` : null,
    left: told && remaining ? `about ${roughly(remaining)}` : null,
  };
}

/**
 * Share that is done, from 0 to 1; null where that is not known.
 * @param {Recording} recording
 */
export function shareDone({ seconds_done, duration }) {
  return seconds_done === null || !duration ? null : Math.min(1, seconds_done / duration);
}

/** @param {number} speed */
export function speedText(speed) {
  return `${speed < 9.95 ? speed.toFixed(1) : Math.round(speed)}×`;
}

/** @param {string | null} error */
export function isCancelled(error) {
  return /^cancel+ed\b/i.test(error ?? "");
}
