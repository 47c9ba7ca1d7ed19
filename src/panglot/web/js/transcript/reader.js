/** A transcript on the page: its text, its time line and its audio. What only an editor can do comes from outside. */

import { h, write } from "../dom.js";
import { clock, counted } from "../format.js";
import { icon } from "../icons.js";
import { Checks } from "./checks.js";
import { FindBar } from "./findbar.js";
import { languageName } from "./languages.js";
import { TranscriptList } from "./list.js";
import { Player } from "./player.js";
import { readingNow } from "./reading.js";
import { showSpeakers } from "./speakers.js";
import { Tools } from "./tools.js";
import { Transport } from "./transport.js";
import { WaveformView } from "./waveform.js";
import { WordIndex } from "./wordindex.js";

/** @import * as t from "../types.js" */
/** @import { Place } from "./wordindex.js" */

/**
 * @typedef {object} Source
 * @property {t.Recording} recording
 * @property {t.Document} document
 * @property {boolean} editable
 * @property {boolean} home  Whether there is a list of recordings to go back to.
 * @property {() => Promise<string | null>} audio
 * @property {(buckets: number) => Promise<t.Waveform>} waveform
 */

/**
 * @typedef {object} ReaderActions
 * @property {(segment: t.Segment | null, label: string | null) => void} onSpeaker
 * @property {import("./list.js").ListActions["onMore"]} onMore
 * @property {import("./list.js").ListActions["onText"]} onText
 * @property {import("./list.js").ListActions["onSplitText"]} onSplitText
 * @property {import("./list.js").ListActions["onSplit"]} onSplit
 * @property {(finding: t.Finding) => void} onSettle
 * @property {(finding: t.Finding) => void} onWrite
 * @property {import("./tools.js").ToolActions} tools
 * @property {(text: string) => void} announce
 */

const BUCKETS = 2000;

export class Reader {
  /**
   * @param {Source} source
   * @param {ReaderActions} actions
   */
  constructor(source, actions) {
    const { recording, document, editable, home } = source;
    this._source = source;
    this._document = document;
    this._actions = actions;
    this._index = new WordIndex(document.segments);
    this.reading = readingNow();
    this._word = /** @type {Place | null} */ (null);
    this.player = new Player({
      link: source.audio,
      onTime: (time) => this._showTime(time),
      onState: (state) => this.transport.showState(state),
    });
    this.transport = new Transport(this.player, document.duration);
    this._wave = new WaveformView({ duration: document.duration, onSeek: (time) => this.seek(time) });
    this.tools = new Tools(
      { ...actions.tools, check: () => this.checks.step(1), find: () => this.find.open() },
      editable,
    );
    this.list = new TranscriptList(document, {
      unsure: this.reading.unsure,
      editable,
      playable: recording.has_audio,
      actions: this._listActions(),
    });
    this.find = new FindBar({
      document: () => this._document,
      here: () => this.list.top,
      onHits: (hits, current) => this._showHits(hits, current),
      onClose: () => this.list.focusTop(),
    });
    this.checks = new Checks({
      document: () => this._document,
      time: () => this.player.time,
      editable,
      onGo: (finding) => this._go(finding),
      onSettle: actions.onSettle,
      onWrite: actions.onWrite,
      announce: actions.announce,
    });
    this._speakers = h("ul", { class: "speakers", role: "list", "aria-label": "Speakers" });
    this._facts = h("p", { class: "quiet small numbers" });
    this.note = h("div", { class: "transcript-note" });
    this.element = h(
      "section",
      { class: "transcript", "aria-labelledby": "transcript-name" },
      h(
        "div",
        { class: "transcript-head" },
        home ? h("a", { href: "#/", class: "line small" }, icon("back"), "All recordings") : null,
        h("h1", { id: "transcript-name", dir: "auto" }, recording.name),
        this._facts,
        this._speakers,
      ),
      h("div", { class: "transcript-tools" }, this.tools.element, this.find.element),
      this.note,
      this.list.element,
      document.segments.length === 0 ? h("p", { class: "quiet" }, "No speech was found in this recording.") : null,
      h("p", { id: "transcript-keys", class: "unseen" }, "Arrow keys choose a word, Enter plays from it, E writes."),
      h("div", { class: "transcript-foot" }, this.checks.element, this._wave.element, this.transport.element),
    );
    this._away = new AbortController();
    window.addEventListener("wheel", () => this._leave(), { passive: true, signal: this._away.signal });
    window.addEventListener("touchmove", () => this._leave(), { passive: true, signal: this._away.signal });
    this._showAround();
  }

  /**
   * Call once it is on the page.
   * @param {number | null} at  Second to go to.
   */
  open(at) {
    this.list.open();
    void this.player.open();
    this._source.waveform(BUCKETS).then(
      ({ peaks }) => this._wave.showPeaks(peaks),
      () => {},
    ); // the bands are there without
    if (at === null) return;
    this.seek(at);
    const place = this._index.near(at);
    if (place) this.list.reveal(place.segment, { word: place.word, always: true });
  }

  close() {
    this._away.abort();
    this.player.close();
    this.list.close();
    this._wave.close();
  }

  /** @param {t.Document} document */
  show(document) {
    this._document = document;
    this._index = new WordIndex(document.segments);
    this.list.showSpoken(null);
    this._word = null;
    this.list.show(document);
    this._showAround();
    this.checks.refresh();
    this.find.refresh();
    this._showTime(this.player.time);
  }

  /** @param {import("./reading.js").Reading} reading */
  showReading(reading) {
    this.reading = reading;
    this.list.showUnsure(reading.unsure);
  }

  /** @param {number} time */
  seek(time) {
    this.transport.follow(true);
    this.player.seek(time);
    const place = this._index.near(time);
    if (place) this.list.reveal(place.segment, { word: place.word });
  }

  _showAround() {
    const { duration, segments, findings } = this._document;
    const languages = [...new Set(segments.flatMap(({ language }) => language ?? []))].map(languageName);
    const words = segments.reduce((sum, segment) => sum + segment.words.length, 0);
    write(this._facts, [clock(duration), languages.join(", "), counted(words, "word")].filter(Boolean).join(" · "));
    showSpeakers(
      this._speakers,
      this._document,
      this._source.editable ? (label) => this._actions.onSpeaker(null, label) : null,
    );
    this._wave.showDocument(this._document);
    this.tools.showChecks(findings.length);
  }

  /** @param {number} time */
  _showTime(time) {
    this._wave.showTime(time);
    this.transport.showTime(time);
    const place = this._index.at(time);
    if (place === this._word) return;
    this._word = place;
    this.list.showSpoken(place);
    if (place && this.player.playing && this.transport.following) this.list.reveal(place.segment, { word: place.word });
  }

  /** Somebody scrolls: what is spoken no longer pulls the text along. */
  _leave() {
    if (this.player.playing) this.transport.follow(false);
  }

  /**
   * @param {readonly import("./search.js").Hit[]} hits
   * @param {number} current
   */
  _showHits(hits, current) {
    this.list.showFound(hits, current);
    const hit = hits[current];
    if (!hit) return;
    this.transport.follow(false);
    this.list.reveal(hit.segment, { word: hit.words.first });
  }

  /** @param {t.Finding} finding */
  _go(finding) {
    this.seek(finding.start);
    const place = this._index.near(finding.start);
    if (place) this.list.flash(place.segment);
  }

  /** @returns {import("./list.js").ListActions} */
  _listActions() {
    const { onSpeaker, onMore, onText, onSplitText, onSplit, announce } = this._actions;
    return {
      onWord: ({ segment, word }, play) => this._jump(this._document.segments[segment]?.words[word]?.start, play),
      onTime: (segment, play) => this._jump(segment.start, play),
      onSpeaker: (segment) => onSpeaker(segment, segment.speaker),
      onMore,
      onWarning: (segment) => {
        const finding = this._document.findings.find(({ start, end }) => start < segment.end && end > segment.start);
        if (finding) this.checks.show(finding);
      },
      onText,
      onSplitText,
      onSplit,
      onToggle: () => this.player.toggle(),
      announce,
    };
  }

  /**
   * @param {number | undefined} time
   * @param {boolean} play
   */
  _jump(time, play) {
    if (time === undefined) return;
    this.transport.follow(true);
    this.player.seek(time);
    if (play) void this.player.play();
  }
}
