/** The time line of a recording: how loud it is, who speaks, in which language, what to check. */

import { h } from "../dom.js";
import { clock } from "../format.js";
import { columnsOf, languageBands, speakerBands } from "./bands.js";
import { COLOURS } from "./colours.js";
import { languageName } from "./languages.js";
import { spoken } from "./times.js";

/** @import * as t from "../types.js" */

/** Heights in CSS pixels. */
const WAVE = 36;
const ROW = 6;
const LANGUAGE = 6;
const GAP = 3;
const LANGUAGE_COLOURS = 5;
/** Seconds that keys move by. */
const STEPS = /** @type {Record<string, number>} */ ({
  ArrowLeft: -5,
  ArrowDown: -5,
  ArrowRight: 5,
  ArrowUp: 5,
  PageDown: -60,
  PageUp: 60,
});

export class WaveformView {
  /**
   * @param {object} options
   * @param {number} options.duration  Seconds.
   * @param {(time: number) => void} options.onSeek
   */
  constructor({ duration, onSeek }) {
    this._duration = Math.max(duration, 0.001);
    this._onSeek = onSeek;
    /** @type {readonly number[]} */
    this._peaks = [];
    /** @type {t.Document | null} */
    this._document = null;
    this._time = 0;
    this._said = -1;
    this._width = 0;
    this._away = new AbortController();
    this._resize = new ResizeObserver(() => this._draw());
    this._theme = new MutationObserver(() => this._draw());
    this._canvas = h("canvas", { "aria-hidden": "true" });
    this._played = h("div", { class: "wave-played" });
    this._head = h("div", { class: "wave-head" });
    this._tip = h("div", { class: "wave-tip small numbers", hidden: true, "aria-hidden": "true" });
    this.element = h(
      "div",
      {
        class: "wave",
        role: "slider",
        tabindex: "0",
        "aria-label": "Position in the recording",
        "aria-valuemin": "0",
        "aria-valuemax": Math.floor(this._duration),
        "aria-valuenow": "0",
      },
      this._canvas,
      this._played,
      this._head,
      this._tip,
    );
    this._listen();
  }

  /** @param {readonly number[]} peaks  From 0 to 255. */
  showPeaks(peaks) {
    this._peaks = peaks;
    this._draw();
  }

  /** @param {t.Document} document */
  showDocument(document) {
    this._document = document;
    this._draw();
  }

  /** @param {number} time */
  showTime(time) {
    const share = Math.min(time / this._duration, 1);
    this._played.style.transform = `scaleX(${share})`;
    this._head.style.transform = `translateX(${share * this._width}px)`;
    this._time = time;
    if (Math.floor(time) === this._said) return;
    this._said = Math.floor(time);
    this.element.setAttribute("aria-valuenow", String(Math.floor(time)));
    this.element.setAttribute("aria-valuetext", `${spoken(time)} of ${spoken(this._duration)}`);
  }

  close() {
    this._resize.disconnect();
    this._theme.disconnect();
    this._away.abort();
  }

  _listen() {
    this._resize.observe(this.element);
    this._theme.observe(document.documentElement, { attributeFilter: ["data-theme"] });
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this._draw(), {
      signal: this._away.signal,
    });
    this.element.addEventListener("pointerdown", (event) => this._drag(event));
    this.element.addEventListener("pointermove", (event) => this._hover(event));
    this.element.addEventListener("pointerleave", () => (this._tip.hidden = true));
    this.element.addEventListener("keydown", (event) => this._key(event));
  }

  /** @param {PointerEvent} event */
  _drag(event) {
    if (event.button !== 0) return;
    this.element.setPointerCapture(event.pointerId);
    this._onSeek(this._timeAt(event));
  }

  /** @param {PointerEvent} event */
  _hover(event) {
    const time = this._timeAt(event);
    if (this.element.hasPointerCapture(event.pointerId)) this._onSeek(time);
    const segment = this._document?.segments.find(({ start, end }) => start <= time && time < end);
    const who = segment?.speaker ? this._document?.speakers[segment.speaker] : null;
    const parts = [clock(time), who, segment?.language ? languageName(segment.language) : null];
    this._tip.textContent = parts.filter(Boolean).join(" · ");
    this._tip.hidden = false;
    const x = event.clientX - this.element.getBoundingClientRect().left;
    const half = this._tip.offsetWidth / 2;
    this._tip.style.left = `${Math.max(half, Math.min(x, this._width - half))}px`;
  }

  /** @param {KeyboardEvent} event */
  _key(event) {
    const step = STEPS[event.key];
    const to =
      event.key === "Home" ? 0 : event.key === "End" ? this._duration : step === undefined ? null : this._time + step;
    if (to === null || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    this._onSeek(Math.max(0, Math.min(to, this._duration)));
  }

  /** @param {PointerEvent} event */
  _timeAt(event) {
    const { left, width } = this.element.getBoundingClientRect();
    return Math.max(0, Math.min((event.clientX - left) / width, 1)) * this._duration;
  }

  _draw() {
    this._width = this.element.clientWidth;
    if (this._width === 0) return;
    const speakers = this._document ? speakerBands(this._document) : [];
    const languages = this._document ? languageBands(this._document) : [];
    const rows = speakers[0]?.rows ?? 0;
    const height = WAVE + (rows > 0 ? GAP + rows * ROW : 0) + (languages.length > 0 ? GAP + LANGUAGE : 0);
    this.element.style.height = `${height}px`;
    const scale = window.devicePixelRatio || 1;
    this._canvas.width = Math.round(this._width * scale);
    this._canvas.height = Math.round(height * scale);
    const context = this._canvas.getContext("2d");
    if (!context) return;
    context.scale(scale, scale);
    const colours = coloursOf(this.element);
    this._drawWave(context, colours.wave);
    for (const { start, end, row, colour } of speakers) {
      context.fillStyle = colours.speakers[colour] ?? colours.wave;
      context.fillRect(this._x(start), WAVE + GAP + row * ROW, this._length(start, end), ROW - 1);
    }
    for (const { start, end, number } of languages) {
      context.fillStyle = colours.languages[number % LANGUAGE_COLOURS] ?? colours.wave;
      context.fillRect(this._x(start), height - LANGUAGE, this._length(start, end), LANGUAGE);
    }
    context.fillStyle = colours.warn;
    for (const { start } of this._document?.findings ?? []) {
      const x = this._x(start);
      context.beginPath();
      context.moveTo(x - 4, 0);
      context.lineTo(x + 4, 0);
      context.lineTo(x, 7);
      context.fill();
    }
    this.showTime(this._time);
  }

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {string} colour
   */
  _drawWave(context, colour) {
    context.fillStyle = colour;
    for (const [x, loud] of columnsOf(this._peaks, Math.floor(this._width / 2)).entries()) {
      const size = Math.max(loud * (WAVE - 8), 1);
      context.fillRect(x * 2, 8 + (WAVE - 8 - size) / 2, 1.25, size);
    }
  }

  /** @param {number} time */
  _x(time) {
    return (time / this._duration) * this._width;
  }

  /**
   * @param {number} start
   * @param {number} end
   */
  _length(start, end) {
    return Math.max(this._x(end) - this._x(start), 1);
  }
}

/**
 * Colours as the style sheet has them now; a canvas knows no custom properties.
 * @param {HTMLElement} parent
 */
function coloursOf(parent) {
  const probe = h("span", { hidden: true });
  parent.append(probe);
  /** @param {string} name */
  const read = (name) => {
    probe.style.color = `var(${name})`;
    return getComputedStyle(probe).color;
  };
  const colours = {
    wave: read("--edge"),
    warn: read("--warn"),
    speakers: Array.from({ length: COLOURS }, (_, index) => read(`--speaker-${index}`)),
    languages: Array.from({ length: LANGUAGE_COLOURS }, (_, index) => read(`--language-${index}`)),
  };
  probe.remove();
  return colours;
}
