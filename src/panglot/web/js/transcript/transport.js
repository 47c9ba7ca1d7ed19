/** The buttons under the time line: playing, speed, following. */

import { h, write } from "../dom.js";
import { clock } from "../format.js";
import { icon } from "../icons.js";

/** @import { Player, PlayerState } from "./player.js" */

export const SPEEDS = [0.5, 0.75, 1, 1.25, 1.5, 1.75, 2, 2.5, 3];

/** @type {Partial<Record<PlayerState, string>>} */
const NOTES = {
  absent: "The recording was not kept, so it cannot be played.",
  broken: "The recording cannot be played at the moment.",
};

export class Transport {
  /**
   * @param {Player} player
   * @param {number} duration
   */
  constructor(player, duration) {
    this._player = player;
    this._duration = clock(duration);
    this.following = true;
    this._toggle = h(
      "button",
      {
        type: "button",
        class: "main icon-only play",
        "aria-label": "Play",
        title: "Play or pause (K)",
        onclick: () => player.toggle(),
      },
      icon("play"),
      icon("pause"),
    );
    this._back = jump("5 seconds back", "5 seconds back (J)", "rewind", () => player.skip(-5));
    this._on = jump("5 seconds on", "5 seconds on (L)", "forward", () => player.skip(5));
    this._time = h("span", { class: "numbers small time-now" }, `0:00 / ${this._duration}`);
    this._speed = h(
      "select",
      { "aria-label": "Speed", class: "speed", onchange: () => (player.rate = Number(this._speed.value)) },
      ...SPEEDS.map((speed) => h("option", { value: speed, selected: speed === 1 }, `${speed} ×`)),
    );
    this._follow = h(
      "button",
      {
        type: "button",
        class: "plain",
        "aria-pressed": "true",
        title: "Keep the spoken words in view",
        onclick: () => this.follow(!this.following),
      },
      icon("follow"),
      h("span", null, "Follow"),
    );
    this._note = h("span", { class: "small quiet" });
    this.element = h(
      "div",
      { class: "transport", role: "group", "aria-label": "Playing" },
      this._back,
      this._toggle,
      this._on,
      this._time,
      this._speed,
      this._follow,
      this._note,
    );
    this.showState("opening");
  }

  /** @param {boolean} following */
  follow(following) {
    this.following = following;
    this._follow.setAttribute("aria-pressed", String(following));
  }

  /** @param {1 | -1} step */
  faster(step) {
    const next = SPEEDS[SPEEDS.indexOf(this._player.rate) + step];
    if (next === undefined) return;
    this._player.rate = next;
    this._speed.value = String(next);
  }

  /** @param {number} time */
  showTime(time) {
    write(this._time, `${clock(time)} / ${this._duration}`);
  }

  /** @param {PlayerState} state */
  showState(state) {
    const playing = state === "playing";
    this._toggle.classList.toggle("playing", playing);
    this._toggle.setAttribute("aria-label", playing ? "Pause" : "Play");
    for (const control of [this._toggle, this._back, this._on, this._speed])
      control.disabled = state === "absent" || state === "opening";
    write(this._note, NOTES[state] ?? "");
  }
}

/**
 * @param {string} label
 * @param {string} title
 * @param {import("../icons.js").IconName} sign
 * @param {() => void} run
 */
function jump(label, title, sign, run) {
  return h(
    "button",
    { type: "button", class: "plain icon-only jump", "aria-label": label, title, onclick: run },
    icon(sign),
    h("span", { "aria-hidden": "true" }, "5"),
  );
}
