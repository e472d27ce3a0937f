import fc from 'fast-check';
import { expect, it } from 'vitest';
import { isOrdinaryText } from '../../../src/conversation/rules/ordinary.ts';

/** What stands between the quotes of a body, as it is. */
const raw = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({
    unit: fc.constantFrom('a', ' ', '\u001f', '\u007f', '\u2028', '\ud800', '\\', '"', '\\"', '\\u0041', '","edit":"e'),
  }),
);

it('calls a message with a text ordinary, and of what looks like one no more than strict JSON does', () => {
  fc.assert(
    fc.property(raw, (body) => {
      const message = `{"body":"${body}","type":"text/plain"}`;
      expect(isOrdinaryText(message)).toBe(isMessage(message));
    }),
    { examples: [['Hello'], [''], ['\n'], ['","edit":"e']] },
  );
});

it.each([
  '{"body":"Hello","type":"text/plain"} ',
  '{"body":"Hello","type":"vote"}',
  '{"body":"Hello","type":"text/plain"}{}',
  '{"body":{},"type":"text/plain"}',
])('calls %s ordinary only where JSON says the same', (message) => {
  expect(isOrdinaryText(message)).toBe(isMessage(message));
});

function isMessage(text: string): boolean {
  try {
    const body: unknown = JSON.parse(text);
    return isFlat(body) && !('edit' in body) && body['type'] === 'text/plain';
  } catch {
    return false;
  }
}

function isFlat(value: unknown): value is Record<string, unknown> {
  return (
    typeof value === 'object' && value !== null && Object.values(value).every((field) => typeof field === 'string')
  );
}
