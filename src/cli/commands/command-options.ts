/** What options of the command line are given as, for commander to parse. */
import { InvalidArgumentError } from 'commander';
import { parseBytes } from '../input/parse-bytes.ts';

/** 0 is any free port. */
export function parsePort(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new InvalidArgumentError('a port is a number up to 65535.');
  return port;
}

/** Bytes a second. */
export function parseRate(text: string): number {
  const rate = parseBytes(text);
  if (rate === undefined) throw new InvalidArgumentError('a rate is a number of bytes a second, as 500K or 2M.');
  return rate;
}
