/** What one can do with a recording besides reading it. */

import { confirm } from "./dialog.js";
import { messageOf } from "./errors.js";

/** @import { Page } from "./page.js" */
/** @import { Recording } from "./types.js" */

/**
 * @param {Page} page
 * @param {Recording} recording
 * @returns {Promise<Recording | null>}  Null where it did not work, which the person is told.
 */
export function cancel({ api, voice }, recording) {
  return told(voice, () => api.cancel(recording.id), `${recording.name} is cancelled.`);
}

/**
 * @param {Page} page
 * @param {Recording} recording
 * @returns {Promise<Recording | null>}  The new job.
 */
export function retry({ api, voice }, recording) {
  return told(voice, () => api.retry(recording.id), `${recording.name} is in the queue again.`);
}

/**
 * Asks first.
 * @param {Page} page
 * @param {Recording} recording
 * @returns {Promise<boolean>}  Whether it is gone.
 */
export async function remove({ api, voice }, recording) {
  const text = `The recording, its transcript and all corrections are erased from the server. This cannot be undone.`;
  if (!(await confirm({ title: `Delete ${recording.name}?`, text, yes: "Delete" }))) return false;
  const gone = await told(voice, async () => (await api.remove(recording.id), true), `${recording.name} is deleted.`);
  return gone ?? false;
}

/**
 * @template T
 * @param {import("./voice.js").Voice} voice
 * @param {() => Promise<T>} act
 * @param {string} done
 * @returns {Promise<T | null>}
 */
async function told(voice, act, done) {
  try {
    const result = await act();
    voice.notify(done);
    return result;
  } catch (error) {
    voice.notify(`That did not work: ${messageOf(error)}`);
    return null;
  }
}
