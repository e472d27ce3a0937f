const POWERS: Readonly<Record<string, number>> = { '': 0, K: 1, M: 2, G: 3, T: 4 };

/** `500`, `64K`, `1.5M`, `2 GiB` → bytes, in steps of 1024 as they are shown; undefined for anything else. */
export function parseBytes(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?) ?([KMGT]?)(?:i?B)?$/i.exec(text.trim());
  const power = POWERS[match?.[2]?.toUpperCase() ?? ''];
  return match?.[1] === undefined || power === undefined ? undefined : Math.round(Number(match[1]) * 1024 ** power);
}
