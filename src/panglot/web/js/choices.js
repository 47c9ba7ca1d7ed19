/** What a person can choose for a recording before it is transcribed. */

/**
 * @typedef {object} Choices
 * @property {string | null} language  Code; null to find it.
 * @property {"auto" | "off" | number} speakers  A number: exactly so many.
 * @property {string | null} model  Null for the server's own choice.
 */

/** @type {Choices} */
export const DEFAULTS = { language: null, speakers: "auto", model: null };

const LONGEST_NAME = 255;

/**
 * The parameters of a request to transcribe.
 * @param {Choices} choices
 * @param {string} address  Of the audio.
 * @param {string} name  The file's.
 * @returns {Record<string, unknown>}
 */
export function parametersOf({ language, speakers, model }, address, name) {
  return {
    audio_url: address,
    audio_name: [...name].slice(0, LONGEST_NAME).join(""),
    ...(language === null ? { language_detection: true } : { language_code: language }),
    speaker_labels: speakers !== "off",
    ...(typeof speakers === "number" ? { speakers_expected: speakers } : {}),
    ...(model === null ? {} : { speech_model: model }),
  };
}

/**
 * The name of what is behind an address: its last part.
 * @param {string} address
 */
export function nameOfAddress(address) {
  const { hostname, pathname } = new URL(address);
  const last = pathname.split("/").filter(Boolean).pop();
  try {
    return last ? decodeURIComponent(last) : hostname;
  } catch {
    return last ?? hostname;
  }
}

/**
 * @param {string} text
 * @returns {string | null}  The address, or null where the text is none that can be fetched.
 */
export function addressOf(text) {
  try {
    const url = new URL(text.trim());
    return ["http:", "https:"].includes(url.protocol) && url.hostname ? url.href : null;
  } catch {
    return null;
  }
}
