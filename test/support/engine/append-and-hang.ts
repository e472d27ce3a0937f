/** A process of its own: appends records to the journal at argv[2], says so, and waits to be killed. */
import { openJournal } from '../../../src/engine/journal/hypercore-adapter.ts';
import { GOLDEN_RECORDS } from '../events/journal-records.ts';

const journal = await openJournal(process.argv[2] ?? '');
await journal.append(Object.values(GOLDEN_RECORDS));
await journal.append([GOLDEN_RECORDS['file-accepted']]);
process.stdout.write('appended\n');
setInterval(() => {}, 1000);
