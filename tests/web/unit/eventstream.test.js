import assert from "node:assert/strict";
import { test } from "node:test";

import { EventParser } from "../../../src/panglot/web/js/eventstream.js";

const STREAM =
  ': alive\n\nid: 7\nevent: segments\ndata: {"a":\ndata: 1}\n\nevent: done\r\nid: done\r\ndata: x: y\r\n\r\ndata:bare\n\n';
const EVENTS = [
  { name: "segments", data: '{"a":\n1}', id: "7" },
  { name: "done", data: "x: y", id: "done" },
  { name: "message", data: "bare", id: null },
];

test("events come out whole", () => {
  assert.deepEqual(new EventParser().push(STREAM), EVENTS);
});

test("it does not matter where the stream is cut", () => {
  for (let cut = 0; cut <= STREAM.length; cut += 1) {
    const parser = new EventParser();
    assert.deepEqual(
      [...parser.push(STREAM.slice(0, cut)), ...parser.push(STREAM.slice(cut))],
      EVENTS,
      `cut at ${cut}`,
    );
  }
});

test("an event that is not finished is not told", () => {
  assert.deepEqual(new EventParser().push("event: done\ndata: 1\n"), []);
});
