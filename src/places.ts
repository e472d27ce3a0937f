/** Places that several ask for: so many in all, and so many for each of them. */
export interface Places {
  /** Returns how to give the place back, once; undefined when there is none. Who cannot be told apart has no share of its own. */
  take(who: string | undefined): (() => void) | undefined;
}

export function createPlaces({ inAll, each }: { readonly inAll: number; readonly each: number }): Places {
  const taken = new Map<string, number>();
  let count = 0;

  function giveBack(who: string | undefined): void {
    count -= 1;
    if (who === undefined) return;
    const left = (taken.get(who) ?? 0) - 1;
    if (left > 0) taken.set(who, left);
    else taken.delete(who);
  }

  return {
    take(who) {
      const own = who === undefined ? 0 : (taken.get(who) ?? 0);
      if (count >= inAll || own >= each) return undefined;
      count += 1;
      if (who !== undefined) taken.set(who, own + 1);
      let isTaken = true;
      return () => {
        if (isTaken) giveBack(who);
        isTaken = false;
      };
    },
  };
}
