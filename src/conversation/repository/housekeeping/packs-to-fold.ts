export interface PackSize {
  readonly name: string;
  readonly objects: number;
}

/** A pack stays as it is while it has at least so many times the objects of all smaller ones together. */
const FACTOR = 2;

/**
 * Which packs go into the new one, when `loose` objects are packed: the small ones, so that each pack that stays is at least
 * twice as large as all smaller ones together. So there are as many packs as the number of objects has binary digits, and
 * an object is written again as often, not each time.
 */
export function packsToFold(loose: number, packs: readonly PackSize[]): readonly string[] {
  const ascending = packs.toSorted((a, b) => a.objects - b.objects || (a.name < b.name ? -1 : 1));
  let folded = 0;
  let sum = loose;
  for (const [place, { objects }] of ascending.entries()) {
    // A large pack may have to go along because of small ones above the others, so all are looked at.
    if (objects < FACTOR * sum) folded = place + 1;
    sum += objects;
  }
  return ascending.slice(0, folded).map(({ name }) => name);
}
