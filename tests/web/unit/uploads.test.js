/** Uploads against a server whose answers get lost. */

import assert from "node:assert/strict";
import { mock, test } from "node:test";

import { DEFAULTS } from "../../../src/panglot/web/js/choices.js";
import { ApiError } from "../../../src/panglot/web/js/errors.js";
import { UploadJournal } from "../../../src/panglot/web/js/journal.js";
import { Upload, Uploads } from "../../../src/panglot/web/js/uploads.js";

/** A server that takes jobs on, and loses as many of its answers as it is told. */
class Server {
  jobs = [];
  constructor(lost, taken) {
    this.lost = lost;
    this.taken = taken;
  }

  async upload() {
    return "http://server/v2/upload/1";
  }

  async isSubmitted(address) {
    return this.jobs.includes(address);
  }

  async transcribe({ audio_url: address }) {
    const lost = this.lost-- > 0;
    if (!lost || this.taken) this.jobs.push(address);
    if (lost) throw new ApiError(0, "Cannot reach the server.");
    return { id: "1" };
  }
}

/** @param {Server} server */
async function sent(server) {
  mock.timers.enable({ apis: ["setTimeout", "setInterval"] });
  const journal = new UploadJournal({ getItem: () => null, setItem: () => {} }, "tab");
  const uploads = new Uploads(/** @type {any} */ (server), journal);
  const done = new Promise((resolve) => uploads.addEventListener("submitted", resolve));
  uploads.addEventListener("change", () => {
    if (uploads.all.some(({ state }) => state === "interrupted")) queueMicrotask(() => mock.timers.tick(3000));
  });
  uploads.add([new Upload(new File(["sound"], "talk.wav"), "talk.wav", DEFAULTS)]);
  await done;
  mock.timers.reset();
  return server.jobs.length;
}

test("a job whose answer was lost is not submitted again", async () => {
  assert.equal(await sent(new Server(1, true)), 1);
});

test("a job that never arrived is submitted again", async () => {
  assert.equal(await sent(new Server(2, false)), 1);
});
