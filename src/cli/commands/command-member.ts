/** invite, ban, unban: who takes part in a conversation, told to the running engine. */
import type { Command } from 'commander';
import * as z from 'zod';
import { action, type CommandUse, type Surroundings, wordAt } from '../context.ts';
import { remarkOnBan, Written } from '../words/held-ban.ts';
import { shortId } from '../words/human.ts';

const Voted = z.discriminatedUnion('outcome', [
  Written.extend({ outcome: z.enum(['banned', 'unbanned']), target: z.string() }),
  Written.omit({ interaction: true }).extend({
    outcome: z.literal('voted'),
    target: z.string(),
    votes: z.number(),
    admins: z.number(),
  }),
]);

const MEMBER_HELP = "a member's uri, or the id of one of its devices, or the first digits of either";

export function addMemberCommands(program: Command, surroundings: Surroundings): void {
  program
    .command('invite')
    .argument('<conversation>')
    .argument('<uri>', "the other account's uri, as its `swarmlog id` prints it")
    .description('invite an account to a conversation')
    .action(action(surroundings, invite));
  program
    .command('ban')
    .argument('<conversation>')
    .argument('<member>', MEMBER_HELP)
    .description('vote to ban a member or a device; more than half of the admins ban')
    .action(action(surroundings, (use) => vote(use, 'ban')));
  program
    .command('unban')
    .argument('<conversation>')
    .argument('<member>', MEMBER_HELP)
    .description('vote to lift a ban')
    .action(action(surroundings, (use) => vote(use, 'unban')));
}

async function invite({ context, words }: CommandUse<object>): Promise<void> {
  const uri = wordAt(words, 1);
  const invited = Written.parse(await context.call('invite', { conversation: wordAt(words, 0), uri }));
  context.output.value(invited);
  context.output.line(`invited ${uri}; it hears of it as soon as one of its devices is linked`);
  remarkOnBan(context.output, invited);
}

async function vote({ context, words }: CommandUse<object>, action: 'ban' | 'unban'): Promise<void> {
  const params = { conversation: wordAt(words, 0), member: wordAt(words, 1) };
  const voted = Voted.parse(await context.call(action, params));
  context.output.value(voted);
  if (voted.outcome === 'voted') {
    const { target, votes, admins } = voted;
    context.output.line(`voted to ${action} ${shortId(target)}: ${votes} of ${admins} admins so far`);
  } else context.output.line(`${voted.outcome} ${voted.target}`);
  remarkOnBan(context.output, voted);
}
