/** One recording: how far it is, and its transcript once there is one. */

import { cancel, remove, retry } from "./actions.js";
import { fill, h, set, write } from "./dom.js";
import { ApiError, messageOf } from "./errors.js";
import { when } from "./format.js";
import { icon } from "./icons.js";
import { LiveText } from "./live.js";
import { Poll } from "./poll.js";
import { isActive, isCancelled, progressOf, shareDone, stateText } from "./progress.js";
import { recordingHref } from "./routes.js";

/** @import { Page } from "./page.js" */
/** @import { OpenView, Recording, TranscriptOptions } from "./types.js" */

const BETWEEN = 2;

/**
 * @param {HTMLElement} root
 * @param {Page} page
 * @param {{ id: string, at: number | null }} route
 */
export function openRecording(root, page, { id, at }) {
  const view = new RecordingView(root, page, id, at);
  return { title: "Recording", close: () => view.close() };
}

class RecordingView {
  #heading = h("h1", { dir: "auto" }, "Recording");
  #body = h("div", { class: "stack" });
  #stop = new AbortController();
  /** @type {OpenView | null} */
  #inner = null;
  /** @type {Working | null} */
  #working = null;
  #ended = "";
  #root;
  #page;
  #id;
  #at;
  #poll;

  /**
   * @param {HTMLElement} root
   * @param {Page} page
   * @param {string} id
   * @param {number | null} at
   */
  constructor(root, page, id, at) {
    this.#root = root;
    this.#page = page;
    this.#id = id;
    this.#at = at;
    const back = h("a", { href: "#/", class: "back" }, icon("back"), "All recordings");
    root.replaceChildren(h("div", { class: "stack" }, back, this.#heading, this.#body));
    this.#poll = new Poll(() => this.#look());
  }

  close() {
    this.#stop.abort();
    this.#poll.close();
    this.#inner?.close();
  }

  async #look() {
    try {
      const recording = await this.#page.api.recording(this.#id);
      if (!this.#stop.signal.aborted) await this.#show(recording);
    } catch (error) {
      if (error instanceof ApiError && !error.passing) this.#fail(error);
    }
    return BETWEEN;
  }

  /** @param {Recording} recording */
  async #show(recording) {
    write(this.#heading, recording.name);
    document.title = `${recording.name} – Panglot`;
    if (recording.status === "completed") return this.#openTranscript();
    if (isActive(recording)) this.#showWorking(recording);
    else this.#showEnd(recording);
  }

  async #openTranscript() {
    this.#poll.close();
    const options = {
      api: this.#page.api,
      id: this.#id,
      shared: null,
      about: this.#page.about,
      at: this.#at,
      onClose: () => (location.hash = "#/"),
      announce: (/** @type {string} */ text) => this.#page.voice.announce(text),
      notify: (/** @type {string} */ text) => this.#page.voice.notify(text),
    };
    this.#inner = await openTranscriptIn(this.#root, options);
    if (this.#stop.signal.aborted) this.#inner.close();
    else if (this.#working) this.#page.voice.announce("The transcript is ready.");
  }

  /** @param {Recording} recording */
  #showWorking(recording) {
    if (!this.#working) {
      this.#working = new Working(() => void cancel(this.#page, recording).then(() => this.#poll.again()));
      fill(this.#body, this.#working.element);
      const { text } = this.#working;
      void this.#page.api.follow(
        this.#id,
        {
          onSegments: (segments) => text.add(segments),
          onDone: () => this.#poll.again(),
        },
        this.#stop.signal,
      );
    }
    this.#working.update(recording);
  }

  /** @param {Recording} recording */
  #showEnd(recording) {
    if (this.#ended === recording.id) return;
    this.#ended = recording.id;
    const cancelled = isCancelled(recording.error);
    const again = () => retry(this.#page, recording).then((job) => job && (location.hash = recordingHref(job.id)));
    const erase = () => remove(this.#page, recording).then((gone) => gone && (location.hash = "#/"));
    fill(
      this.#body,
      h(
        "section",
        { class: "card stack" },
        h("h2", null, cancelled ? "Cancelled" : "This recording could not be transcribed"),
        !cancelled && h("p", { class: "reason", dir: "auto" }, recording.error ?? "The server does not say why."),
        h("p", { class: "quiet" }, `Added ${when(recording.created)}.`),
        h(
          "div",
          { class: "line" },
          h("button", { class: "main", onclick: again }, icon("retry"), "Try again"),
          h("button", { onclick: erase }, icon("trash"), "Delete"),
        ),
      ),
    );
  }

  /** @param {ApiError} error */
  #fail(error) {
    this.#poll.close();
    const text = error.status === 404 ? "This recording is not there. It may have been deleted." : messageOf(error);
    fill(this.#body, h("p", { class: "reason", role: "alert" }, text));
  }
}

/** What is shown while a recording is worked on. */
class Working {
  #state = h("h2");
  #bar = h("progress", { max: 1, "aria-label": "Progress" });
  #done = h("dd");
  #speed = h("dd");
  #left = h("dd");
  #text = h("p", { class: "live-text", dir: "auto" });
  text = new ShownText(this.#text);

  /** @param {() => void} onCancel */
  constructor(onCancel) {
    this.element = h(
      "div",
      { class: "stack" },
      h(
        "section",
        { class: "card stack", "aria-label": "Progress" },
        h("div", { class: "line spread" }, this.#state, h("button", { onclick: onCancel }, icon("close"), "Cancel")),
        this.#bar,
        h(
          "dl",
          { class: "facts" },
          fact("Transcribed", this.#done),
          fact("Speed", this.#speed),
          fact("Time left", this.#left),
        ),
        h("p", { class: "quiet small" }, "You can close this page and come back: the work goes on."),
      ),
      h(
        "section",
        { class: "card stack", "aria-labelledby": "so-far" },
        h("h2", { id: "so-far" }, "Text so far"),
        this.#text,
        h("p", { class: "quiet hint" }, "Words appear here as they are recognised."),
      ),
    );
  }

  /** @param {Recording} recording */
  update(recording) {
    const working = recording.status === "processing";
    const { done, speed, left } = progressOf(recording);
    write(this.#state, stateText(recording));
    set(this.#bar, { value: working ? shareDone(recording) : 0 });
    write(this.#done, (working && done) || "–");
    write(this.#speed, (working && speed) || "–");
    write(this.#left, (working && left) || "–");
  }
}

/** Live text on the page. Segments that stay are not touched, so that they can be read and selected. */
class ShownText extends LiveText {
  /** @type {Map<import("./types.js").LiveSegment, HTMLElement>} */
  #shown = new Map();
  #root;

  /** @param {HTMLElement} root */
  constructor(root) {
    super();
    this.#root = root;
  }

  /** @param {import("./types.js").LiveSegment[]} added */
  add(added) {
    super.add(added);
    const old = this.#shown;
    this.#shown = new Map(this.segments.map((each) => [each, old.get(each) ?? span(each)]));
    for (const [each, element] of old) if (!this.#shown.has(each)) element.remove();
    [...this.#shown.values()].forEach((element, index) => {
      if (this.#root.children[index] !== element) this.#root.insertBefore(element, this.#root.children[index] ?? null);
    });
  }
}

/** @param {import("./types.js").LiveSegment} segment */
function span({ text, language }) {
  return h("span", { lang: language ?? null }, `${text.trim()} `);
}

/**
 * @param {string} label
 * @param {HTMLElement} value
 */
function fact(label, value) {
  return h("div", null, h("dt", null, label), value);
}

/**
 * Opens the transcript's view, which is loaded when it is needed.
 * @param {HTMLElement} root
 * @param {TranscriptOptions} options
 * @returns {Promise<OpenView>}
 */
export async function openTranscriptIn(root, options) {
  const place = h("div");
  root.classList.add("wide");
  try {
    const { openTranscript } = await import("./transcript/view.js");
    root.replaceChildren(place);
    if (document.activeElement === document.body) root.focus(); // what had it is gone
    return openTranscript(place, options);
  } catch (error) {
    const again = h("button", { onclick: () => location.reload() }, icon("retry"), "Load the page again");
    root.replaceChildren(
      h(
        "div",
        { class: "stack" },
        h("h1", null, "The transcript cannot be shown"),
        h("p", { class: "reason", role: "alert" }, `A part of the page did not load. ${messageOf(error)}`),
        h("p", null, again),
      ),
    );
    return { close: () => undefined };
  }
}
