/** Text of the recordings that are being worked on, as it is recognised. */

import { LiveText } from "./live.js";

/** @import { Api } from "./api.js" */
/** @import { Recording } from "./types.js" */

/** Browsers keep six connections to a server; most are to stay free. */
const MOST = 2;

/** Follows the first few recordings of a list that are being worked on. */
export class Followers {
  /** @type {Map<string, { text: LiveText, stop: AbortController }>} */
  #followed = new Map();
  #api;
  #onChange;
  #onDone;

  /**
   * @param {Api} api
   * @param {{ onChange: () => void, onDone: () => void }} told
   */
  constructor(api, { onChange, onDone }) {
    this.#api = api;
    this.#onChange = onChange;
    this.#onDone = onDone;
  }

  /** @param {Recording[]} recordings */
  update(recordings) {
    const working = recordings.filter(({ status }) => status === "processing").map(({ id }) => id);
    for (const id of this.#followed.keys()) if (!working.includes(id)) this.#drop(id);
    for (const id of working) if (this.#followed.size < MOST && !this.#followed.has(id)) this.#follow(id);
  }

  /** @param {string} id  The last words; empty where there are none. */
  tail(id) {
    return this.#followed.get(id)?.text.tail(160) ?? "";
  }

  close() {
    for (const id of [...this.#followed.keys()]) this.#drop(id);
  }

  /** @param {string} id */
  #follow(id) {
    const text = new LiveText();
    const stop = new AbortController();
    this.#followed.set(id, { text, stop });
    const onSegments = (/** @type {import("./types.js").LiveSegment[]} */ segments) => {
      text.add(segments);
      this.#onChange();
    };
    void this.#api.follow(id, { onSegments, onDone: this.#onDone }, stop.signal);
  }

  /** @param {string} id */
  #drop(id) {
    this.#followed.get(id)?.stop.abort();
    this.#followed.delete(id);
  }
}
