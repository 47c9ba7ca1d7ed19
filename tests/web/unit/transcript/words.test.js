import assert from "node:assert/strict";
import { test } from "node:test";
import { boundaryNear, retime, shareTime, textOf } from "../../../../src/panglot/web/js/transcript/words.js";
import { words } from "./make.js";

const ENGLISH = { language: "en", start: 0, end: 10 };
const texts = (list) => list.map(({ text }) => text);
const times = (list) => list.map(({ start, end }) => [start, end]);

test("a text that did not change keeps the very same words, whatever its spaces", () => {
  const old = words("one two three");
  assert.equal(retime(old, "  one  two three ", ENGLISH), old);
});

test("a word that is put right keeps its time; the others are the same objects", () => {
  const old = words("I red books");
  const now = retime(old, "I read books", ENGLISH);
  assert.deepEqual(texts(now), ["I", " read", " books"]);
  assert.deepEqual(now[1], { text: " read", start: 1, end: 1.5, probability: 1, edited: true });
  assert.equal(now[0], old[0]);
  assert.equal(now[2], old[2]);
});

test("a space typed into a word makes two that share its time by their length", () => {
  const now = retime([{ text: "alotmore", start: 2, end: 3.6, probability: 0.4 }], "a lotmore", ENGLISH);
  assert.deepEqual(texts(now), ["a", " lotmore"]);
  assert.deepEqual(times(now), [
    [2, 2.2],
    [2.2, 3.6],
  ]);
});

test("a space deleted makes one word that lasts as long as both", () => {
  const now = retime(words("ice cream is good"), "icecream is good", ENGLISH);
  assert.deepEqual(texts(now), ["icecream", " is", " good"]);
  assert.deepEqual(times(now)[0], [0, 1.5]);
});

test("a word that was forgotten stands in the pause, or takes of the one before where there is none", () => {
  const paused = retime(words("one three"), "one two three", ENGLISH);
  assert.deepEqual(times(paused), [
    [0, 0.5],
    [0.5, 1],
    [1, 1.5],
  ]);
  const dense = [
    { text: "one", start: 0, end: 1, probability: 1 },
    { text: " three", start: 1, end: 2, probability: 1 },
  ];
  const squeezed = retime(dense, "one two three", ENGLISH);
  assert.deepEqual(times(squeezed), [
    [0, 0.5],
    [0.5, 1],
    [1, 2],
  ]);
  assert.equal(squeezed[0].edited, undefined);
});

test("a word in front of all others keeps inside the segment", () => {
  const now = retime(words("two three", 1), "one two three", ENGLISH);
  assert.deepEqual(times(now)[0], [0, 1]);
});

test("words taken out take their time with them", () => {
  const old = words("well you know it works");
  assert.deepEqual(
    retime(old, "it works", ENGLISH).map(({ start }) => start),
    [3, 4],
  );
  assert.equal(retime(old, "it works", ENGLISH)[0].text, "it");
});

test("nothing but spaces is no words", () => assert.deepEqual(retime(words("one"), "  ", ENGLISH), []));

test("halves of a word without a space between them stay apart when something else changes", () => {
  const old = [
    { text: "twenty", start: 0, end: 0.5, probability: 1 },
    { text: "-five", start: 0.5, end: 1, probability: 1 },
    { text: " yeers", start: 1, end: 2, probability: 1 },
  ];
  const now = retime(old, "twenty-five years", ENGLISH);
  assert.deepEqual(now.slice(0, 2), old.slice(0, 2));
  assert.equal(now[2].text, " years");
});

test("Chinese is written without spaces, and only what changed is new", () => {
  const old = ["我们", "在", "北京", "。"].map((text, index) => ({
    text,
    start: index,
    end: index + 1,
    probability: 0.9,
  }));
  const now = retime(old, "我们在南京。", { language: "zh", start: 0, end: 4 });
  assert.equal(textOf({ words: now }), "我们在南京。");
  assert.deepEqual([now[0], now[1], now.at(-1)], [old[0], old[1], old[3]]);
  assert.deepEqual(times(now.slice(2, 4)), [
    [2, 2.5],
    [2.5, 3],
  ]);
});

test("whatever is edited, the text is what was written and the times never go back", () => {
  const alphabet = ["a", "bb", "ccc", "dd", "e"];
  let seed = 7;
  const random = (below) => (seed = (seed * 48_271) % 2_147_483_647) % below;
  const sentence = () => Array.from({ length: random(9) }, () => alphabet[random(5)]).join(" ");
  for (let round = 0; round < 500; round++) {
    const old = words(sentence());
    const text = sentence();
    const now = retime(old, text, ENGLISH);
    assert.equal(textOf({ words: now }), text);
    for (const [index, { start, end }] of now.entries()) {
      assert.ok(
        start <= end && (index === 0 || now[index - 1].end <= start + 1e-9),
        `${textOf({ words: old })} → ${text}`,
      );
    }
  }
});

test("time is shared by length and none is lost", () => {
  const shared = shareTime(["ab", " abcd"], 1, 4);
  assert.deepEqual(times(shared), [
    [1, 2],
    [2, 4],
  ]);
});

test("a caret in a word means the next one", () => {
  const list = words("one two three");
  assert.deepEqual(
    [0, 1, 3, 4, 5, 8, 99].map((caret) => boundaryNear(list, caret)),
    [0, 1, 1, 1, 2, 2, 3],
  );
});
