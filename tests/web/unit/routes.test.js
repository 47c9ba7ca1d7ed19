import assert from "node:assert/strict";
import { test } from "node:test";

import { recordingHref, routeOf } from "../../../src/panglot/web/js/routes.js";

test("every part of the page has an address", () => {
  assert.deepEqual(
    ["", "#", "#/"].map((hash) => routeOf(hash).name),
    ["library", "library", "library"],
  );
  assert.equal(routeOf("#/operator").name, "operator");
  assert.equal(routeOf("#/settings").name, "settings");
  assert.deepEqual(routeOf("#/shared/abc"), { name: "shared", token: "abc", at: null });
  assert.deepEqual(routeOf("#/recordings/abc?t=12.5"), { name: "recording", id: "abc", at: 12.5 });
});

test("an address that says nothing we know is told apart", () => {
  for (const hash of ["#/nowhere", "#/recordings", "#/recordings/a/b", "#/operator/x", "#main"]) {
    assert.equal(routeOf(hash).name, "unknown", hash);
  }
});

test("a time that is none is left out", () => {
  for (const time of ["", "-1", "soon", "Infinity"]) {
    assert.deepEqual(routeOf(`#/recordings/abc?t=${time}`), { name: "recording", id: "abc", at: null }, time);
  }
});

test("ids come back from an address as they went in", () => {
  for (const id of ["7f1a", "a/b?c#d", "100%", "ü"]) {
    assert.deepEqual(routeOf(recordingHref(id, 3)), { name: "recording", id, at: 3 });
  }
  assert.deepEqual(routeOf("#/recordings/100%"), { name: "recording", id: "100%", at: null });
});
