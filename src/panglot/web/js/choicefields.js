/** The fields in which a person chooses language, speakers and model. */

import { h } from "./dom.js";
import { modelNames } from "./page.js";

/** @import { Choices } from "./choices.js" */
/** @import { About } from "./types.js" */

const MOST_SPEAKERS = 10;

/**
 * @param {About} about
 * @returns {{ element: HTMLElement, value: () => Choices }}
 */
export function choiceFields(about) {
  const languages = [...(about.languages ?? [])].sort((a, b) => a.name.localeCompare(b.name));
  const language = h(
    "select",
    { name: "language" },
    h("option", { value: "" }, "Find automatically"),
    languages.map(({ code, name }) => h("option", { value: code }, name)),
  );
  const speakers = h(
    "select",
    { name: "speakers" },
    h("option", { value: "auto" }, "Tell them apart"),
    h("option", { value: "off" }, "Do not tell them apart"),
    Array.from({ length: MOST_SPEAKERS }, (_, index) => index + 1).map((count) =>
      h("option", { value: count }, count === 1 ? "Exactly 1 person" : `Exactly ${count} people`),
    ),
  );
  const models = modelNames(about);
  const model = h(
    "select",
    { name: "model" },
    h("option", { value: "" }, "The usual one"),
    models.map((name) => h("option", { value: name }, name)),
  );
  const element = h(
    "div",
    { class: "fields" },
    field("Language", language),
    field("Speakers", speakers),
    models.length > 1 && field("Model", model),
  );
  return {
    element,
    value: () => ({
      language: language.value || null,
      speakers: speakers.value === "auto" || speakers.value === "off" ? speakers.value : Number(speakers.value),
      model: model.value || null,
    }),
  };
}

/**
 * @param {string} label
 * @param {HTMLElement} control
 */
export function field(label, control) {
  return h("label", { class: "field" }, label, control);
}
