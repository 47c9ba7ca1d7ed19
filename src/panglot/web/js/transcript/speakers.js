/** Who speaks: the list at the top, and the dialog in which a name or a speaker is changed. */

import { fill, h } from "../dom.js";
import { talkTimes } from "./bands.js";
import { lookOf } from "./colours.js";
import { openDialog } from "./dialogs.js";

/** @import * as t from "../types.js" */

/**
 * @typedef {object} SpeakerActions
 * @property {(label: string, name: string) => void} rename
 * @property {(from: string, into: string) => void} merge
 * @property {(id: string, label: string) => void} assign
 * @property {(id: string, name: string) => void} assignNew
 */

/**
 * Shows all speakers with their share of the talking.
 * @param {HTMLElement} element
 * @param {t.Document} document
 * @param {((label: string, button: HTMLElement) => void) | null} onOpen  Null where nothing can be changed.
 */
export function showSpeakers(element, document, onOpen) {
  const times = talkTimes(document).filter(({ seconds }) => seconds > 0);
  const whole = times.reduce((sum, { seconds }) => sum + seconds, 0) || 1;
  const focused = /** @type {HTMLElement | null} */ (
    element.contains(window.document.activeElement) ? window.document.activeElement : null
  )?.dataset["label"];
  fill(
    element,
    ...times.map(({ label, seconds }) => {
      const look = lookOf(label);
      const share = `${Math.round((100 * seconds) / whole)} %`;
      const inside = [
        h("span", { class: "mark", "aria-hidden": "true" }, look?.mark),
        h("bdi", null, document.speakers[label] ?? label),
        h("span", { class: "quiet small numbers" }, share),
      ];
      const classes = `chip speaker-${look?.colour}`;
      if (onOpen === null) return h("li", null, h("span", { class: classes }, ...inside));
      const button = h(
        "button",
        { type: "button", class: classes, "data-label": label, "aria-haspopup": "dialog" },
        ...inside,
      );
      button.addEventListener("click", () => onOpen(label, button));
      return h("li", null, button);
    }),
  );
  if (focused !== undefined)
    /** @type {HTMLElement | null} */ (element.querySelector(`[data-label="${CSS.escape(focused)}"]`))?.focus();
}

/**
 * @param {t.Document} document
 * @param {{ label: string | null, segment: t.Segment | null }} about  A speaker; and a segment that is theirs.
 * @param {SpeakerActions} actions
 */
export function openSpeaker(document, { label, segment }, actions) {
  const name = label === null ? null : (document.speakers[label] ?? label);
  const others = Object.entries(document.speakers).filter(([other]) => other !== label);
  openDialog(name === null ? "Who speaks here?" : `Speaker ${name}`, (close) => [
    ...(segment ? [assignment(document, segment, actions, close)] : []),
    ...(label !== null && name !== null ? [renaming(label, name, actions, close)] : []),
    ...(label !== null && others.length > 0 ? [merging(label, others, actions, close)] : []),
  ]);
}

/**
 * @param {t.Document} document
 * @param {t.Segment} segment
 * @param {SpeakerActions} actions
 * @param {() => void} close
 */
function assignment(document, segment, actions, close) {
  const fresh = h("input", {
    type: "text",
    maxlength: "80",
    "aria-label": "Name of somebody else",
    placeholder: "Somebody else",
    autocomplete: "off",
  });
  return h(
    "section",
    { class: "stack" },
    h("h3", null, "This passage is spoken by"),
    h(
      "div",
      { class: "speaker-choices", role: "group", "aria-label": "This passage is spoken by" },
      ...Object.entries(document.speakers).map(([label, name]) => {
        const look = lookOf(label);
        const chosen = segment.speaker === label;
        const run = () => (close(), actions.assign(segment.id, label));
        return h(
          "button",
          {
            type: "button",
            class: `chip speaker-${look?.colour}`,
            "aria-pressed": String(chosen),
            onclick: run,
          },
          h("span", { class: "mark", "aria-hidden": "true" }, look?.mark),
          h("bdi", null, name),
        );
      }),
    ),
    form(
      [fresh],
      "Add",
      () => (close(), actions.assignNew(segment.id, fresh.value)),
      () => fresh.value.trim() !== "",
    ),
  );
}

/**
 * @param {string} label
 * @param {string} name
 * @param {SpeakerActions} actions
 * @param {() => void} close
 */
function renaming(label, name, actions, close) {
  const input = h("input", {
    type: "text",
    maxlength: "80",
    value: name,
    "aria-label": "Name",
    autocomplete: "off",
    autofocus: true,
  });
  return h(
    "section",
    { class: "stack" },
    h("h3", null, "Name, everywhere"),
    form(
      [input],
      "Rename",
      () => (close(), actions.rename(label, input.value)),
      () => input.value.trim() !== "",
    ),
  );
}

/**
 * @param {string} label
 * @param {[string, string][]} others
 * @param {SpeakerActions} actions
 * @param {() => void} close
 */
function merging(label, others, actions, close) {
  const select = h(
    "select",
    { "aria-label": "The same person as" },
    ...others.map(([other, name]) => h("option", { value: other }, name)),
  );
  return h(
    "section",
    { class: "stack" },
    h("h3", null, "The same person as"),
    form(
      [select],
      "Merge",
      () => (close(), actions.merge(label, select.value)),
      () => true,
    ),
  );
}

/**
 * @param {HTMLElement[]} fields
 * @param {string} verb
 * @param {() => void} run
 * @param {() => boolean} ready
 */
function form(fields, verb, run, ready) {
  const submit = (/** @type {Event} */ event) => {
    event.preventDefault();
    if (ready()) run();
  };
  return h("form", { class: "field-row", onsubmit: submit }, ...fields, h("button", { type: "submit" }, verb));
}
