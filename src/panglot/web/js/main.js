/** Puts the page together: who we are to the server, and which part is shown. */

import { Api } from "./api.js";
import { DEFAULTS } from "./choices.js";
import { Connection } from "./connection.js";
import { fill, h } from "./dom.js";
import { messageOf } from "./errors.js";
import { takeDrops } from "./intake.js";
import { UploadJournal } from "./journal.js";
import { openLibrary } from "./library.js";
import { openOperator } from "./operator.js";
import { languageNamer } from "./page.js";
import { SessionKey } from "./preferences.js";
import { openRecording } from "./recording.js";
import { routeOf } from "./routes.js";
import { openSettings } from "./settings.js";
import { openShared } from "./shared.js";
import { openSignIn } from "./signin.js";
import { Upload, Uploads } from "./uploads.js";
import { Voice } from "./voice.js";

/** @import { Page } from "./page.js" */
/** @import { Route } from "./routes.js" */
/** @import { About } from "./types.js" */

/** @typedef {{ title: string, close: () => void, take?: (files: File[]) => void }} View */

const root = /** @type {HTMLElement} */ (document.getElementById("main"));
const key = new SessionKey();
const api = new Api({
  key: () => key.value,
  onReach: (reached) => connection.tell(reached),
  onRefused: () => void refuse(),
});
const connection = new Connection(document.body, () => api.about());
const voice = new Voice(document.querySelector("footer") ?? document.body);
const store = {
  getItem: (/** @type {string} */ name) => localStorage.getItem(name), // which throws where the browser forbids it
  setItem: (/** @type {string} */ name, /** @type {string} */ value) => localStorage.setItem(name, value),
};
const uploads = new Uploads(api, new UploadJournal(store, tabName()));
/** @type {About | null} */
let about = null;
/** @type {View | null} */
let view = null;

/** Asks the server who we are, and shows what the address says. */
async function start() {
  try {
    about = await api.about();
  } catch (error) {
    fill(root, h("h1", null, "Panglot"), h("p", { class: "quiet" }, `${messageOf(error)} Trying again …`));
    connection.addEventListener("back", () => void start(), { once: true });
    return;
  }
  show();
}

/** The key in use turned out not to be good. */
async function refuse() {
  if (about === null || !about.authenticated) return;
  about = { ...about, authenticated: false };
  show();
}

/** @param {{ moved?: boolean }} [options]  `moved`: somebody went here, so the focus goes too. */
function show({ moved = false } = {}) {
  if (about === null) return;
  view?.close();
  view = null;
  root.className = "";
  const route = routeOf(location.hash);
  const open = about.authenticated || !about.needs_key || route.name === "shared";
  drawNavigation(route, open ? about : null);
  if (open) view = opened(route, pageOf(about));
  else askForKey();
  document.title = `${view?.title ?? "API key"} – Panglot`;
  if (moved && open) focusHeading(); // the field for the key has taken it otherwise
}

/**
 * @param {Route} route
 * @param {Page} page
 * @returns {View}
 */
function opened(route, page) {
  if (route.name === "library") return openLibrary(root, page);
  if (route.name === "recording") return openRecording(root, page, route);
  if (route.name === "shared") return openShared(root, page, route);
  if (route.name === "operator") return openOperator(root, page);
  if (route.name === "settings") return openSettings(root, page, { signOut });
  fill(root, h("h1", null, "There is no such page"), h("p", null, h("a", { href: "#/" }, "All recordings")));
  return { title: "Not found", close: () => undefined };
}

/**
 * @param {About} about
 * @returns {Page}
 */
function pageOf(about) {
  return { api, about, uploads, connection, key, voice, languageName: languageNamer(about) };
}

function askForKey() {
  const onSignedIn = (/** @type {About} */ known) => {
    about = known;
    show({ moved: true });
  };
  openSignIn(root, { api, key, refused: key.value !== null, onSignedIn });
}

function signOut() {
  key.value = null;
  if (about) about = { ...about, authenticated: false };
  show({ moved: true });
}

/**
 * @param {Route} route
 * @param {About | null} known  Null where we may see nothing.
 */
function drawNavigation(route, known) {
  const link = (/** @type {string} */ href, /** @type {string} */ name, /** @type {string} */ text) =>
    h("a", { href, "aria-current": route.name === name ? "page" : null }, text);
  const navigation = /** @type {HTMLElement} */ (document.getElementById("navigation"));
  const full = known?.authenticated || known?.needs_key === false;
  fill(
    navigation,
    full && link("#/", "library", "Recordings"),
    full && known?.operator && link("#/operator", "operator", "Operator"),
    known && link("#/settings", "settings", "Settings"),
  );
  const version = document.getElementById("version");
  if (version && about) version.textContent = about.version;
}

function focusHeading() {
  const heading = root.querySelector("h1") ?? root;
  heading.tabIndex = -1;
  heading.focus();
  window.scrollTo(0, 0);
}

/** @param {File[]} files  Dropped; where the fields for choices are not open, the usual ones hold. */
function take(files) {
  if (!about || (about.needs_key && !about.authenticated) || routeOf(location.hash).name === "shared") return;
  if (view?.take) return view.take(files);
  uploads.add(files.map((file) => new Upload(file, file.name, DEFAULTS)));
  location.hash = "#/";
}

/** A name for this tab that a reload leaves as it is, where the browser keeps anything. */
function tabName() {
  const fresh = Math.random().toString(36).slice(2);
  try {
    const name = sessionStorage.getItem("panglot.tab") ?? fresh;
    sessionStorage.setItem("panglot.tab", name);
    return name;
  } catch {
    return fresh;
  }
}

window.addEventListener("hashchange", () => show({ moved: true }));
window.addEventListener("beforeunload", (event) => {
  if (uploads.active) event.preventDefault();
});
document.getElementById("skip")?.addEventListener("click", (event) => {
  event.preventDefault(); // the address's "#" says which part is shown
  focusHeading();
});
takeDrops(take, new AbortController().signal);
void start();
