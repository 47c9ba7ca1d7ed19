import assert from "node:assert/strict";
import { test } from "node:test";
import * as edits from "../../../../src/panglot/web/js/transcript/edits.js";
import { textOf } from "../../../../src/panglot/web/js/transcript/words.js";
import { documentOf, segment } from "./make.js";

const made = () => documentOf(segment("s1", "one two three"), segment("s2", "four five", { start: 10, speaker: "B" }));
const texts = (document) => document.segments.map(textOf);

test("an edit changes its own segment and shares the rest", () => {
  const before = made();
  const after = edits.editText(before, "s1", "one too three");
  assert.deepEqual(texts(after), ["one too three", "four five"]);
  assert.deepEqual(texts(before), ["one two three", "four five"]);
  assert.equal(after.segments[1], before.segments[1]);
});

test("where nothing changes the document is the same one", () => {
  const before = made();
  for (const edit of [
    () => edits.editText(before, "s1", "one two three"),
    () => edits.editText(before, "none", "x"),
    () => edits.renameSpeaker(before, "A", " A "),
    () => edits.renameSpeaker(before, "A", "  "),
    () => edits.mergeSpeakers(before, "A", "A"),
    () => edits.mergeSpeakers(before, "A", "Z"),
    () => edits.assignSpeaker(before, "s1", "A"),
    () => edits.splitSegment(before, "s1", 0),
    () => edits.splitSegment(before, "s1", 3),
    () => edits.joinWithNext(before, "s2"),
    () => edits.settleFinding(before, { kind: "loop", start: 0, end: 1, detail: null }),
  ])
    assert.equal(edit(), before);
});

test("a segment left without text goes away", () => {
  assert.deepEqual(texts(edits.editText(made(), "s1", " ")), ["four five"]);
});

test("merged speakers leave no trace of the one, in turns neither", () => {
  const after = edits.mergeSpeakers(made(), "B", "A");
  assert.deepEqual(after.speakers, { A: "A" });
  assert.ok([...after.segments, ...after.turns].every(({ speaker }) => speaker === "A"));
});

test("somebody new gets the first free label", () => {
  const after = edits.assignNewSpeaker(made(), "s1", " Ada  Lovelace ");
  assert.equal(after.segments[0].speaker, "C");
  assert.equal(after.speakers["C"], "Ada Lovelace");
});

test("a split cuts the time between the words, and joining makes the same text again", () => {
  const split = edits.splitSegment(made(), "s1", 1);
  assert.deepEqual(texts(split), ["one", "two three", "four five"]);
  const [head, tail] = split.segments;
  assert.deepEqual([head.start, head.end, tail.start, tail.end], [0, 0.5, 1, 2.5]);
  assert.equal(new Set(split.segments.map(({ id }) => id)).size, 3);
  const joined = edits.joinWithNext(split, "s1");
  assert.deepEqual(texts(joined), texts(made()));
  assert.deepEqual(joined.segments[0].words, made().segments[0].words);
});

test("ids stay unique however often one splits", () => {
  let document = documentOf(segment("s1", "a b c d e f"));
  for (let count = 0; count < 5; count++) document = edits.splitSegment(document, document.segments.at(-1).id, 1);
  assert.equal(new Set(document.segments.map(({ id }) => id)).size, 6);
});

test("joined Chinese has no space between, two languages have", () => {
  const chinese = documentOf(
    segment("s1", "你好", { language: "zh" }),
    segment("s2", "世界", { start: 5, language: "zh" }),
  );
  assert.deepEqual(texts(edits.joinWithNext(chinese, "s1")), ["你好世界"]);
  const mixed = documentOf(segment("s1", "你好", { language: "zh" }), segment("s2", "world", { start: 5 }));
  assert.deepEqual(texts(edits.joinWithNext(mixed, "s1")), ["你好 world"]);
});

test("words of two who spoke at once follow one another when joined", () => {
  const both = documentOf(segment("s1", "one two three"), segment("s2", "yes no", { start: 1 }));
  const { words } = edits.joinWithNext(both, "s1").segments[0];
  assert.ok(words.every(({ start, end }, index) => start <= end && (index === 0 || words[index - 1].start <= start)));
});

test("a passage that was forgotten comes where it belongs in time", () => {
  const after = edits.insertSegment(made(), { start: 5, end: 7, text: "so it is", speaker: "A", language: "en" });
  assert.deepEqual(texts(after), ["one two three", "so it is", "four five"]);
  assert.deepEqual([after.segments[1].words[0].start, after.segments[1].words.at(-1).end], [5, 7]);
});

test("a part that begins after somebody else's passage comes behind it", () => {
  const both = documentOf(segment("s1", "one two three"), segment("s2", "yes no", { start: 0.7, speaker: "B" }));
  assert.deepEqual(texts(edits.splitSegment(both, "s1", 2)), ["one two", "yes no", "three"]);
});

test("names and texts have no characters that cannot be seen", () => {
  assert.equal(edits.renameSpeaker(made(), "A", "Ada\u200e\n Byron\u0007").speakers["A"], "Ada Byron");
  assert.equal(texts(edits.editText(made(), "s2", "four\u0000 five\u0007 six"))[1], "four five six");
});
