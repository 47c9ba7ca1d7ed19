/** Heights of the rows of a long list of which few are on the page: a Fenwick tree (P. Fenwick 1994). */

export class Heights {
  /** @param {readonly number[]} heights */
  constructor(heights) {
    this._heights = Float64Array.from(heights);
    this._tree = new Float64Array(heights.length + 1);
    for (let index = 1; index < this._tree.length; index++) {
      this._tree[index] = this._sum(index) + this.at(index - 1);
      const parent = index + (index & -index);
      if (parent < this._tree.length) this._tree[parent] = this._sum(parent) + this._sum(index);
    }
  }

  get length() {
    return this._heights.length;
  }

  get total() {
    return this.offset(this.length);
  }

  /** @param {number} index */
  at(index) {
    return this._heights[index] ?? 0;
  }

  /**
   * @param {number} index
   * @param {number} height
   */
  set(index, height) {
    const change = height - this.at(index);
    if (change === 0 || index < 0 || index >= this.length) return;
    this._heights[index] = height;
    for (let node = index + 1; node < this._tree.length; node += node & -node)
      this._tree[node] = this._sum(node) + change;
  }

  /**
   * Where a row begins: the sum of the heights before it.
   * @param {number} index
   */
  offset(index) {
    let sum = 0;
    for (let node = Math.min(index, this.length); node > 0; node -= node & -node) sum += this._sum(node);
    return sum;
  }

  /**
   * The row at a height, the first or last one outside.
   * @param {number} y
   */
  indexAt(y) {
    let index = 0;
    let rest = Math.max(y, 0);
    for (let step = 2 ** Math.floor(Math.log2(Math.max(this.length, 1))); step >= 1; step /= 2) {
      if (index + step <= this.length && this._sum(index + step) <= rest) {
        index += step;
        rest -= this._sum(index);
      }
    }
    return Math.max(Math.min(index, this.length - 1), 0);
  }

  /**
   * The rows between two heights and some more on each side.
   * @param {number} top
   * @param {number} bottom
   * @param {number} spare  In the unit of the heights.
   * @returns {{ first: number, end: number }}  `end` is the row after the last.
   */
  range(top, bottom, spare) {
    if (this.length === 0) return { first: 0, end: 0 };
    return { first: this.indexAt(top - spare), end: this.indexAt(bottom + spare) + 1 };
  }

  /** @param {number} node */
  _sum(node) {
    return this._tree[node] ?? 0;
  }
}
