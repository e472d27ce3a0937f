/** Makes `dist/`: the library, the program and their threads, bundled; and the declarations, one for each module. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { bundle } from './bundle.ts';

await rm('dist', { recursive: true, force: true });
const compiler = spawn('tsc', ['-p', 'tsconfig.build.json', '--noCheck'], { stdio: 'inherit' });
const [[code]] = await Promise.all([once(compiler, 'exit'), bundle(['src/index.ts', 'src/cli/main.ts'], 'dist')]);
if (code !== 0) process.exitCode = 1;
