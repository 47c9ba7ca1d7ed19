/** One segment as it stands on the page. */

import { fill, h } from "../dom.js";
import { clock } from "../format.js";
import { icon } from "../icons.js";
import { directionOf, languageName, tagOf } from "./languages.js";

/** @import * as t from "../types.js" */
/** @import { RowContext } from "./rowcontext.js" */

/**
 * @param {HTMLLIElement} row
 * @param {t.Segment} segment
 * @param {RowContext} context
 */
export function fillRow(row, segment, context) {
  const { look, goesOn, showsLanguage, warnings, editable, position, count } = context;
  row.className = `segment${goesOn ? " goes-on" : ""}${look ? ` speaker-${look.colour}` : ""}`;
  row.dataset["id"] = segment.id;
  row.dir = directionOf(segment.language) === "rtl" ? "rtl" : "ltr"; // time and speaker stand where the text begins
  row.setAttribute("aria-setsize", String(count));
  row.setAttribute("aria-posinset", String(position));
  fill(
    row,
    h(
      "div",
      { class: "segment-time" },
      timeOf(segment, context.playable),
      warnings === ""
        ? null
        : h(
            "button",
            {
              type: "button",
              class: "plain warning",
              "data-part": "warning",
              "aria-label": `Check: ${warnings}`,
              title: warnings,
            },
            icon("flag"),
          ),
    ),
    h(
      "div",
      { class: "segment-who" },
      who(context),
      showsLanguage && segment.language ? h("span", { class: "language" }, languageName(segment.language)) : null,
    ),
    textOfRow(segment, context),
    editable
      ? h(
          "button",
          {
            type: "button",
            class: "plain icon-only more",
            "data-part": "more",
            "aria-haspopup": "menu",
            "aria-expanded": "false",
            "aria-label": `Change the text at ${clock(segment.start)}`,
          },
          icon("more"),
        )
      : null,
  );
}

/**
 * Words of a row, as elements.
 * @param {Element} row
 */
export function wordsOf(row) {
  return row.querySelector(".segment-text")?.children ?? [];
}

/**
 * @param {t.Segment} segment
 * @param {boolean} playable
 */
function timeOf({ start }, playable) {
  if (!playable) return h("span", { class: "time numbers" }, clock(start));
  return h(
    "button",
    { type: "button", class: "plain time numbers", "data-part": "time" },
    h("span", { class: "unseen" }, "Play from "),
    clock(start),
  );
}

/**
 * The speaker, who is not shown again while the same one goes on.
 * @param {RowContext} context
 */
function who({ name, look, goesOn, editable }) {
  if (name === null && !editable) return null;
  const shown = name ?? "Nobody";
  if (goesOn) return h("span", { class: "unseen" }, shown);
  const mark = h("span", { class: "mark", "aria-hidden": "true" }, look?.mark ?? "○");
  if (!editable) return h("span", { class: "speaker" }, mark, h("bdi", null, shown));
  return h(
    "button",
    {
      type: "button",
      class: "plain speaker",
      "data-part": "speaker",
      "aria-label": `Speaker: ${shown}. Change`,
      "aria-haspopup": "dialog",
    },
    mark,
    h("bdi", null, shown),
  );
}

/**
 * @param {t.Segment} segment
 * @param {RowContext} context
 */
function textOfRow({ words, language }, { unsure, editable }) {
  const text = h("p", {
    class: "segment-text",
    "data-part": "text",
    tabindex: "0",
    dir: directionOf(language),
    lang: language === null ? null : tagOf(language),
    "aria-describedby": editable ? "transcript-keys" : null,
  });
  for (const { text: written, probability, edited } of words) {
    const bare = written.trimStart();
    const doubtful = !edited && probability < unsure;
    text.append(
      written.slice(0, written.length - bare.length),
      h("span", { class: doubtful ? "word unsure" : "word" }, bare),
    );
  }
  return text;
}
