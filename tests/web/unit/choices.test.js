import assert from "node:assert/strict";
import { test } from "node:test";

import { DEFAULTS, addressOf, nameOfAddress, parametersOf } from "../../../src/panglot/web/js/choices.js";

test("without a choice the language is found and speakers are told apart", () => {
  assert.deepEqual(parametersOf(DEFAULTS, "http://here/v2/upload/1", "talk.mp3"), {
    audio_url: "http://here/v2/upload/1",
    audio_name: "talk.mp3",
    language_detection: true,
    speaker_labels: true,
  });
});

test("choices become the parameters of the request", () => {
  const chosen = parametersOf({ language: "de", speakers: 3, model: "base" }, "a", "b");
  assert.deepEqual(chosen, {
    audio_url: "a",
    audio_name: "b",
    language_code: "de",
    speaker_labels: true,
    speakers_expected: 3,
    speech_model: "base",
  });
  assert.equal(parametersOf({ ...DEFAULTS, speakers: "off" }, "a", "b")["speaker_labels"], false);
});

test("a name is cut where the server's limit is, and never inside a character", () => {
  const name = parametersOf(DEFAULTS, "a", "🎙".repeat(300))["audio_name"];
  assert.equal(name, "🎙".repeat(255));
});

test("only addresses that can be fetched are taken", () => {
  assert.equal(addressOf("  https://example.org/a b.mp3 "), "https://example.org/a%20b.mp3");
  for (const text of ["", "example.org/a.mp3", "ftp://example.org/a", "javascript:alert(1)", "file:///etc/passwd"]) {
    assert.equal(addressOf(text), null, text);
  }
});

test("a link is named for its last part", () => {
  assert.equal(nameOfAddress("https://example.org/talks/caf%C3%A9.mp3?x=1"), "café.mp3");
  assert.equal(nameOfAddress("https://example.org/"), "example.org");
  assert.equal(nameOfAddress("https://example.org/100%"), "100%");
});
