/**
 * Holds the documentation to the code: every TypeScript block of the Markdown files compiles against the library,
 * every relative link leads to a file and its
 * heading, what the sources cite of a page is there, docs/limits.md names every limit with its value, and each row of a table that says what it is
 * shown by names a test. Prints what is wrong; exits 1 if anything is.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import ts from 'typescript';
import * as limits from '../src/limits.ts';
import { type Block, markdownBlocks } from './markdown-blocks.ts';

const root = resolve(import.meta.dirname, '..');
const workshop = join(root, '.docs-check');

function markdownFiles(): string[] {
  const top = readdirSync(root).filter((name) => name.endsWith('.md'));
  const docs = readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.md'),
  );
  return [...top, ...docs.map((name) => join('docs', name))];
}

interface PageBlock extends Block {
  readonly file: string;
}

function sourceFiles(): string[] {
  return ['src', 'test', 'bench', 'scripts'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => join(folder, name)),
  );
}

function blocksOf(file: string): PageBlock[] {
  return markdownBlocks(readFileSync(join(root, file), 'utf8')).map((block) => ({ ...block, file }));
}

function checkTypes(blocks: readonly PageBlock[]): string[] {
  rmSync(workshop, { recursive: true, force: true });
  mkdirSync(workshop);
  try {
    const names = blocks.map(({ file, line, code }) => {
      const name = `${file.replace(/[^a-z0-9]+/gi, '-')}-line-${line}.ts`;
      writeFileSync(join(workshop, name), `${code}\nexport {};\n`);
      return name;
    });
    return errorsIn(names.map((name) => join(workshop, name)));
  } finally {
    rmSync(workshop, { recursive: true, force: true });
  }
}

/** Of these files alone: the library that they use is checked by itself. */
function errorsIn(paths: readonly string[]): string[] {
  const { options, fileNames } = configuration();
  const types = fileNames.filter((name) => name.endsWith('.d.ts'));
  const program = ts.createProgram([...paths, ...types], {
    ...options,
    noUnusedLocals: false,
    paths: { swarmlog: [join(root, 'src/index.ts')] },
  });
  const found = paths.flatMap((path) => {
    const file = program.getSourceFile(path);
    return [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)];
  });
  return found.map((diagnostic) => ts.formatDiagnostic(diagnostic, FORMAT).trim());
}

function configuration(): ts.ParsedCommandLine {
  const path = join(root, 'tsconfig.json');
  return ts.parseJsonConfigFileContent(ts.readConfigFile(path, ts.sys.readFile).config, ts.sys, root);
}

const FORMAT: ts.FormatDiagnosticsHost = {
  getCanonicalFileName: (name) => name,
  getCurrentDirectory: () => root,
  getNewLine: () => '\n',
};

function checkLinks(file: string): string[] {
  const text = readFileSync(join(root, file), 'utf8').replace(/```[\s\S]*?```/g, '');
  return [...text.matchAll(/\]\(([^)#\s]*)(?:#([^)]*))?\)/g)]
    .filter(([, target = '']) => !/^[a-z]+:/.test(target))
    .filter(([, target = '', anchor]) => !leadsSomewhere(target ? join(dirname(file), target) : file, anchor))
    .map(([link]) => `${file}: the link ${link.slice(1)} leads nowhere`);
}

function leadsSomewhere(path: string, anchor: string | undefined): boolean {
  if (!existsSync(join(root, path))) return false;
  return anchor === undefined || !path.endsWith('.md') || headingsOf(path).map(anchorOf).includes(anchor);
}

function headingsOf(page: string): readonly string[] {
  const text = readFileSync(join(root, page), 'utf8').replace(/```[\s\S]*?```/g, '');
  return [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => heading);
}

/** As the sites that show Markdown name headings; of several of one text the first. */
function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}_ -]/gu, '')
    .replaceAll(' ', '-');
}

/** Comments that send the reader to a section, as `docs/format.md, "Commits"`. */
function checkCitations(file: string): string[] {
  const cited = readFileSync(join(root, file), 'utf8').matchAll(/(docs\/[\w/-]+\.md)(?:, "([^"]+)")?/g);
  return [...cited]
    .filter(
      ([, page = '', heading]) => !existsSync(join(root, page)) || (heading && !headingsOf(page).includes(heading)),
    )
    .map(([citation]) => `${file}: there is no ${citation}`);
}

const UNITS: Readonly<Record<string, number>> = {
  '': 1,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
  ms: 1,
  s: 1000,
  min: 60_000,
};

/** Each row begins with a constant's name in backticks and its value: `16 MiB`, `10 s`, `5,000,000`, `1.5`. */
function checkLimits(): string[] {
  const page = readFileSync(join(root, 'docs/limits.md'), 'utf8');
  const rows = [...page.matchAll(/^\| `(\w+)` \| ([\d,.]+) ?(\w*) \|/gm)];
  const stated = new Map(
    rows.map(([, name, digits, unit]) => [
      name,
      Number(digits?.replaceAll(',', '')) * (UNITS[unit ?? ''] ?? Number.NaN),
    ]),
  );
  const known = Object.entries(limits).map(([name, value]) => ({ name, value, said: stated.get(name) }));
  const unknown = [...stated.keys()].filter((name) => name === undefined || !(name in limits));
  return [
    ...known.filter(({ said }) => said === undefined).map(({ name }) => `docs/limits.md does not explain ${name}`),
    ...known
      .filter(({ said, value }) => said !== undefined && said !== value)
      .map(({ name, value, said }) => `docs/limits.md says that ${name} is ${said}; it is ${value}`),
    ...unknown.map((name) => `docs/limits.md explains ${name}, which is no limit`),
  ];
}

/**
 * Of tables whose last column is called "shown by". That the tests exist is seen to with all links; a test that goes beyond
 * a limit, which then stands first in its row, has to know its name.
 */
function checkShownBy(file: string): string[] {
  const problems: string[] = [];
  let isShowing = false;
  for (const [index, line] of readFileSync(join(root, file), 'utf8').split('\n').entries()) {
    if (!line.startsWith('|')) isShowing = false;
    else if (/\| shown by \|$/.test(line)) isShowing = true;
    else if (isShowing && !/^[|: -]+$/.test(line) && !/\]\([^)]*\.test\.ts\) \|$/.test(line))
      problems.push(`${file}:${index + 1}: the row names no test`);
    else if (isShowing)
      problems.push(...unknownLimits(file, line).map((problem) => `${file}:${index + 1}: ${problem}`));
  }
  return problems;
}

function unknownLimits(file: string, row: string): string[] {
  const [cell = ''] = row.slice(1).split('|');
  const names = [...cell.matchAll(/`([A-Z][A-Z_]+)`/g)].flatMap(([, name]) => (name ? [name] : []));
  const tests = [...row.matchAll(/\]\(([^)]*\.test\.ts)\)/g)].map(([, path = '']) =>
    readFileSync(join(root, dirname(file), path), 'utf8'),
  );
  return names
    .filter((name) => !tests.some((text) => new RegExp(`\\b${name}\\b`).test(text)))
    .map((name) => `no test of the row knows ${name}`);
}

const files = markdownFiles();
const blocks = files.flatMap(blocksOf);
const problems = [
  ...checkTypes(blocks.filter(({ info }) => info === 'ts')),
  ...files.flatMap(checkLinks),
  ...sourceFiles().flatMap(checkCitations),
  ...checkLimits(),
  ...files.flatMap(checkShownBy),
];
for (const problem of problems) process.stderr.write(`${problem}\n`);
process.stderr.write(
  `${relative(process.cwd(), root) || 'docs'}: ${files.length} pages, ${blocks.length} blocks, ${problems.length} problems\n`,
);
process.exitCode = problems.length > 0 ? 1 : 0;
