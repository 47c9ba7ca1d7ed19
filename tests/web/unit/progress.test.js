import assert from "node:assert/strict";
import { test } from "node:test";

import { isActive, isCancelled, progressParts, shareDone, stateText } from "../../../src/panglot/web/js/progress.js";

/**
 * @param {object} known
 * @returns {any}
 */
function recording(known) {
  return {
    status: "processing",
    stage: "recognising",
    ahead: null,
    error: null,
    duration: null,
    seconds_done: null,
    speed: null,
    remaining: null,
    ...known,
  };
}

test("the place in the queue is said in words", () => {
  const said = (/** @type {number | null} */ ahead) => stateText(recording({ status: "queued", ahead }));
  assert.deepEqual([null, 0, 1, 7].map(said), [
    "Waiting",
    "Waiting, next in line",
    "Waiting, 1 recording before it",
    "Waiting, 7 recordings before it",
  ]);
});

test("each stage has words, and a stage we do not know has some too", () => {
  for (const stage of ["accepted", "fetching", "planning", "recognising", "diarizing", "assembling"]) {
    assert.notEqual(stateText(recording({ stage })), "Working on it", stage);
  }
  assert.equal(stateText(recording({ stage: "polishing" })), "Working on it");
});

test("what was cancelled did not fail", () => {
  assert.equal(stateText(recording({ status: "error", error: "No sound in it" })), "Did not work");
  for (const error of ["canceled", "Cancelled.", "Cancelled by the client"]) {
    assert.ok(isCancelled(error), error);
    assert.equal(stateText(recording({ status: "error", error })), "Cancelled");
  }
  assert.ok(!isCancelled(null));
});

test("progress tells what is known and no more", () => {
  const all = recording({ duration: 200, seconds_done: 40.9, speed: 12.34, remaining: 13 });
  assert.deepEqual(progressParts(all), ["0:40 of 3:20", "12× playing speed", "about 15 s left"]);
  assert.deepEqual(progressParts(recording({ duration: 200, seconds_done: 20, speed: 2.04 })), [
    "0:20 of 3:20",
    "2.0× playing speed",
  ]);
  assert.deepEqual(progressParts(recording({ status: "queued", duration: 200 })), []);
});

test("speed and time left are kept back until they mean something", () => {
  const early = { duration: 3600, speed: 0.1, remaining: 36_000 };
  assert.deepEqual(progressParts(recording({ ...early, seconds_done: 29 })), ["0:29 of 1:00:00"]);
  assert.equal(progressParts(recording({ ...early, seconds_done: 30 })).length, 3);
});

test("the share that is done is never more than all", () => {
  assert.equal(shareDone(recording({ duration: 200, seconds_done: 50 })), 0.25);
  assert.equal(shareDone(recording({ duration: 200, seconds_done: 201 })), 1);
  assert.equal(shareDone(recording({ duration: 0, seconds_done: 0 })), null);
  assert.equal(shareDone(recording({ duration: null, seconds_done: 5 })), null);
});

test("only what waits or is worked on changes by itself", () => {
  const active = ["queued", "processing", "completed", "error"].filter((status) => isActive(recording({ status })));
  assert.deepEqual(active, ["queued", "processing"]);
});
