/** Figures as people read them. */
const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];

/** 65536 → `64 KiB`; one digit after the point below ten of a unit. */
export function humanBytes(bytes: number): string {
  const power = powerOf(bytes);
  const value = bytes / 1024 ** power;
  const digits = power === 0 || value >= 9.95 || Number.isInteger(value) ? 0 : 1;
  return `${value.toFixed(digits)} ${UNITS[power]}`;
}

/** Of the unit, which is one up where rounding would reach 1024. */
function powerOf(bytes: number): number {
  const power = bytes < 1 ? 0 : Math.floor(Math.log2(bytes) / 10);
  return Math.min(UNITS.length - 1, Math.round(bytes / 1024 ** power) < 1024 ? power : power + 1);
}

/** Bytes a second → `1.2 MiB/s`. */
export function humanRate(bytesPerSecond: number): string {
  return `${humanBytes(Math.round(bytesPerSecond))}/s`;
}

/** Seconds since the epoch → `2026-11-22 12:30:05` in UTC. */
export function humanTime(seconds: number): string {
  const time = new Date(seconds * 1000);
  return Number.isNaN(time.getTime()) ? String(seconds) : time.toISOString().slice(0, 19).replace('T', ' ');
}

/** The first eight digits of an id: enough for a person to tell them apart. */
export function shortId(id: string): string {
  return id.slice(0, 8);
}
