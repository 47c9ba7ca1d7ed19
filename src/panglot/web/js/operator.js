/** What whoever runs the server wants to know. */

import { fill, h } from "./dom.js";
import { messageOf } from "./errors.js";
import { bytes, counted, percent, roughly, when } from "./format.js";
import { Poll } from "./poll.js";
import { speedText } from "./progress.js";
import { recordingHref } from "./routes.js";
import { table } from "./table.js";

/** @import { Page } from "./page.js" */
/** @import { Operator, OperatorWorker } from "./types.js" */

const BETWEEN = 5;
/** Seconds without progress that are worth a look. */
const STALLED = 60;

/**
 * @param {HTMLElement} root
 * @param {Page} page
 */
export function openOperator(root, page) {
  const body = h("div", { class: "stack" }, h("p", { class: "quiet" }, "Loading …"));
  const updated = h("p", { class: "quiet small numbers" });
  let shown = "";
  root.replaceChildren(h("div", { class: "stack" }, h("h1", null, "Operator"), body, updated));
  const poll = new Poll(async () => {
    try {
      const operator = await page.api.operator();
      const state = JSON.stringify(operator);
      if (state !== shown && !isUsed(body)) {
        fill(body, ...sections(operator, page.languageName));
        shown = state;
      }
      updated.textContent = `As of ${new Date().toLocaleTimeString()}`;
    } catch (error) {
      if (!shown) fill(body, h("p", { class: "reason" }, messageOf(error)));
    }
    return BETWEEN;
  });
  return { title: "Operator", close: () => poll.close() };
}

/**
 * Whether somebody is reading something that drawing anew would close or lose.
 * @param {HTMLElement} body
 */
function isUsed(body) {
  return body.contains(document.activeElement) || body.querySelector("details[open]") !== null;
}

/**
 * @param {Operator} operator
 * @param {(code: string) => string} languageName
 */
function sections({ queue, workers, models, usage, failures }, languageName) {
  return [
    section(
      "Queue",
      h(
        "dl",
        { class: "facts" },
        fact("Waiting", queue.queued),
        fact("Being transcribed", queue.processing),
        fact("Longest wait", queue.oldest_wait ? roughly(queue.oldest_wait) : "–"),
      ),
    ),
    section(
      "Workers",
      table(
        "Workers",
        [
          { title: "Worker" },
          { title: "State" },
          { title: "Model" },
          { title: "Speed", number: true },
          { title: "Batch filled", number: true },
          { title: "Last seen" },
        ],
        workers.map(workerRow),
        "No worker is running: nothing will be transcribed until one is started.",
      ),
    ),
    section("Models", ...models.map((model) => modelPart(model, languageName))),
    section(
      "Use by key",
      table(
        "Use by key",
        [
          { title: "Project" },
          { title: "Key" },
          { title: "Recordings", number: true },
          { title: "Audio", number: true },
          { title: "Last used" },
        ],
        usage.map((each) => [
          each.project,
          each.key ?? "–",
          each.jobs,
          each.audio_seconds ? roughly(each.audio_seconds) : "–",
          each.last_used ? moment(each.last_used) : "never",
        ]),
        "No key has been used yet.",
      ),
    ),
    section(
      "Recent failures",
      table(
        "Recent failures",
        [{ title: "Recording" }, { title: "Project" }, { title: "When" }, { title: "Reason" }],
        failures.map((each) => [
          h("a", { href: recordingHref(each.id) }, each.id.slice(0, 8)),
          each.project,
          moment(each.when),
          h("p", null, each.error),
        ]),
        "None.",
      ),
    ),
  ];
}

/** @param {OperatorWorker} worker */
function workerRow(worker) {
  const { id, host, model, device, running, seen, speed, batch_fill: fill, stalled } = worker;
  const state =
    stalled > STALLED
      ? h("strong", { class: "problem" }, `No progress for ${roughly(stalled)}`)
      : running.length
        ? `Working on ${counted(running.length, "recording")}`
        : "Free";
  return [
    host ?? id,
    state,
    [model, device].filter((each) => each && each !== "none").join(", ") || "–",
    speed === null ? "–" : speedText(speed),
    fill === null ? "–" : `${Math.round(fill * 100)} %`,
    seen ? moment(seen) : "–",
  ];
}

/**
 * @param {Operator["models"][number]} model
 * @param {(code: string) => string} languageName
 */
function modelPart({ name, size, languages_card: card }, languageName) {
  const entries = Object.entries(card ?? {}).sort(([, a], [, b]) => a.rate - b.rate);
  const rows = entries.map(([code, { rate, n, date }]) => [languageName(code), percent(rate), n, date]);
  return h(
    "div",
    { class: "stack" },
    h("p", { class: "line" }, h("strong", null, name), size !== null && h("span", { class: "quiet" }, bytes(size))),
    rows.length
      ? h(
          "details",
          null,
          h("summary", null, `Language card: measured in ${counted(rows.length, "language")}`),
          table(
            `Languages of ${name}`,
            [
              { title: "Language" },
              { title: "Word error rate", number: true },
              { title: "Recordings", number: true },
              { title: "Measured" },
            ],
            rows,
            "",
          ),
        )
      : h("p", { class: "quiet small" }, "No language card: nothing was measured with this model here."),
  );
}

/** @param {string} iso */
function moment(iso) {
  return h("time", { datetime: iso }, when(iso));
}

/**
 * @param {string} title
 * @param {...HTMLElement} children
 */
function section(title, ...children) {
  const id = `part-${title.toLowerCase().replace(/\W+/g, "-")}`;
  return h("section", { class: "card stack", "aria-labelledby": id }, h("h2", { id }, title), children);
}

/**
 * @param {string} label
 * @param {string | number} value
 */
function fact(label, value) {
  return h("div", null, h("dt", null, label), h("dd", null, value));
}
