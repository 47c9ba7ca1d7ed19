import assert from "node:assert/strict";
import { test } from "node:test";

import { bytes, clock, counted, percent, roughly, when } from "../../../src/panglot/web/js/format.js";

test("a place on the time line has hours only where there are any", () => {
  assert.deepEqual([0, 9.99, 60, 3599.9, 3600, 36_061].map(clock), [
    "0:00",
    "0:09",
    "1:00",
    "59:59",
    "1:00:00",
    "10:01:01",
  ]);
  assert.equal(clock(-3), "0:00");
});

test("a length is said as roughly as helps", () => {
  assert.deepEqual([0.2, 12, 56, 59, 61, 200, 3600, 4800, 7190].map(roughly), [
    "5 s",
    "15 s",
    "1 min",
    "1 min",
    "1 min",
    "3 min",
    "1 h",
    "1 h 20 min",
    "2 h",
  ]);
});

test("sizes have three figures at most", () => {
  assert.deepEqual([0, 999, 1000, 1500, 123_456, 2_200_000_000].map(bytes), [
    "0 bytes",
    "999 bytes",
    "1 kB",
    "1.5 kB",
    "123 kB",
    "2.2 GB",
  ]);
});

test("a moment is named by how long ago it was", () => {
  const now = new Date(2026, 4, 10, 15, 0);
  const said = (/** @type {number[]} */ ...parts) => when(new Date(...parts).toISOString(), now, "en-GB");
  assert.equal(said(2026, 4, 10, 14, 3), "today, 14:03");
  assert.equal(said(2026, 4, 9, 23, 59), "yesterday, 23:59");
  assert.equal(said(2026, 4, 3, 18, 5), "3 May, 18:05");
  assert.equal(said(2024, 4, 3, 8, 5), "3 May 2024");
  assert.equal(when("never", now), "");
});

test("counts and shares", () => {
  assert.equal(counted(1, "speaker"), "1 speaker");
  assert.equal(counted(0, "speaker"), "0 speakers");
  assert.equal(percent(0.0876), "8.8 %");
});
