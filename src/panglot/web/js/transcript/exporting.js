/** Taking a transcript away as a file. */

import { h, write } from "../dom.js";
import { keep } from "../download.js";
import { messageOf } from "../errors.js";
import { openDialog } from "./dialogs.js";

/** @import * as t from "../types.js" */

/** @type {{ format: t.ExportFormat, name: string, use: string }[]} */
const FORMATS = [
  { format: "txt", name: "Text", use: "txt, to read or paste" },
  { format: "docx", name: "Word", use: "docx, with speakers and times" },
  { format: "srt", name: "Subtitles", use: "srt, for most players" },
  { format: "vtt", name: "Web captions", use: "vtt, for web pages" },
  { format: "md", name: "Markdown", use: "md, for notes" },
  { format: "csv", name: "Table", use: "csv, one row for each segment" },
  { format: "json", name: "Data", use: "json, with every word and time" },
];

/**
 * @param {object} options
 * @param {import("../api.js").Api} options.api
 * @param {string} options.id
 * @param {() => Promise<number | null>} options.revision  The one to export, after saving what is not saved.
 */
export function openExport({ api, id, revision }) {
  /** @type {t.ExportFormat} */
  let chosen = "txt";
  const length = h("input", {
    type: "number",
    min: "10",
    max: "200",
    step: "1",
    inputmode: "numeric",
    placeholder: "42",
    name: "length",
  });
  const speed = h("input", {
    type: "number",
    min: "5",
    max: "50",
    step: "1",
    inputmode: "numeric",
    placeholder: "20",
    name: "speed",
  });
  const captions = h(
    "div",
    { class: "caption-settings", hidden: true },
    h("label", { class: "field" }, "Characters in a line", length),
    h("label", { class: "field" }, "Characters a second", speed),
  );
  const problem = h("p", { class: "problem", role: "alert" });
  /** @param {t.ExportFormat} format */
  const choose = (format) => {
    chosen = format;
    captions.hidden = format !== "srt" && format !== "vtt";
  };
  /** @param {() => void} close */
  const download = async (close) => {
    const captioned = !captions.hidden;
    try {
      const options = {
        format: chosen,
        maxLineLength: captioned ? numberOf(length) : null,
        readingSpeed: captioned ? numberOf(speed) : null,
      };
      keep(await api.exportFile(id, { ...options, revision: await revision() }));
      close();
    } catch (error) {
      write(problem, messageOf(error));
    }
  };
  openDialog("Export", (close) => [
    h(
      "form",
      {
        class: "stack",
        onsubmit: (/** @type {Event} */ event) => (event.preventDefault(), void download(close)),
      },
      h(
        "fieldset",
        { class: "formats" },
        h("legend", { class: "unseen" }, "Format"),
        ...FORMATS.map(({ format, name, use }) =>
          h(
            "label",
            { class: "choice" },
            h("input", {
              type: "radio",
              name: "format",
              value: format,
              checked: format === chosen,
              onchange: () => choose(format),
            }),
            h("span", null, name, h("span", { class: "quiet small" }, ` ${use}`)),
          ),
        ),
      ),
      captions,
      problem,
      h("div", { class: "line" }, h("button", { type: "submit", class: "main" }, "Download")),
    ),
  ]);
}

/** @param {HTMLInputElement} input */
function numberOf(input) {
  return input.value.trim() === "" ? null : Number(input.value);
}
