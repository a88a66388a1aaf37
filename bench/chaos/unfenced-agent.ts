import { readFile } from 'node:fs/promises'
import { build } from 'esbuild'

/** Each part of the fence, and what takes it out. Every one must be found: a fence that moved must be taken out again. */
const mutations = [
  {
    file: 'agent/copy/table/sink/ledger.ts',
    what: 'a commit whose ledger row is no longer ours fails',
    from: 'SELECT 1 / count(*) FROM moved; COMMIT',
    to: 'SELECT count(*) FROM moved; COMMIT',
  },
  {
    file: 'agent/copy/table/sink/ledger.ts',
    what: 'sessions of an older owner are ended',
    from: "AND substring(application_name FROM '[0-9]+$')::int8 < $2",
    to: 'AND false AND $2::int8 IS NULL',
  },
  {
    file: 'agent/copy/table/sink/sink-part.ts',
    what: 'no commit past the lease',
    from: 'if (!ctx.canCommit())',
    to: 'if (!ctx.canCommit() && false)',
  },
  {
    file: 'agent/heartbeat.ts',
    what: 'a fenced task is stopped',
    from: "if (state === 'fenced') inHand?.stop('fenced')",
    to: "if (state === 'fenced') return",
  },
] as const

/** Builds an agent without its fence: the chaos test must see it lose its promise, or the test is worth nothing. */
export async function buildUnfencedAgent(agentEntry: string, outfile: string): Promise<void> {
  const applied = new Set<string>()
  await build({
    entryPoints: [agentEntry],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node22',
    banner: { js: "const agentFileUrl = require('node:url').pathToFileURL(__filename).href;" },
    define: { 'import.meta.url': 'agentFileUrl' },
    external: ['pg-native'],
    logLevel: 'warning',
    plugins: [
      {
        name: 'take the fence out',
        setup: (bundler) =>
          bundler.onLoad({ filter: /agent[/\\].*\.ts$/ }, async ({ path }) => {
            let contents = await readFile(path, 'utf8')
            for (const { file, from, to } of mutations) {
              if (!path.replaceAll('\\', '/').endsWith(file) || !contents.includes(from)) continue
              contents = contents.replace(from, () => to)
              applied.add(from)
            }
            return { contents, loader: 'ts' }
          }),
      },
    ],
  })
  const missing = mutations.filter(({ from }) => !applied.has(from))
  if (missing.length > 0)
    throw new Error(`These parts of the fence were not found: ${missing.map(({ what }) => what).join('; ')}`)
}
