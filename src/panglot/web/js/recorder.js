/** A recording from the microphone. */

import { h, write } from "./dom.js";
import { clock } from "./format.js";
import { icon } from "./icons.js";
import { Meter } from "./meter.js";

const TYPES = ["audio/webm;codecs=opus", "audio/mp4", "audio/ogg;codecs=opus"];

/** Why the microphone cannot be used; null where nothing is known against it. */
export function microphoneProblem() {
  if (!window.isSecureContext) {
    return "Browsers allow the microphone only over https, or on the computer that the server runs on.";
  }
  return "MediaRecorder" in window && navigator.mediaDevices ? null : "This browser cannot record sound.";
}

/**
 * Records, with controls in `root`, until it is stopped or discarded.
 * @param {HTMLElement} root
 * @param {AbortSignal} signal  Stops it, and keeps what was recorded.
 * @returns {Promise<File | null>}  Null where it was discarded. Rejects with words for a person.
 */
export async function record(root, signal) {
  const stream = await microphone();
  const canvas = h("canvas", { width: 384, height: 64, "aria-hidden": "true" });
  const time = h("p", { class: "time numbers", role: "timer" }, clock(0));
  const stop = h("button", { class: "main" }, icon("check"), "Stop and transcribe");
  const discard = h("button", { class: "plain" }, "Discard");
  root.replaceChildren(
    h(
      "div",
      { class: "recorder" },
      time,
      canvas,
      h("p", { class: "quiet" }, "Recording …"),
      h("div", { class: "line" }, stop, discard),
    ),
  );
  stop.focus();
  const meter = new Meter(canvas, stream);
  window.addEventListener("beforeunload", askFirst);
  const started = Date.now();
  const ticking = setInterval(() => write(time, clock((Date.now() - started) / 1000)), 250);
  try {
    return await taken(stream, stop, discard, signal);
  } finally {
    window.removeEventListener("beforeunload", askFirst);
    clearInterval(ticking);
    meter.close();
    stream.getTracks().forEach((track) => track.stop());
    root.replaceChildren();
  }
}

/** @param {Event} event  Of leaving the page, which would lose what was said. */
function askFirst(event) {
  event.preventDefault();
}

async function microphone() {
  try {
    return await navigator.mediaDevices.getUserMedia({ audio: true });
  } catch (error) {
    const refused = error instanceof DOMException && error.name === "NotAllowedError";
    throw new Error(
      refused
        ? "The browser did not allow the microphone. Allow it for this page and try again."
        : "No microphone was found.",
    );
  }
}

/**
 * @param {MediaStream} stream
 * @param {HTMLElement} stop
 * @param {HTMLElement} discard
 * @param {AbortSignal} signal
 * @returns {Promise<File | null>}
 */
function taken(stream, stop, discard, signal) {
  const mimeType = TYPES.find((each) => MediaRecorder.isTypeSupported(each)) ?? "";
  const recorder = new MediaRecorder(stream, { mimeType });
  /** @type {Blob[]} */
  const parts = [];
  let wanted = true;
  return new Promise((resolve) => {
    recorder.ondataavailable = ({ data }) => parts.push(data);
    recorder.onstop = () => resolve(wanted ? fileOf(parts, recorder.mimeType) : null);
    stop.addEventListener("click", () => recorder.stop());
    signal.addEventListener("abort", () => recorder.state === "recording" && recorder.stop());
    discard.addEventListener("click", () => {
      wanted = false;
      recorder.stop();
    });
    recorder.start(1000);
  });
}

/**
 * @param {Blob[]} parts
 * @param {string} type
 */
function fileOf(parts, type) {
  const suffix = /mp4/.test(type) ? "m4a" : /ogg/.test(type) ? "ogg" : "webm";
  const when = new Date().toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" });
  return new File(parts, `Recording, ${when}.${suffix}`, { type });
}
