/** The audio of a recording. */

/** Milliseconds between two attempts to get a new link, as when the old one has run out. */
const PATIENCE = 5000;

/**
 * @typedef {object} PlayerOptions
 * @property {() => Promise<string | null>} link  Address of the audio; null where it was not kept.
 * @property {(time: number) => void} onTime  With every frame while it plays, and after every jump.
 * @property {(state: PlayerState) => void} onState
 */

/** @typedef {"opening" | "paused" | "playing" | "absent" | "broken"} PlayerState */

export class Player {
  /** @param {PlayerOptions} options */
  constructor({ link, onTime, onState }) {
    this._link = link;
    this._onTime = onTime;
    this._onState = onState;
    this._audio = new Audio();
    this._audio.preload = "metadata";
    this._time = 0;
    this._frame = 0;
    this._renewed = -Infinity;
    /** @type {PlayerState} */
    this._state = "opening";
    this._closed = false;
    this._audio.addEventListener("play", () => this._play());
    this._audio.addEventListener("pause", () => this._rest());
    this._audio.addEventListener("ended", () => this._rest());
    this._audio.addEventListener("error", () => void this._renew());
  }

  get time() {
    return this._time;
  }

  get playing() {
    return this._state === "playing";
  }

  get usable() {
    return this._state === "paused" || this._state === "playing";
  }

  get rate() {
    return this._audio.playbackRate;
  }

  set rate(rate) {
    this._audio.defaultPlaybackRate = rate; // a new source begins with this one
    this._audio.playbackRate = rate;
  }

  async open() {
    let address = null;
    try {
      address = await this._link();
    } catch {
      return this._tell("broken");
    }
    if (this._closed) return;
    if (address === null) return this._tell("absent");
    this._audio.src = address;
    if (this._time > 0) this._audio.currentTime = this._time;
    this._tell("paused");
  }

  toggle() {
    if (this.playing) this._audio.pause();
    else void this.play();
  }

  async play() {
    if (this._state === "broken") await this.open();
    if (!this.usable) return;
    await this._audio.play().catch(() => {}); // the error event tells why
  }

  /** @param {number} time */
  seek(time) {
    const end = Number.isFinite(this._audio.duration) ? this._audio.duration : Infinity;
    this._time = Math.max(0, Math.min(time, end));
    if (this._audio.src) this._audio.currentTime = this._time;
    this._onTime(this._time);
  }

  /** @param {number} seconds */
  skip(seconds) {
    this.seek(this._time + seconds);
  }

  close() {
    this._closed = true;
    cancelAnimationFrame(this._frame);
    this._audio.pause();
    this._audio.removeAttribute("src");
    this._audio.load();
  }

  _play() {
    this._tell("playing");
    cancelAnimationFrame(this._frame);
    const tick = () => {
      this._time = this._audio.currentTime;
      this._onTime(this._time);
      this._frame = requestAnimationFrame(tick);
    };
    tick();
  }

  _rest() {
    cancelAnimationFrame(this._frame);
    if (this._state === "playing") this._tell("paused");
  }

  async _renew() {
    if (this._closed || !this._audio.src) return;
    const played = this.playing;
    this._rest();
    if (performance.now() - this._renewed < PATIENCE) return this._tell("broken");
    this._renewed = performance.now();
    await this.open();
    if (played) await this.play();
  }

  /** @param {PlayerState} state */
  _tell(state) {
    if (this._closed) return;
    this._state = state;
    this._onState(state);
  }
}
