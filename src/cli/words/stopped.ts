/** What stopping a command leaves as it was, by the command's name. Others read or write next to nothing. */
const LEFT: Readonly<Record<string, string>> = {
  'send-file': 'nothing was announced',
  fetch: 'the engine goes on with what was asked for; "swarmlog pause" and "swarmlog cancel" halt a file',
  join: 'the conversation was not joined, and the invitation still holds',
  clone: 'nothing of the conversation was kept',
  verify: 'the history was not looked at to its end, and nothing is known of it',
  init: 'no account was made',
  import: 'no device was made',
  export: 'no file was written',
};

/** What a person hears who stops a command. `isKnown`: it has ended, and was not merely left. */
export function stoppedSentence(command: string, isKnown: boolean): string {
  if (!isKnown) return 'Stopped before the engine said what came of it; look before you try again.';
  const left = LEFT[command];
  return left === undefined ? 'Stopped.' : `Stopped: ${left}.`;
}
