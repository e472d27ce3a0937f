const FIRST_ROOM = 16;

/** Numbers that are only added to, side by side in one typed array, which has room to grow. */
export class Column<Values extends Int32Array | Float64Array> {
  readonly #make: new (
    length: number,
  ) => Values;
  #values: Values;
  #length = 0;

  constructor(make: new (length: number) => Values) {
    this.#make = make;
    this.#values = new make(FIRST_ROOM);
  }

  get length(): number {
    return this.#length;
  }

  /** 0 beyond the end. */
  at(place: number): number {
    return this.#values[place] ?? 0;
  }

  push(value: number): void {
    if (this.#length === this.#values.length) this.#grow(this.#length + 1);
    this.#values[this.#length++] = value;
  }

  pushAll(values: ArrayLike<number>): void {
    const length = this.#length + values.length;
    if (length > this.#values.length) this.#grow(length);
    this.#values.set(values, this.#length);
    this.#length = length;
  }

  /** A copy of what stands from `start` up to `end`. */
  slice(start: number, end: number): Values {
    const copy = new this.#make(end - start);
    copy.set(this.#values.subarray(start, end));
    return copy;
  }

  #grow(needed: number): void {
    const larger = new this.#make(Math.max(needed, 2 * this.#values.length));
    larger.set(this.#values);
    this.#values = larger;
  }
}
