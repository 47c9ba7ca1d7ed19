/** One recording in the list. */

import { h, fill, set, write } from "./dom.js";
import { clock, counted, when } from "./format.js";
import { cutAtHits } from "./highlight.js";
import { icon } from "./icons.js";
import { isActive, isCancelled, progressParts, shareDone, stateText } from "./progress.js";
import { recordingHref } from "./routes.js";

/** @import { Recording } from "./types.js" */

/**
 * @typedef {object} RowActions
 * @property {(recording: Recording) => void} cancel
 * @property {(recording: Recording) => void} retry
 * @property {(recording: Recording) => void} remove
 * @property {(code: string) => string} languageName
 */

export class Row {
  #name = h("a", { dir: "auto" });
  #actions = h("div", { class: "actions" });
  #state = h("span", { class: "state" });
  #facts = h("span", { class: "quiet numbers" });
  #bar = h("progress", { class: "wide", max: 1 });
  #reason = h("p", { class: "reason wide", dir: "auto" });
  #text = h("p", { class: "excerpt wide", dir: "auto" });
  #matches = h("ul", { class: "matches wide" });
  #does;
  /** @type {Recording} */
  #recording;
  #shown = "";
  #matched = "";

  /**
   * @param {Recording} recording
   * @param {RowActions} does
   */
  constructor(recording, does) {
    this.#recording = recording;
    this.#does = does;
    this.element = h(
      "li",
      { class: "card row" },
      h("h3", null, this.#name),
      this.#actions,
      this.#bar,
      h("p", { class: "line small wide" }, this.#state, this.#facts),
      this.#reason,
      this.#text,
      this.#matches,
    );
  }

  /**
   * @param {Recording} recording
   * @param {{ live: string, query: string }} more  `live`: the last words of one that is being worked on.
   */
  update(recording, { live, query }) {
    this.#recording = recording;
    const { name, status, error } = recording;
    const failed = status === "error";
    write(this.#name, name);
    set(this.#name, { href: recordingHref(recording.id) });
    if (this.#shown !== status) this.#showButtons();
    this.#shown = status;
    write(this.#state, status === "completed" ? "" : stateText(recording));
    this.#state.classList.toggle("error", failed && !isCancelled(error));
    write(this.#facts, factsOf(recording, this.#does.languageName).join(" · "));
    set(this.#bar, { value: shareDone(recording), "aria-label": `Progress of ${name}` });
    this.#bar.hidden = status !== "processing";
    this.#reason.hidden = !failed || isCancelled(error);
    write(this.#reason, error ?? "");
    const hits = recording.matches ?? [];
    this.#text.hidden = hits.length > 0;
    write(this.#text, isActive(recording) ? live : recording.excerpt || emptyText(recording));
    this.#showMatches(hits, query);
  }

  #showButtons() {
    const focused = this.#actions.contains(document.activeElement);
    fill(this.#actions, ...this.#buttons());
    if (focused) this.#name.focus(); // the button that was pressed is gone
  }

  #buttons() {
    const { status, name } = this.#recording;
    const button = (
      /** @type {string} */ label,
      /** @type {Parameters<typeof icon>[0]} */ drawing,
      /** @type {() => void} */ act,
    ) =>
      h(
        "button",
        { class: "plain icon-only", "aria-label": `${label}: ${name}`, title: label, onclick: act },
        icon(drawing),
      );
    return [
      isActive(this.#recording) && button("Cancel", "close", () => this.#does.cancel(this.#recording)),
      status === "error" && button("Try again", "retry", () => this.#does.retry(this.#recording)),
      !isActive(this.#recording) && button("Delete", "trash", () => this.#does.remove(this.#recording)),
    ];
  }

  /**
   * @param {NonNullable<Recording["matches"]>} hits
   * @param {string} query
   */
  #showMatches(hits, query) {
    const key = JSON.stringify([hits, query]);
    if (key === this.#matched) return;
    this.#matched = key;
    const { id } = this.#recording;
    fill(
      this.#matches,
      hits.map((hit) =>
        h(
          "li",
          null,
          h(
            "a",
            { href: recordingHref(id, hit.start) },
            h("span", { class: "numbers" }, clock(hit.start)),
            h(
              "span",
              { dir: "auto" },
              cutAtHits(hit.text, query).map((part) => (part.hit ? h("mark", null, part.text) : part.text)),
            ),
          ),
        ),
      ),
    );
    this.#matches.hidden = hits.length === 0;
  }
}

/**
 * @param {Recording} recording
 * @param {(code: string) => string} languageName
 */
function factsOf(recording, languageName) {
  const { status, created, duration, languages, speakers } = recording;
  if (status === "processing") return progressParts(recording);
  const facts = [when(created)];
  if (duration !== null) facts.push(clock(duration));
  if (status !== "completed") return facts;
  if (languages.length)
    facts.push(languages.slice(0, 3).map(languageName).join(", ") + (languages.length > 3 ? " …" : ""));
  if (speakers) facts.push(counted(speakers, "speaker"));
  return facts;
}

/** @param {Recording} recording */
function emptyText({ status }) {
  return status === "completed" ? "Nobody speaks in this recording." : "";
}
