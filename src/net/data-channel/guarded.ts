/** Whatever goes wrong in a callback is told by the state that follows. */
export function guarded<Args extends unknown[]>(callback: (...args: Args) => unknown): (...args: Args) => void {
  return (...args) => quietly(() => callback(...args));
}

export function quietly(work: () => unknown): void {
  try {
    work();
  } catch {
    // The library throws for what is closed already.
  }
}
