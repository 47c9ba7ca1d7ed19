/**
 * What every part of the page is given.
 * @typedef {object} Page
 * @property {import("./api.js").Api} api
 * @property {import("./types.js").About} about
 * @property {import("./uploads.js").Uploads} uploads
 * @property {import("./connection.js").Connection} connection
 * @property {import("./preferences.js").SessionKey} key
 * @property {import("./voice.js").Voice} voice
 * @property {(code: string) => string} languageName
 */

/**
 * Makes a function that names languages, as the server does.
 * @param {import("./types.js").About} about
 * @returns {(code: string) => string}
 */
export function languageNamer(about) {
  const names = new Map((about.languages ?? []).map(({ code, name }) => [code, name]));
  return (code) => names.get(code) ?? code;
}

/**
 * @param {import("./types.js").About} about
 * @returns {string[]}  Names of the models one can choose.
 */
export function modelNames(about) {
  return (about.models ?? []).map((each) => (typeof each === "string" ? each : each.name));
}
