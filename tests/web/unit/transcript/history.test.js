import assert from "node:assert/strict";
import { test } from "node:test";
import { History } from "../../../../src/panglot/web/js/transcript/history.js";
import { documentOf } from "./make.js";

test("what is undone can be done again, until something else is done", () => {
  const [first, second, third] = [documentOf(), documentOf(), documentOf()];
  const history = new History(first);
  assert.equal(history.undo(), null);
  history.push(second, "Renamed");
  history.push(third, "Split");
  assert.deepEqual([history.undoable, history.redoable], ["Split", null]);
  assert.equal(history.undo(), "Split");
  assert.equal(history.document, second);
  assert.equal(history.redo(), "Split");
  assert.equal(history.document, third);
  history.undo();
  history.undo();
  assert.equal(history.document, first);
  history.push(third, "Joined");
  assert.equal(history.redo(), null);
});

test("an edit that changes nothing is no step", () => {
  const document = documentOf();
  const history = new History(document);
  assert.equal(history.push(document, "Nothing"), false);
  assert.equal(history.undoable, null);
});

test("old steps are forgotten, the newest never", () => {
  const history = new History(documentOf());
  const documents = Array.from({ length: 600 }, () => documentOf());
  for (const document of documents) history.push(document, "Edit");
  assert.equal(history.document, documents.at(-1));
  let steps = 0;
  while (history.undo() !== null) steps += 1;
  assert.equal(steps, 499);
});
