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
    if (this.#length === this.#values.length) {
      const larger = new this.#make(2 * this.#length);
      larger.set(this.#values);
      this.#values = larger;
    }
    this.#values[this.#length++] = value;
  }
}
