/** What is being saved, and what was not saved the last time. */

import { Autosave } from "./autosave.js";
import { applyDraft, Drafts } from "./draft.js";

/** @import * as t from "../types.js" */
/** @import { Api } from "../api.js" */

/** Names this page among those that are open. */
const PAGE = Math.random().toString(36).slice(2);

/**
 * What to begin editing with.
 * @typedef {object} Beginning
 * @property {t.RevisedDocument} saved  The revision that edits are made on.
 * @property {t.Document | null} draft  Changes of the last time that were not saved.
 */

/**
 * The newest revision, and what somebody wrote here before without its being saved.
 * @param {Api} api
 * @param {string} id
 * @returns {Promise<Beginning>}
 */
export async function beginning(api, id) {
  const latest = await api.document(id);
  const drafts = new Drafts(id, storeOfBrowser(), PAGE);
  const draft = drafts.read();
  if (draft === null) return { saved: latest, draft: null };
  if (draft.base === latest.revision) return { saved: latest, draft: applyDraft(latest.document, draft) };
  const base = await api.document(id, draft.base);
  const mine = applyDraft(base.document, draft);
  if (JSON.stringify(mine) !== JSON.stringify(latest.document)) return { saved: base, draft: mine };
  drafts.clear(); // it was saved, only the answer was lost
  return { saved: latest, draft: null };
}

/**
 * @param {Api} api
 * @param {string} id
 * @param {Pick<import("./autosave.js").AutosaveOptions, "saved" | "onState" | "onConflict">} options
 */
export function autosaveOf(api, id, options) {
  return new Autosave({
    ...options,
    drafts: new Drafts(id, storeOfBrowser(), PAGE),
    save: async (base, document, note) => (await api.saveRevision(id, { base, document, note })).number,
  });
}

function storeOfBrowser() {
  try {
    return localStorage;
  } catch {
    return null; // somebody who wants nothing kept
  }
}
