/** Going from one place to check to the next. */

import { fill, h } from "../dom.js";
import { explain, nextFinding, whereIs } from "./findings.js";
import { icon } from "../icons.js";

/** @import * as t from "../types.js" */

export class Checks {
  /**
   * @param {object} options
   * @param {() => t.Document} options.document
   * @param {() => number} options.time
   * @param {boolean} options.editable
   * @param {(finding: t.Finding) => void} options.onGo
   * @param {(finding: t.Finding) => void} options.onSettle
   * @param {(finding: t.Finding) => void} options.onWrite
   * @param {(text: string) => void} options.announce
   */
  constructor({ document, time, editable, onGo, onSettle, onWrite, announce }) {
    this._document = document;
    this._time = time;
    this._editable = editable;
    this._onGo = onGo;
    this._onSettle = onSettle;
    this._onWrite = onWrite;
    this._announce = announce;
    /** @type {t.Finding | null} */
    this._current = null;
    this.element = h("div", { class: "checks", role: "region", "aria-label": "Place to check", hidden: true });
  }

  /** @param {1 | -1} step */
  step(step) {
    const next = nextFinding(this._document().findings, { time: this._time(), current: this._current, step });
    if (next === null) this._announce("There is nothing to check.");
    else this.show(next);
  }

  /** @param {t.Finding} finding */
  show(finding) {
    this._current = finding;
    this._draw();
    this._onGo(finding);
    this._announce(`${whereIs(finding)}. ${explain(finding)}`);
  }

  /** After an edit. */
  refresh() {
    if (this._current === null) return;
    if (this._document().findings.includes(this._current)) this._draw();
    else this.close();
  }

  close() {
    this._current = null;
    this.element.hidden = true;
  }

  _draw() {
    const finding = this._current;
    if (finding === null) return;
    const sorted = [...this._document().findings].sort((one, other) => one.start - other.start || one.end - other.end);
    const missing = finding.kind === "speech_without_text" && this._editable;
    fill(
      this.element,
      icon("flag"),
      h(
        "p",
        null,
        h("strong", { class: "numbers" }, `${whereIs(finding)} `),
        explain(finding),
        h("span", { class: "quiet small numbers" }, ` ${sorted.indexOf(finding) + 1} of ${sorted.length}`),
      ),
      h(
        "div",
        { class: "line" },
        missing ? h("button", { type: "button", onclick: () => this._onWrite(finding) }, "Write what is said") : null,
        this._editable ? h("button", { type: "button", onclick: () => this._settle(finding) }, "It is fine") : null,
        h(
          "button",
          {
            type: "button",
            class: "plain icon-only",
            "aria-label": "Place to check before",
            title: "Before (P)",
            onclick: () => this.step(-1),
          },
          icon("up"),
        ),
        h(
          "button",
          {
            type: "button",
            class: "plain icon-only",
            "aria-label": "Next place to check",
            title: "Next (N)",
            onclick: () => this.step(1),
          },
          icon("down"),
        ),
        h(
          "button",
          { type: "button", class: "plain icon-only", "aria-label": "Close", onclick: () => this.close() },
          icon("close"),
        ),
      ),
    );
    this.element.hidden = false;
  }

  /** @param {t.Finding} finding */
  _settle(finding) {
    const next = nextFinding(this._document().findings, { time: this._time(), current: finding, step: 1 });
    this._onSettle(finding);
    if (next !== null && next !== finding) this.show(next);
    else this.close();
  }
}
