import { MODES } from '../../events/kinds/conversation-created.ts';

const NUMBERS: ReadonlyMap<string, number> = new Map(MODES.map((name, number) => [name, number]));

/** A mode as the format writes it, for machines: 0 one-to-one … 4 document (docs/format.md, "Modes"). */
export function modeNumber(mode: string | undefined): number | undefined {
  return mode === undefined ? undefined : NUMBERS.get(mode);
}
