/** Names of languages and the direction they are written in. */

/** Codes of languages written from right to left. */
const RIGHT_TO_LEFT = new Set(["ar", "ckb", "dv", "fa", "he", "iw", "ks", "ku", "ps", "sd", "ug", "ur", "yi"]);

/** Whisper's codes that are not those of BCP 47. */
const OTHER_CODES = new Map([
  ["jw", "jv"],
  ["iw", "he"],
]);

const names = new Intl.DisplayNames(["en"], { type: "language", fallback: "code" });

/**
 * @param {string | null} code
 * @returns {"rtl" | "ltr" | "auto"}  `auto` where the language is not known.
 */
export function directionOf(code) {
  if (code === null) return "auto";
  return RIGHT_TO_LEFT.has(code.split("-")[0] ?? code) ? "rtl" : "ltr";
}

/**
 * The code for a `lang` attribute.
 * @param {string} code
 */
export function tagOf(code) {
  return OTHER_CODES.get(code) ?? code;
}

/** @param {string} code */
export function languageName(code) {
  try {
    return names.of(tagOf(code)) ?? code;
  } catch {
    return code; // not a language tag at all
  }
}
