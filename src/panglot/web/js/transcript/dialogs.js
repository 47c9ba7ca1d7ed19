/** Dialogs and menus over the transcript. Escape closes them, and focus goes back to where it was. */

import { h } from "../dom.js";
import { icon } from "../icons.js";

let count = 0;

/**
 * Opens a dialog.
 * @param {string} title
 * @param {(close: () => void) => (Node | string)[]} body
 * @returns {() => void}  Closes it.
 */
export function openDialog(title, body) {
  const id = `transcript-dialog-${++count}`;
  const dialog = h("dialog", { class: "transcript-dialog", "aria-labelledby": id });
  const close = () => dialog.close();
  const cross = h(
    "button",
    { type: "button", class: "plain icon-only", "aria-label": "Close", onclick: close },
    icon("close"),
  );
  dialog.append(h("div", { class: "dialog-head" }, h("h2", { id }, title), cross), ...body(close));
  dialog.addEventListener("close", () => dialog.remove());
  dialog.addEventListener("click", (event) => event.target === dialog && close()); // the backdrop
  dialog.addEventListener("keydown", (event) => event.stopPropagation()); // the page's shortcuts rest meanwhile
  document.body.append(dialog);
  dialog.showModal();
  return close;
}

/**
 * @typedef {object} MenuItem
 * @property {string} label
 * @property {string} [hint]  The key that does the same.
 * @property {boolean} [disabled]
 * @property {() => void} run
 */

/**
 * Opens a menu under a button.
 * @param {HTMLElement} button
 * @param {string} label
 * @param {MenuItem[]} items
 */
export function openMenu(button, label, items) {
  const buttons = items.map(({ label: text, hint, disabled = false, run }) =>
    h(
      "button",
      {
        type: "button",
        role: "menuitem",
        class: "plain",
        tabindex: "-1",
        "aria-disabled": disabled ? "true" : null,
        onclick: () => disabled || choose(run),
      },
      h("span", null, text),
      hint ? h("kbd", null, hint) : null,
    ),
  );
  const menu = h("div", { class: "transcript-menu", role: "menu", "aria-label": label }, ...buttons);
  const away = new AbortController();
  /** @param {boolean} back  Whether focus returns to the button. */
  const close = (back) => {
    away.abort();
    menu.remove();
    button.setAttribute("aria-expanded", "false");
    if (back && button.isConnected) button.focus();
  };
  /** @param {() => void} run */
  const choose = (run) => (close(true), run());
  menu.addEventListener("keydown", (event) => {
    event.stopPropagation();
    const here = buttons.indexOf(/** @type {HTMLButtonElement} */ (document.activeElement));
    const moves = { ArrowDown: here + 1, ArrowUp: here - 1, Home: 0, End: buttons.length - 1 };
    if (event.key in moves) {
      event.preventDefault();
      const to = moves[/** @type {keyof typeof moves} */ (event.key)];
      buttons.at(to % buttons.length)?.focus();
    } else if (event.key === "Escape" || event.key === "Tab") {
      event.preventDefault();
      close(true);
    }
  });
  window.addEventListener("pointerdown", (event) => menu.contains(/** @type {Node} */ (event.target)) || close(false), {
    capture: true,
    signal: away.signal,
  });
  window.addEventListener("resize", () => close(false), { signal: away.signal });
  window.addEventListener("hashchange", () => close(false), { signal: away.signal });
  (button.closest("main") ?? document.body).append(menu);
  button.setAttribute("aria-expanded", "true");
  place(menu, button);
  buttons[0]?.focus();
}

/**
 * Under the button, or above it where there is no room; never outside the window.
 * @param {HTMLElement} menu
 * @param {HTMLElement} button
 */
function place(menu, button) {
  const near = button.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = menu;
  const left = Math.max(8, Math.min(near.right - width, window.innerWidth - width - 8));
  const below = near.bottom + 4 + height <= window.innerHeight;
  menu.style.left = `${left}px`;
  menu.style.top = `${below ? near.bottom + 4 : Math.max(8, near.top - 4 - height)}px`;
}
