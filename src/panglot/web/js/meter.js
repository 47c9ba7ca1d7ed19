/** How loud the microphone is, drawn as it is heard. */

const BAR = 4;

/** Keeps the last loudnesses and draws them on a canvas, newest at the right. */
export class Meter {
  #context = new AudioContext();
  #analyser = this.#context.createAnalyser();
  #samples = new Float32Array(1024);
  /** @type {number[]} */
  #levels = [];
  #frame = 0;
  #canvas;

  /**
   * @param {HTMLCanvasElement} canvas
   * @param {MediaStream} stream
   */
  constructor(canvas, stream) {
    this.#canvas = canvas;
    this.#analyser.fftSize = this.#samples.length;
    this.#context.createMediaStreamSource(stream).connect(this.#analyser);
    this.#draw();
  }

  close() {
    cancelAnimationFrame(this.#frame);
    void this.#context.close();
  }

  #draw() {
    this.#analyser.getFloatTimeDomainData(this.#samples);
    const { width, height } = this.#canvas;
    this.#levels = [...this.#levels, levelOf(this.#samples)].slice(-Math.floor(width / BAR));
    const painter = this.#canvas.getContext("2d");
    if (painter) {
      painter.clearRect(0, 0, width, height);
      painter.fillStyle = getComputedStyle(this.#canvas).color;
      this.#levels.forEach((level, index) => {
        const tall = Math.max(2, level * height);
        painter.fillRect(width - (this.#levels.length - index) * BAR, (height - tall) / 2, BAR - 1, tall);
      });
    }
    this.#frame = requestAnimationFrame(() => this.#draw());
  }
}

/**
 * Loudness from 0 (60 dB under full scale, or less) to 1.
 * @param {Float32Array} samples
 */
export function levelOf(samples) {
  const power = samples.reduce((sum, each) => sum + each * each, 0) / Math.max(1, samples.length);
  return power > 0 ? Math.min(1, Math.max(0, 1 + (10 * Math.log10(power)) / 60)) : 0;
}
