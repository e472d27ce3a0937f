/**
 * Memory to read files into. The system copies out of whole pages; where the target begins as a page does, or a few bytes
 * behind, processors take the two for overlapping and copy at half their speed. Large memory always begins like that.
 */

/** Behind that, copies are fast. */
const BESIDE_PAGE_START = 64;

/** With anything in it. */
export function takeReadMemory(bytes: number): Uint8Array<ArrayBuffer> {
  const memory = Buffer.allocUnsafeSlow(BESIDE_PAGE_START + bytes).buffer;
  return new Uint8Array(memory, BESIDE_PAGE_START);
}
