import assert from "node:assert/strict";
import { test } from "node:test";

import { UploadJournal } from "../../../src/panglot/web/js/journal.js";

/** @returns {any}  A store like the browser's. */
function store() {
  const values = new Map();
  return {
    getItem: (/** @type {string} */ name) => values.get(name) ?? null,
    setItem: (/** @type {string} */ name, /** @type {string} */ value) => void values.set(name, value),
  };
}

test("what a tab was sending when it was loaded anew is told once", () => {
  const storage = store();
  new UploadJournal(storage, "tab").note("1", "talk.mp3", 10, 1000);
  const names = (/** @type {UploadJournal} */ journal) => journal.takeAbandoned(2000).map(({ name }) => name);
  assert.deepEqual(names(new UploadJournal(storage, "tab")), ["talk.mp3"]);
  assert.deepEqual(names(new UploadJournal(storage, "tab")), []);
});

test("what another tab is still sending is not abandoned, until nothing was heard of it for long", () => {
  const storage = store();
  const other = new UploadJournal(storage, "other");
  other.note("1", "talk.mp3", 10, 0);
  const mine = new UploadJournal(storage, "mine");
  assert.equal(mine.takeAbandoned(80_000).length, 0);
  other.note("1", "talk.mp3", 10, 80_000);
  assert.equal(mine.takeAbandoned(160_000).length, 0);
  assert.equal(mine.takeAbandoned(180_000).length, 1);
});

test("what arrived is forgotten", () => {
  const storage = store();
  const journal = new UploadJournal(storage, "tab");
  journal.note("1", "talk.mp3", 10);
  journal.note("2", "film.mp4", 10);
  journal.drop("1");
  assert.deepEqual(
    journal.takeAbandoned().map(({ id }) => id),
    ["2"],
  );
});

test("a store that is broken or refuses costs nothing else", () => {
  const broken = {
    getItem: () => "{",
    setItem: () => {
      throw new Error("full");
    },
  };
  const journal = new UploadJournal(broken, "tab");
  journal.note("1", "talk.mp3", 10);
  assert.deepEqual(journal.takeAbandoned(), []);
});
