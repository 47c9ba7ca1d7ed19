/** Asks for an API key, where the server wants one. */

import { field } from "./choicefields.js";
import { h } from "./dom.js";
import { messageOf } from "./errors.js";

/** @import { Api } from "./api.js" */
/** @import { SessionKey } from "./preferences.js" */
/** @import { About } from "./types.js" */

/**
 * @param {HTMLElement} root
 * @param {{ api: Api, key: SessionKey, refused: boolean, onSignedIn: (about: About) => void }} options
 *     `refused`: a key was given and is not good (any more).
 */
export function openSignIn(root, { api, key, refused, onSignedIn }) {
  const input = h("input", {
    type: "password",
    name: "key",
    autocomplete: "off",
    required: true,
    spellcheck: "false",
  });
  const problem = h("p", { class: "reason", role: "alert", hidden: true });
  const button = h("button", { class: "main" }, "Go on");
  const complain = (/** @type {string} */ text) => {
    problem.textContent = text;
    problem.hidden = false;
    input.focus();
    input.select();
  };
  const submit = async (/** @type {Event} */ event) => {
    event.preventDefault();
    button.disabled = true;
    key.value = input.value.trim().replace(/^bearer\s+/i, "");
    try {
      const about = await api.about();
      if (about.authenticated) return onSignedIn(about);
      key.value = null;
      complain("The server does not know this key. Check that it was copied completely.");
    } catch (error) {
      complain(messageOf(error));
    } finally {
      button.disabled = false;
    }
  };
  root.replaceChildren(
    h(
      "form",
      { class: "card stack", onsubmit: submit },
      h("h1", null, "Enter your API key"),
      h(
        "p",
        { class: "quiet" },
        "You get it from whoever runs this server. It stays in this tab and is forgotten when the tab is closed.",
      ),
      field("API key", input),
      problem,
      h("div", null, button),
    ),
  );
  input.focus();
  if (refused) complain("The server does not know the key that was used so far. It may have been withdrawn.");
}
