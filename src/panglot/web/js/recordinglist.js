/** The list of recordings, kept current; all of them, or those that a search finds. */

import { cancel, remove, retry } from "./actions.js";
import { h, write } from "./dom.js";
import { isAbort, messageOf } from "./errors.js";
import { Followers } from "./followers.js";
import { Poll } from "./poll.js";
import { isActive } from "./progress.js";
import { Row } from "./row.js";

/** @import { Page } from "./page.js" */
/** @import { Recording } from "./types.js" */

const AT_ONCE = 50;
const WORKING = 1.5;
const RESTING = 10;
const TROUBLED = 3;

export class RecordingList {
  #list = h("ul", { class: "rows", role: "list", "aria-label": "Recordings" });
  #empty = h("div", { class: "empty", hidden: true });
  #problem = h("p", { class: "reason", hidden: true });
  #more = h("button", { hidden: true, onclick: () => void this.#older() }, "Show older recordings");
  element = h("div", { class: "stack", tabindex: -1 }, this.#problem, this.#list, this.#empty, this.#more);
  /** @type {Map<string, Row>} */
  #rows = new Map();
  /** @type {Recording[]} */
  #newest = [];
  /** @type {Recording[]} */
  #before = [];
  /** @type {string | null} */
  #cursor = null;
  #query = "";
  #gone = new Set();
  #told = "";
  /** @type {AbortController} */
  #asking = new AbortController();
  #page;
  #followers;
  #poll;
  #does;

  /** @param {Page} page */
  constructor(page) {
    this.#page = page;
    this.#followers = new Followers(page.api, { onChange: () => this.#show(), onDone: () => this.#poll.again() });
    const current = () => this.#poll.again();
    this.#does = {
      languageName: page.languageName,
      cancel: (/** @type {Recording} */ each) => void cancel(page, each).then(current),
      retry: (/** @type {Recording} */ each) => void retry(page, each).then(current),
      remove: (/** @type {Recording} */ each) => void remove(page, each).then((gone) => gone && this.#forget(each.id)),
    };
    this.#poll = new Poll(() => this.#look());
  }

  /** Looks now. */
  refresh() {
    this.#poll.again();
  }

  /** @param {string} query  Words to search for; empty for all recordings. */
  search(query) {
    if (query === this.#query) return;
    this.#query = query;
    this.#before = [];
    this.#asking.abort();
    this.#poll.again();
  }

  close() {
    this.#asking.abort();
    this.#poll.close();
    this.#followers.close();
  }

  async #look() {
    const query = this.#query;
    this.#asking = new AbortController();
    try {
      const found = await this.#page.api.recordings({ limit: AT_ONCE, q: query, signal: this.#asking.signal });
      this.#newest = found.recordings;
      if (this.#before.length === 0) this.#cursor = found.older;
      this.#problem.hidden = true;
      this.#show();
      if (query) this.#tellFound(query);
      return this.#all().some(isActive) ? WORKING : RESTING;
    } catch (error) {
      if (!isAbort(error)) this.#showProblem(error);
      return TROUBLED;
    }
  }

  async #older() {
    try {
      const found = await this.#page.api.recordings({ limit: AT_ONCE, q: this.#query, before: this.#cursor });
      const first = found.recordings[0];
      this.#before = [...this.#before, ...found.recordings];
      this.#cursor = found.older;
      this.#show();
      if (first) this.#rows.get(first.id)?.element.querySelector("a")?.focus();
    } catch (error) {
      this.#page.voice.notify(messageOf(error));
    }
  }

  /** @returns {Recording[]} */
  #all() {
    const newest = new Set(this.#newest.map(({ id }) => id));
    const all = [...this.#newest, ...this.#before.filter(({ id }) => !newest.has(id))];
    return all.filter(({ id }) => !this.#gone.has(id));
  }

  #show() {
    const all = this.#all();
    this.#followers.update(all);
    const ids = new Set(all.map(({ id }) => id));
    for (const [id, row] of this.#rows) if (!ids.has(id)) (row.element.remove(), this.#rows.delete(id));
    all.forEach((recording, index) => this.#place(recording, index));
    this.#showEmpty(all.length === 0);
    this.#more.hidden = this.#cursor === null;
  }

  /**
   * @param {Recording} recording
   * @param {number} index
   */
  #place(recording, index) {
    const row = this.#rows.get(recording.id) ?? new Row(recording, this.#does);
    this.#rows.set(recording.id, row);
    row.update(recording, { live: this.#followers.tail(recording.id), query: this.#query });
    const there = this.#list.children[index];
    if (there !== row.element) this.#list.insertBefore(row.element, there ?? null);
  }

  /** @param {boolean} empty */
  #showEmpty(empty) {
    this.#empty.hidden = !empty;
    const text = this.#query ? `Nothing found for “${this.#query}”.` : "No recordings yet. What you add appears here.";
    write(this.#empty, text);
  }

  /** @param {string} query */
  #tellFound(query) {
    const count = this.#all().length;
    const text = `${count} found for ${query}`;
    if (this.#told !== text) this.#page.voice.announce(text);
    this.#told = text;
  }

  /** @param {unknown} error */
  #showProblem(error) {
    write(this.#problem, messageOf(error));
    this.#problem.hidden = this.#rows.size > 0; // the banner says it where something is to be seen
  }

  /** @param {string} id */
  #forget(id) {
    this.#gone.add(id);
    const row = this.#rows.get(id)?.element;
    const neighbour = row?.nextElementSibling ?? row?.previousElementSibling;
    this.#show();
    (neighbour?.querySelector("a") ?? this.element).focus();
    this.#poll.again();
  }
}
