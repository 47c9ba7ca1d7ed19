import assert from "node:assert/strict";
import { test } from "node:test";

import { cutAtHits } from "../../../src/panglot/web/js/highlight.js";
import { LiveText } from "../../../src/panglot/web/js/live.js";

const hits = (/** @type {string} */ text, /** @type {string} */ query) =>
  cutAtHits(text, query)
    .filter(({ hit }) => hit)
    .map((part) => part.text);

test("words of a query are found in any case, the longest first", () => {
  assert.deepEqual(hits("Der Radweg am Rad", "rad radweg"), ["Radweg", "Rad"]);
  assert.deepEqual(hits("ΑΘΗΝΑ αθηνα", "αθηνα"), ["ΑΘΗΝΑ", "αθηνα"]);
  assert.deepEqual(hits("nothing", "  "), []);
});

test("cutting loses nothing, whatever is searched for", () => {
  for (const query of ["a.b", "(", "[x", "\\", "<b>", "*", "a|b", "$^"]) {
    const text = "1 + (2) a.b [x] \\ <b> a*b $^ a|b";
    assert.equal(
      cutAtHits(text, query)
        .map((part) => part.text)
        .join(""),
      text,
      query,
    );
    assert.ok(hits(text, query).length > 0, query);
  }
});

/**
 * @param {number} start
 * @param {string} text
 */
const said = (start, text) => ({ start, end: start + 5, text });

test("live text is in the order of time, without empty parts", () => {
  const live = new LiveText();
  live.add([said(5, " two")]);
  live.add([said(0, " one"), said(10, " ")]);
  assert.equal(live.tail(100), "one two");
});

test("what is recognised again takes the place of what was there", () => {
  const live = new LiveText();
  live.add([said(0, " one"), said(5, " two")]);
  live.add([{ start: 4, end: 9, text: " second try" }, said(9, " three")]);
  assert.deepEqual(
    live.segments.map(({ text }) => text),
    [" second try", " three"],
  );
});

test("only the last words are shown, whole ones", () => {
  const live = new LiveText();
  live.add([said(0, " the quick brown fox")]);
  assert.equal(live.tail(12), "… brown fox");
  assert.equal(live.tail(100), "the quick brown fox");
});
