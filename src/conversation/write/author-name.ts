import type { DeviceId } from '../../ids.ts';

/**
 * The name that stands in a commit: what git would misread is taken out, and the device id stands in when nothing
 * remains. Source: docs/format.md, "Commits".
 */
export function authorName(displayName: string, device: DeviceId): string {
  const name = displayName
    .replace(/[<>]/g, '')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: a line break here would forge a header.
    .replace(/[\u0000-\u001f\u007f]+/g, ' ')
    .replace(/^[\s.,:;"'\\]+|[\s.,:;"'\\]+$/g, '');
  return name === '' ? device : name;
}
