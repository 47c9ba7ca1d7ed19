import assert from "node:assert/strict";
import { test } from "node:test";
import { columnsOf, languageBands, speakerBands } from "../../../../src/panglot/web/js/transcript/bands.js";
import { COLOURS, lookOf } from "../../../../src/panglot/web/js/transcript/colours.js";
import { explain, findingsOf, nextFinding, whereIs } from "../../../../src/panglot/web/js/transcript/findings.js";
import { Heights } from "../../../../src/panglot/web/js/transcript/heights.js";
import { directionOf, languageName } from "../../../../src/panglot/web/js/transcript/languages.js";
import { plainText } from "../../../../src/panglot/web/js/transcript/plaintext.js";
import { find, firstFrom } from "../../../../src/panglot/web/js/transcript/search.js";
import { spoken } from "../../../../src/panglot/web/js/transcript/times.js";
import { WordIndex } from "../../../../src/panglot/web/js/transcript/wordindex.js";
import { documentOf, segment } from "./make.js";

test("the spoken word is the last that began, for a moment of the pause too", () => {
  const index = new WordIndex([segment("s1", "one two"), segment("s2", "three", { start: 10 })]);
  const at = (time) => index.at(time)?.word ?? null;
  assert.deepEqual([0, 0.49, 0.6, 1.2, 5, 10.1, 99].map(at), [0, 0, 0, 1, null, 0, null]);
  assert.equal(index.at(-1), null);
  assert.equal(index.near(5)?.segment, 1);
  assert.equal(index.near(99)?.segment, 1);
  assert.equal(new WordIndex([]).near(3), null);
});

test("words of two who speak at once are found by their times", () => {
  const index = new WordIndex([segment("s1", "one two three"), segment("s2", "yes", { start: 1.2 })]);
  assert.deepEqual(
    [1.1, 1.3, 2.1].map((time) => index.at(time)?.segment),
    [0, 1, 0],
  );
});

test("rows are found by height, and a changed height moves those behind it", () => {
  const heights = new Heights([10, 20, 30, 40]);
  assert.equal(heights.total, 100);
  assert.deepEqual(
    [0, 1, 2, 3, 4].map((row) => heights.offset(row)),
    [0, 10, 30, 60, 100],
  );
  assert.deepEqual(
    [-5, 0, 9.9, 10, 29, 30, 60, 99, 500].map((y) => heights.indexAt(y)),
    [0, 0, 0, 1, 1, 2, 3, 3, 3],
  );
  assert.deepEqual(heights.range(30, 35, 0), { first: 2, end: 3 });
  assert.deepEqual(heights.range(30, 35, 1000), { first: 0, end: 4 });
  heights.set(1, 120);
  assert.deepEqual([heights.total, heights.offset(2), heights.indexAt(100)], [200, 130, 1]);
  assert.deepEqual(new Heights([]).range(0, 10, 5), { first: 0, end: 0 });
});

test("heights agree with plain sums, however many rows", () => {
  const list = Array.from({ length: 1407 }, (_, index) => 20 + ((index * 37) % 90));
  const heights = new Heights(list);
  let sum = 0;
  for (const [index, height] of list.entries()) {
    assert.ok(Math.abs(heights.offset(index) - sum) < 1e-6);
    assert.equal(heights.indexAt(sum + height / 2), index);
    sum += height;
  }
});

test("words are found whatever their case and accents, also across words", () => {
  const segments = [segment("s1", "Die Straße zum Café"), segment("s2", "cafe CAFÉ")];
  assert.deepEqual(
    find(segments, "cafe").map((hit) => [hit.segment, hit.words.first]),
    [
      [0, 3],
      [1, 0],
      [1, 1],
    ],
  );
  assert.deepEqual(
    find(segments, "  zum  CAFE ").map(({ start, end, words }) => [start, end, words]),
    [[11, 19, { first: 2, last: 3 }]],
  );
  assert.deepEqual(find(segments, " "), []);
  assert.deepEqual(find(segments, "nowhere"), []);
  assert.equal(firstFrom(find(segments, "cafe"), 1), 1);
  assert.equal(firstFrom(find(segments, "zum"), 1), 0);
  assert.equal(firstFrom([], 0), -1);
});

test("a speaker's look hangs on the label alone, and those who share a colour differ in their mark", () => {
  const labels = [..."ABCDEFGHIJKLMNOPQRSTUVWXYZ"];
  const looks = labels.map((label) => JSON.stringify(lookOf(label)));
  assert.equal(new Set(looks).size, labels.length);
  assert.deepEqual(lookOf("A"), { colour: 0, mark: "●" });
  assert.ok((lookOf("speaker 12")?.colour ?? 99) < COLOURS);
  assert.deepEqual(lookOf("speaker 12"), lookOf("speaker 12"));
  assert.equal(lookOf(null), null);
});

test("languages have a name and a direction", () => {
  assert.deepEqual(["ar", "he", "fa", "ur", "ps", "sd", "yi", "ug"].map(directionOf), Array(8).fill("rtl"));
  assert.deepEqual([directionOf("de"), directionOf(null)], ["ltr", "auto"]);
  assert.deepEqual(
    [languageName("de"), languageName("jw"), languageName("not a code")],
    ["German", "Javanese", "not a code"],
  );
});

test("one steps through the places to check in both directions, around the ends", () => {
  const [first, second, third] = [20, 5, 40].map((start) => ({ kind: "loop", start, end: start + 2, detail: null }));
  const findings = [first, second, third];
  assert.equal(nextFinding(findings, { time: 10, current: null, step: 1 }), first);
  assert.equal(nextFinding(findings, { time: 10, current: null, step: -1 }), second);
  assert.equal(nextFinding(findings, { time: 90, current: null, step: 1 }), second);
  assert.equal(nextFinding(findings, { time: 0, current: third, step: 1 }), second);
  assert.equal(nextFinding(findings, { time: 0, current: second, step: -1 }), third);
  assert.equal(nextFinding([], { time: 0, current: null, step: 1 }), null);
  assert.deepEqual(findingsOf(findings, { start: 21, end: 30 }), [first]);
});

test("what is to be checked is said in words", () => {
  const loop = { kind: "loop", start: 65, end: 70, detail: "the text repeats itself" };
  assert.equal(explain(loop), "The text repeats itself. It may have been said only once. (The text repeats itself.)");
  assert.equal(whereIs(loop), "1:05–1:10");
  assert.equal(explain({ kind: "new", start: 0, end: 0, detail: null }), "Something here may be wrong.");
  assert.equal(whereIs({ kind: "damaged", start: 0, end: 0, detail: null }), "The whole recording");
});

test("peaks are drawn by their loudest, few or many", () => {
  assert.deepEqual([...columnsOf([0, 100, 50, 0], 2)], [1, 0.5]);
  assert.deepEqual([...columnsOf([255], 3)], [1, 1, 1]);
  assert.deepEqual([...columnsOf([], 2)], [0, 0]);
});

test("bands have a row for each speaker, who says most first, and languages only where there are two", () => {
  const document = documentOf(segment("s1", "one"), segment("s2", "two three four", { start: 5, speaker: "B" }));
  assert.deepEqual(
    speakerBands(document).map(({ row, rows, colour }) => [row, rows, colour]),
    [
      [1, 2, 0],
      [0, 2, 1],
    ],
  );
  assert.deepEqual(languageBands(document), []);
  const mixed = documentOf(
    segment("s1", "one"),
    segment("s2", "two", { start: 5 }),
    segment("s3", "drei", { start: 9, language: "de" }),
  );
  assert.deepEqual(
    languageBands(mixed).map(({ start, language, number }) => [start, language, number]),
    [
      [0, "en", 0],
      [9, "de", 1],
    ],
  );
});

test("text to paste has a paragraph for each turn", () => {
  const document = documentOf(segment("s1", "one"), segment("s2", "two"), segment("s3", "three", { speaker: "B" }));
  assert.equal(plainText(document), "A: one two\n\nB: three");
  assert.equal(plainText(documentOf(segment("s1", "one", { speaker: null }))), "one");
});

test("times are said in words", () => {
  assert.deepEqual([0, 1, 62.9, 3603].map(spoken), ["0 seconds", "1 second", "1 minute 2 seconds", "1 hour 3 seconds"]);
});
