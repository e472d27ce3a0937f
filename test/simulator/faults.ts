/** What goes wrong in a simulation, and how all of it ends. */
import type { Fault } from './schedule.ts';
import { type Pair, type Place, pairs, type Stage, setReachable } from './stage.ts';

export function occur(fault: Fault, stage: Stage): void {
  const { places } = stage;
  const place = 'device' in fault ? places[fault.device % places.length] : undefined;
  if (fault.kind === 'crash') crash(place, { ms: fault.ms, stage });
  else if (fault.kind === 'partition')
    cut(
      pairs(places).filter(([a, b]) => sideOf(fault, a) !== sideOf(fault, b)),
      { ms: fault.ms, stage },
    );
  else {
    const other = places[fault.other % places.length];
    if (place && other && place !== other) cut([[place, other]], { ms: fault.ms, stage });
  }
}

function crash(place: Place | undefined, { ms, stage }: Spell): void {
  if (!place?.replica) return;
  place.replica.crash();
  place.replica = undefined;
  stage.agenda.after(ms, () => void restart(place, stage));
}

/** How long a fault lasts, and where. */
interface Spell {
  readonly ms: number;
  readonly stage: Stage;
}

async function restart(place: Place, stage: Stage): Promise<void> {
  if (!place.replica) await stage.start(place);
}

function sideOf({ sides }: { readonly sides: number }, { number }: Place): number {
  return (sides >> number) & 1;
}

function cut(what: readonly Pair[], { ms, stage }: Spell): void {
  setReachable(what, stage, false);
  stage.agenda.after(ms, () => setReachable(what, stage, true));
}

/** Whatever was cut off or had crashed comes back. */
export function heal(stage: Stage): void {
  setReachable(pairs(stage.places), stage, true);
  for (const place of stage.places) void restart(place, stage);
}
