/** A transcript as text to paste. */

import { textOf } from "./words.js";

/** @import * as t from "../types.js" */

/**
 * A paragraph for each speaker's turn, with the name in front where there are names.
 * @param {t.Document} document
 */
export function plainText({ segments, speakers }) {
  /** @type {{ speaker: string | null, texts: string[] }[]} */
  const turns = [];
  for (const segment of segments) {
    const last = turns.at(-1);
    if (last && last.speaker === segment.speaker) last.texts.push(textOf(segment).trim());
    else turns.push({ speaker: segment.speaker, texts: [textOf(segment).trim()] });
  }
  return turns
    .map(({ speaker, texts }) => (speaker === null ? "" : `${speakers[speaker] ?? speaker}: `) + texts.join(" "))
    .join("\n\n");
}

/** @param {string} text */
export async function copy(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const field = document.createElement("textarea"); // pages that are not served safely have no clipboard
  field.value = text;
  document.body.append(field);
  field.select();
  document.execCommand("copy");
  field.remove();
}
