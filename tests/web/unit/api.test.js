/** The calls of the page against a real, tiny server. */

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { test } from "node:test";

import { Api, fileNameOf } from "../../../src/panglot/web/js/api.js";
import { ApiError, UNREACHABLE } from "../../../src/panglot/web/js/errors.js";

/**
 * Runs a server for as long as a check takes.
 * @param {(request: any, response: any) => void} answer
 * @param {(base: string, stop: () => Promise<void>) => Promise<void>} check
 */
async function serving(answer, check) {
  const server = createServer(answer);
  await new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(null)));
  const { port } = /** @type {any} */ (server.address());
  const stop = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(() => resolve(null)));
  };
  try {
    await check(`http://127.0.0.1:${port}`, stop);
  } finally {
    if (server.listening) await stop();
  }
}

/**
 * @param {Promise<unknown>} call
 * @returns {Promise<ApiError>}
 */
async function errorOf(call) {
  try {
    await call;
  } catch (error) {
    assert.ok(error instanceof ApiError, String(error));
    return error;
  }
  throw new assert.AssertionError({ message: "no error" });
}

test("every request carries the key, and what is asked for", async () => {
  /** @type {any[]} */
  const seen = [];
  const answer = (/** @type {any} */ request, /** @type {any} */ response) => {
    seen.push([request.method, request.url, request.headers.authorization]);
    response.end('{"recordings": [], "older": null}');
  };
  await serving(answer, async (base) => {
    const api = new Api({ base, key: () => "secret" });
    await api.recordings({ limit: 5, q: "a&b c", before: null });
    await api.cancel("a/b");
    await new Api({ base }).about();
  });
  assert.deepEqual(seen, [
    ["GET", "/panglot/recordings?limit=5&q=a%26b+c", "secret"],
    ["POST", "/panglot/recordings/a%2Fb/cancel", "secret"],
    ["GET", "/panglot/about", undefined],
  ]);
});

test("errors are told in the server's words, whichever API said them", async () => {
  const bodies = [
    [404, '{"error": "Transcript not found"}', "Transcript not found"],
    [400, '{"error": {"message": "No such model", "type": "x"}}', "No such model"],
    [422, '{"detail": "Not a number"}', "Not a number"],
    [413, "<html>too large</html>", "This is larger than the server takes."],
    [418, "", "The server answered with an error (418)."],
  ];
  for (const [status, body, message] of bodies) {
    await serving(
      (_, response) => response.writeHead(status).end(body),
      async (base) => {
        const error = await errorOf(new Api({ base }).recording("x"));
        assert.deepEqual([error.status, error.message], [status, message]);
      },
    );
  }
});

test("a conflict says which revision is the latest", async () => {
  const document = /** @type {any} */ ({ segments: [] });
  await serving(
    (_, response) => response.writeHead(409).end('{"error": "Older", "latest": 4}'),
    async (base) => {
      const error = await errorOf(new Api({ base }).saveRevision("x", { base: 3, document }));
      assert.deepEqual([error.status, error.body["latest"]], [409, 4]);
    },
  );
});

test("a key that is refused is told of", async () => {
  let refused = 0;
  await serving(
    (_, response) => response.writeHead(401).end("{}"),
    async (base) => {
      const error = await errorOf(new Api({ base, onRefused: () => (refused += 1) }).operator());
      assert.equal(error.message, "The server does not know this API key.");
    },
  );
  assert.equal(refused, 1);
});

test("a server that is gone is told apart from one that refuses, and noticed when it is back", async () => {
  /** @type {boolean[]} */
  const reached = [];
  await serving(
    (_, response) => response.end("{}"),
    async (base, stop) => {
      const api = new Api({ base, onReach: (each) => reached.push(each) });
      await api.about();
      await stop();
      const error = await errorOf(api.about());
      assert.deepEqual([error.status, error.message, error.passing], [0, UNREACHABLE, true]);
    },
  );
  assert.deepEqual(reached, [true, false]);
});

test("a gateway without a server behind it counts as a server that is gone", async () => {
  /** @type {boolean[]} */
  const reached = [];
  await serving(
    (_, response) => response.writeHead(502).end(""),
    async (base) => {
      assert.ok((await errorOf(new Api({ base, onReach: (each) => reached.push(each) }).about())).passing);
    },
  );
  assert.deepEqual(reached, [false]);
});

test("a job is followed over a lost connection, from where it was", async () => {
  /** @type {any[]} */
  const asked = [];
  const answer = (/** @type {any} */ request, /** @type {any} */ response) => {
    asked.push(request.headers["last-event-id"] ?? null);
    response.writeHead(200, { "Content-Type": "text/event-stream" });
    if (asked.length > 1) return response.end('id: done\nevent: done\ndata: {"status": "completed"}\n\n');
    response.write(
      'event: progress\ndata: {"status": "processing"}\n\nid: 3\nevent: segments\ndata: {"segments": [{"text": "a"}]}\n\n',
    );
    setTimeout(() => response.destroy(), 20);
  };
  /** @type {any[]} */
  const told = [];
  await serving(answer, async (base) => {
    const listener = {
      onProgress: (/** @type {any} */ progress) => told.push(progress.status),
      onSegments: (/** @type {any} */ segments) => told.push(segments[0].text),
      onDone: (/** @type {any} */ last) => told.push(last.status),
    };
    await new Api({ base }).follow("x", listener, new AbortController().signal);
  });
  assert.deepEqual(asked, [null, "3"]);
  assert.deepEqual(told, ["processing", "a", "completed"]);
});

test("a job that is not there is not followed again and again", async () => {
  let asked = 0;
  const answer = (/** @type {any} */ _, /** @type {any} */ response) => {
    asked += 1;
    response.writeHead(404).end('{"error": "Transcript not found"}');
  };
  /** @type {string[]} */
  const told = [];
  await serving(answer, async (base) => {
    const onFailed = (/** @type {ApiError} */ error) => told.push(error.message);
    await new Api({ base }).follow("x", { onFailed }, new AbortController().signal);
  });
  assert.deepEqual([asked, told], [1, ["Transcript not found"]]);
});

test("following ends when nobody wants it any longer", async () => {
  await serving(
    (_, response) => response.writeHead(200).write(": alive\n\n"),
    async (base) => {
      const stop = new AbortController();
      setTimeout(() => stop.abort(), 20);
      await new Api({ base }).follow("x", {}, stop.signal);
    },
  );
});

test("a file keeps the name that the server gives it", async () => {
  const headers = { "Content-Disposition": "attachment; filename=\"x.srt\"; filename*=UTF-8''caf%C3%A9.srt" };
  await serving(
    (_, response) => response.writeHead(200, headers).end("1"),
    async (base) => {
      const { blob, name } = await new Api({ base }).exportFile("x", { format: "srt" });
      assert.deepEqual([await blob.text(), name], ["1", "café.srt"]);
    },
  );
  assert.equal(fileNameOf('attachment; filename="talk.txt"'), "talk.txt");
  assert.equal(fileNameOf("attachment; filename=talk.txt"), "talk.txt");
  assert.equal(fileNameOf(null), null);
});
