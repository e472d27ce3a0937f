/** What a relay's refusal comes to, and what can be done: RFC 8489 §14.8, RFC 8656 §19, RFC 6062 §6.3. */
const WORDS: ReadonlyMap<number, string> = new Map([
  [300, 'it sends this device to another server; name that one'],
  [400, 'it does not understand the request; is it a TURN server?'],
  [
    401,
    'wrong credentials: compare the user name and password with those in its configuration; where they are made of a secret, look at both clocks as well',
  ],
  [403, 'it does not forward to that address; its own configuration decides (denied-peer-ip)'],
  [437, 'it has forgotten the place that this device had'],
  [438, 'it did not accept any of its own challenges; look at its clock'],
  [440, 'it has no address of that family'],
  [441, 'the place was reserved under another user name'],
  [442, 'it does not relay TCP; turn that on there (no-tcp-relay)'],
  [443, 'it relays from no address of the family of the other device'],
  [446, 'it has such a connection already'],
  [447, 'it did not get through to the other device'],
  [486, 'this user name has all the places that it may have; wait, or raise its quota there (user-quota, total-quota)'],
  [500, 'it has a fault of its own; look at its log'],
  [508, 'it has no place left; wait, or name another relay too'],
]);

/** Worded to stand at the end of a sentence. */
export function relayRefusalInWords(status: number): string {
  return WORDS.get(status) ?? 'look at its address, user name and password';
}
