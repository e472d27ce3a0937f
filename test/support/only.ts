/** The single element of a list; a list of another length fails the test. */
export function only<Value>(list: readonly Value[]): Value {
  const [first, ...others] = list;
  if (first === undefined || others.length > 0) throw new TypeError(`expected one element, got ${list.length}`);
  return first;
}
