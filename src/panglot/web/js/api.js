/** All that the page asks of the server. */

import { ApiError, errorOf, isAbort, unreachable } from "./errors.js";
import { eventsOf } from "./eventstream.js";

/** @import * as t from "./types.js" */

const FIRST_WAIT = 1000;
const LONGEST_WAIT = 15_000;

/**
 * @typedef {object} ApiOptions
 * @property {string} [base]  Address of the server; of the page where it is left out.
 * @property {() => string | null} [key]  The API key at the moment.
 * @property {(reached: boolean) => void} [onReach]  Told after every request whether the server answered.
 * @property {() => void} [onRefused]  Told when the server does not know the key.
 */

/**
 * @typedef {object} Call
 * @property {string} [method]
 * @property {unknown} [json]
 * @property {AbortSignal | null} [signal]
 * @property {Record<string, string>} [headers]
 */

/** @typedef {Record<string, string | number | null | undefined>} Query */

export class Api {
  #base;
  #key;
  #onReach;
  #onRefused;

  /** @param {ApiOptions} [options] */
  constructor({ base = "", key = () => null, onReach = () => {}, onRefused = () => {} } = {}) {
    this.#base = base;
    this.#key = key;
    this.#onReach = onReach;
    this.#onRefused = onRefused;
  }

  /**
   * @param {AbortSignal} [signal]
   * @returns {Promise<t.About>}
   */
  about(signal) {
    return this.#json("/panglot/about", { signal: signal ?? null });
  }

  /**
   * Newest first.
   * @param {{ limit?: number, before?: string | null, status?: t.Status, q?: string, signal?: AbortSignal }} [options]
   * @returns {Promise<t.RecordingPage>}
   */
  recordings({ signal, ...query } = {}) {
    return this.#json(`/panglot/recordings${queryOf(query)}`, { signal: signal ?? null });
  }

  /**
   * @param {string} id
   * @returns {Promise<t.Recording>}
   */
  recording(id) {
    return this.#json(recordingPath(id));
  }

  /**
   * @param {string} id
   * @returns {Promise<t.Recording>}
   */
  cancel(id) {
    return this.#json(recordingPath(id, "/cancel"), { method: "POST" });
  }

  /**
   * Starts a new job with the same request.
   * @param {string} id
   * @returns {Promise<t.Recording>}
   */
  retry(id) {
    return this.#json(recordingPath(id, "/retry"), { method: "POST" });
  }

  /**
   * Deletes a recording with its transcript and its audio.
   * @param {string} id
   */
  async remove(id) {
    await this.#send(`/v2/transcript/${encodeURIComponent(id)}`, { method: "DELETE" });
  }

  /**
   * Sends a file.
   * @param {Blob} file
   * @param {{ onProgress?: (sent: number) => void, signal?: AbortSignal }} [options]  `sent` counts bytes.
   * @returns {Promise<string>}  Its address for `transcribe`.
   */
  upload(file, { onProgress = () => {}, signal } = {}) {
    return new Promise((resolve, reject) => {
      const request = new XMLHttpRequest(); // fetch cannot tell how much is sent
      request.open("POST", `${this.#base}/v2/upload`);
      for (const [name, value] of Object.entries(this.#headers())) request.setRequestHeader(name, value);
      request.setRequestHeader("Content-Type", "application/octet-stream");
      request.upload.onprogress = (event) => onProgress(event.loaded);
      request.onload = () => {
        this.#onReach(true);
        if (request.status === 200) resolve(JSON.parse(request.responseText).upload_url);
        else reject(this.#refused(errorOf(request.status, request.responseText)));
      };
      request.onerror = () => reject(unreachable("upload"));
      request.onabort = () => reject(new DOMException("The upload was cancelled.", "AbortError"));
      signal?.addEventListener("abort", () => request.abort());
      if (signal?.aborted) request.abort();
      else request.send(file);
    });
  }

  /**
   * Submits a job.
   * @param {Record<string, unknown>} parameters  AssemblyAI's, and `audio_name`.
   * @returns {Promise<{ id: string }>}
   */
  transcribe(parameters) {
    return this.#json("/v2/transcript", { method: "POST", json: parameters });
  }

  /**
   * Whether there is a job for an upload already; among the newest, where one that was just submitted is.
   * @param {string} address  Of the upload.
   */
  async isSubmitted(address) {
    /** @type {{ transcripts: { audio_url: string }[] }} */
    const { transcripts } = await this.#json(`/v2/transcript${queryOf({ limit: 200 })}`);
    return transcripts.some(({ audio_url: audio }) => audio === address);
  }

  /**
   * Follows a job until it is finished, over lost connections and restarts of the server.
   * @param {string} id
   * @param {t.JobListener} listener
   * @param {AbortSignal} signal  Ends it.
   */
  async follow(id, listener, signal) {
    /** @type {string | null} */
    let last = null;
    let wait = FIRST_WAIT;
    while (!signal.aborted) {
      try {
        for await (const event of await this.#events(id, last, signal)) {
          wait = FIRST_WAIT;
          last = event.id ?? last;
          if (tell(listener, event)) return;
        }
      } catch (error) {
        if (signal.aborted || isAbort(error)) return;
        if (error instanceof ApiError && !error.passing) return listener.onFailed?.(error);
        if (!(error instanceof ApiError)) this.#onReach(false);
      }
      await pause(wait, signal);
      wait = Math.min(wait * 2, LONGEST_WAIT);
    }
  }

  /**
   * @param {string} id
   * @param {number | null} [revision]  The latest where it is left out.
   * @returns {Promise<t.RevisedDocument>}
   */
  document(id, revision = null) {
    return this.#json(recordingPath(id, "/document") + queryOf({ revision }));
  }

  /**
   * @param {string} id
   * @returns {Promise<{ revisions: t.Revision[] }>}
   */
  revisions(id) {
    return this.#json(recordingPath(id, "/revisions"));
  }

  /**
   * Keeps a new revision. A conflict is an `ApiError` of status 409 with `body.latest`.
   * @param {string} id
   * @param {{ base: number, document: t.Document, note?: string }} revision
   * @returns {Promise<{ number: number }>}
   */
  saveRevision(id, revision) {
    return this.#json(recordingPath(id, "/revisions"), { method: "POST", json: revision });
  }

  /**
   * @param {string} id
   * @param {t.ExportOptions} options
   * @returns {Promise<t.Download>}
   */
  exportFile(id, { format, maxLineLength = null, readingSpeed = null, revision = null }) {
    const query = { format, max_line_length: maxLineLength, reading_speed: readingSpeed, revision };
    return this.#file(recordingPath(id, "/export") + queryOf(query), `transcript.${format}`);
  }

  /**
   * An address of the audio that a media element can read, without a key.
   * @param {string} id
   * @returns {Promise<t.AudioLink>}
   */
  audioLink(id) {
    return this.#json(recordingPath(id, "/links"), { method: "POST" });
  }

  /**
   * @param {string} id
   * @param {number} buckets
   * @returns {Promise<t.Waveform>}
   */
  waveform(id, buckets) {
    return this.#json(recordingPath(id, "/waveform") + queryOf({ buckets }));
  }

  /**
   * @param {string} id
   * @returns {Promise<{ url: string }>}
   */
  share(id) {
    return this.#json(recordingPath(id, "/share"), { method: "POST" });
  }

  /** @param {string} id */
  async unshare(id) {
    await this.#send(recordingPath(id, "/share"), { method: "DELETE" });
  }

  /**
   * @param {string} token
   * @returns {Promise<t.SharedRecording>}
   */
  shared(token) {
    return this.#json(sharedPath(token));
  }

  /**
   * @param {string} token
   * @param {number} buckets
   * @returns {Promise<t.Waveform>}
   */
  sharedWaveform(token, buckets) {
    return this.#json(sharedPath(token, "/waveform") + queryOf({ buckets }));
  }

  /**
   * What people corrected, as examples for training: a manifest, or a zip of manifest and audio.
   * @param {"jsonl" | "zip"} kind
   * @returns {Promise<t.Download>}
   */
  corrections(kind) {
    return this.#file(`/panglot/corrections${kind === "zip" ? ".zip" : ""}`, `corrections.${kind}`);
  }

  /** @returns {Promise<t.Operator>} */
  operator() {
    return this.#json("/panglot/operator");
  }

  /**
   * @param {string} id
   * @param {string | null} last
   * @param {AbortSignal} signal
   */
  async #events(id, last, signal) {
    const headers = { Accept: "text/event-stream", ...(last === null ? {} : { "Last-Event-ID": last }) };
    const path = `/v2/transcript/${encodeURIComponent(id)}/events`;
    return eventsOf(await this.#send(path, { headers, signal }));
  }

  /**
   * @param {string} path
   * @param {Call} [call]
   */
  async #json(path, call) {
    const response = await this.#send(path, call);
    try {
      return await response.json();
    } catch (error) {
      throw isAbort(error) ? error : unreachable(error); // broken off in the middle
    }
  }

  /**
   * @param {string} path
   * @param {string} otherwise  Name where the answer has none.
   * @returns {Promise<t.Download>}
   */
  async #file(path, otherwise) {
    const response = await this.#send(path);
    const name = fileNameOf(response.headers.get("Content-Disposition")) ?? otherwise;
    return { blob: await response.blob(), name };
  }

  /**
   * @param {string} path
   * @param {Call} [call]
   */
  async #send(path, { method = "GET", json, signal = null, headers = {} } = {}) {
    const body = json === undefined ? null : JSON.stringify(json);
    const all = {
      ...this.#headers(),
      ...(body === null ? {} : { "Content-Type": "application/json" }),
      ...headers,
    };
    /** @type {Response} */
    let response;
    try {
      response = await fetch(this.#base + path, { method, body, headers: all, signal });
    } catch (error) {
      if (isAbort(error)) throw error;
      this.#onReach(false);
      throw unreachable(error);
    }
    this.#onReach(![502, 503, 504].includes(response.status));
    if (response.ok) return response;
    throw this.#refused(errorOf(response.status, await response.text().catch(() => "")));
  }

  /** @param {ApiError} error */
  #refused(error) {
    if (error.status === 401) this.#onRefused();
    return error;
  }

  /** @returns {Record<string, string>} */
  #headers() {
    const key = this.#key();
    return key === null ? {} : { Authorization: key };
  }
}

/**
 * The file's name in a Content-Disposition header (RFC 6266); null where there is none.
 * @param {string | null} header
 */
export function fileNameOf(header) {
  const extended = /filename\*=UTF-8''([^;]+)/i.exec(header ?? "");
  if (extended?.[1]) return decodeURIComponent(extended[1]);
  return /filename="?([^";]+)"?/i.exec(header ?? "")?.[1] ?? null;
}

/**
 * @param {string} id
 * @param {string} [more]
 */
function recordingPath(id, more = "") {
  return `/panglot/recordings/${encodeURIComponent(id)}${more}`;
}

/**
 * @param {string} token
 * @param {string} [more]
 */
function sharedPath(token, more = "") {
  return `/panglot/shared/${encodeURIComponent(token)}${more}`;
}

/** @param {Query} query */
function queryOf(query) {
  const given = Object.entries(query).filter(([, value]) => value !== null && value !== undefined && value !== "");
  const text = new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString();
  return text && `?${text}`;
}

/**
 * Tells a listener of an event, and whether it was the last.
 * @param {t.JobListener} listener
 * @param {import("./eventstream.js").StreamEvent} event
 */
function tell(listener, event) {
  const data = JSON.parse(event.data);
  if (event.name === "progress") listener.onProgress?.(data);
  else if (event.name === "segments") listener.onSegments?.(data.segments);
  else if (event.name === "done") listener.onDone?.(data);
  else if (event.name === "failed") listener.onFailed?.(new ApiError(500, data.error, data));
  return event.name === "done" || event.name === "failed";
}

/**
 * @param {number} milliseconds
 * @param {AbortSignal} signal
 * @returns {Promise<void>}
 */
function pause(milliseconds, signal) {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    signal.addEventListener("abort", () => (clearTimeout(timer), resolve()), { once: true });
  });
}
