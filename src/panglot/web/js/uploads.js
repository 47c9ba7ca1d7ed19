/** Files and links on their way to the server; they go on while other parts of the page are open. */

import { parametersOf } from "./choices.js";
import { ApiError, isAbort, messageOf } from "./errors.js";

/** @import { Api } from "./api.js" */
/** @import { Choices } from "./choices.js" */
/** @import { UploadJournal } from "./journal.js" */

const TOGETHER = 2;
const AGAIN = 3000;

/** @typedef {"waiting" | "sending" | "interrupted" | "failed" | "done"} UploadState */

/** One file or link. */
export class Upload {
  id = `${Date.now().toString(36)}-${Math.random().toString(36).slice(2)}`;
  /** @type {UploadState} */
  state = "waiting";
  sent = 0;
  /** @type {string | null} */
  error = null;
  /** Address at the server, or of the link. @type {string | null} */
  address;
  /** Whether the server was asked for a job, even if its answer was lost. */
  asked = false;
  stop = new AbortController();

  /**
   * @param {File | string} source  A string is an address to fetch from.
   * @param {string} name
   * @param {Choices} choices
   */
  constructor(source, name, choices) {
    this.source = source;
    this.name = name;
    this.choices = choices;
    this.size = typeof source === "string" ? 0 : source.size;
    this.address = typeof source === "string" ? source : null;
  }

  get finished() {
    return this.state === "done" || this.state === "failed";
  }
}

/** All of them. Fires `change`, and `submitted` once the server has taken one on. */
export class Uploads extends EventTarget {
  /** @type {Upload[]} */
  all = [];
  #api;
  #journal;

  /**
   * @param {Api} api
   * @param {UploadJournal} journal
   */
  constructor(api, journal) {
    super();
    this.#api = api;
    this.#journal = journal;
    this.abandoned = journal.takeAbandoned();
  }

  /** Whether closing the page would lose something. */
  get active() {
    return this.all.some((each) => !each.finished);
  }

  /** @param {Upload[]} added */
  add(added) {
    this.all = [...this.all, ...added];
    this.#next();
  }

  /** @param {Upload} upload  Stops it and forgets it. */
  remove(upload) {
    upload.stop.abort();
    this.#journal.drop(upload.id);
    this.all = this.all.filter((each) => each !== upload);
    this.#next();
  }

  /** @param {Upload} upload */
  retry(upload) {
    Object.assign(upload, { state: "waiting", error: null });
    this.#next();
  }

  /** @param {string} id */
  forgetAbandoned(id) {
    this.abandoned = this.abandoned.filter((each) => each.id !== id);
    this.#changed();
  }

  #next() {
    const busy = this.all.filter((each) => each.state === "sending" || each.state === "interrupted").length;
    const waiting = this.all.filter((each) => each.state === "waiting");
    for (const upload of waiting.slice(0, Math.max(0, TOGETHER - busy))) void this.#run(upload);
    this.#changed();
  }

  /** @param {Upload} upload */
  async #run(upload) {
    upload.state = "sending";
    try {
      await this.#persist(upload);
      upload.state = "done";
      this.all = this.all.filter((each) => each !== upload);
      this.dispatchEvent(new Event("submitted"));
    } catch (error) {
      if (upload.stop.signal.aborted || isAbort(error)) return;
      Object.assign(upload, { state: "failed", error: messageOf(error) });
    }
    this.#journal.drop(upload.id);
    this.#next();
  }

  /**
   * Sends, and begins again as long as only the connection is at fault.
   * @param {Upload} upload
   */
  async #persist(upload) {
    for (;;) {
      try {
        return await this.#send(upload);
      } catch (error) {
        if (upload.stop.signal.aborted || !(error instanceof ApiError && error.passing)) throw error;
        upload.state = "interrupted";
        this.#changed();
        await new Promise((resolve) => setTimeout(resolve, AGAIN));
        if (upload.stop.signal.aborted) throw error;
        Object.assign(upload, { state: "sending", sent: 0 });
      }
    }
  }

  /** @param {Upload} upload */
  async #send(upload) {
    upload.address ??= await this.#sendFile(upload);
    const own = typeof upload.source !== "string"; // the same link may be asked for by others
    if (own && upload.asked && (await this.#api.isSubmitted(upload.address))) return;
    upload.asked = true;
    await this.#api.transcribe(parametersOf(upload.choices, upload.address, upload.name));
  }

  /** @param {Upload} upload */
  async #sendFile(upload) {
    const note = () => this.#journal.note(upload.id, upload.name, upload.size);
    const onProgress = (/** @type {number} */ sent) => {
      upload.sent = sent;
      this.#changed();
    };
    note();
    const noting = setInterval(note, 10_000);
    try {
      const file = /** @type {File} */ (upload.source);
      return await this.#api.upload(file, { onProgress, signal: upload.stop.signal });
    } finally {
      clearInterval(noting);
    }
  }

  #changed() {
    this.dispatchEvent(new Event("change"));
  }
}
