import type { Command } from 'commander';
import { action, type Surroundings } from '../context.ts';

export function addDemoCommand(program: Command, surroundings: Surroundings): void {
  program
    .command('demo')
    .description('tell the whole story with three engines on this machine, in a temporary folder')
    .action(action(surroundings, async ({ context }) => (await import('../demo/demo.ts')).demo(context)));
}
