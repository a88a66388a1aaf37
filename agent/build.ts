import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build, type Metafile, type Plugin } from 'esbuild'

const root = dirname(dirname(fileURLToPath(import.meta.url)))

/** What the agent may be made of, beside agent/, lib/protocol/ and Node itself; each brings its own dependencies. */
const allowedPackages = [
  '@hpke/core',
  'commander',
  'hyparquet',
  'hyparquet-compressors',
  'pg',
  'pg-copy-streams',
  'pino',
  'undici',
  'zod',
]

/**
 * In one CommonJS file there is no `import.meta`: the file's own address stands in. The version is checked before any package
 * is loaded, because they fail on an older Node with riddles (zstd in node:zlib came with 22.15).
 */
const banner = `#!/usr/bin/env node
const [nodeMajor, nodeMinor] = process.versions.node.split('.').map(Number);
if (nodeMajor < 22 || (nodeMajor === 22 && nodeMinor < 15)) {
  console.error('Failed (version): Node ' + process.versions.node + ' is too old for the Sallyport agent: install Node 22.15 or later');
  process.exit(1);
}
const agentFileUrl = require('node:url').pathToFileURL(__filename).href;`

/** Every thread holds the file's text and what it makes: messages in forty languages would cost each of them 3 MB. */
const onlyEnglish: Plugin = {
  name: 'zod-locales',
  setup(build) {
    build.onLoad({ filter: /[\\/]zod[\\/]v4[\\/]locales[\\/]index\.js$/ }, ({ path }) => ({
      contents: "export { default as en } from './en.js'",
      resolveDir: dirname(path),
    }))
  },
}

/** Bundles the agent into one file that runs on a bare Node; throws when anything foreign got in. */
export async function buildAgent(entry: string, outfile: string): Promise<{ bytes: number }> {
  const { metafile } = await build({
    entryPoints: [join(root, entry)],
    absWorkingDir: root,
    outfile: join(root, outfile),
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node22',
    banner: { js: banner },
    define: {
      'import.meta.url': 'agentFileUrl',
      'import.meta.filename': '__filename',
      'import.meta.dirname': '__dirname',
    },
    // pg looks for its native binding and goes without.
    external: ['pg-native'],
    legalComments: 'none',
    minifyWhitespace: true,
    plugins: [onlyEnglish],
    logLevel: 'warning',
    metafile: true,
  })
  const foreign = findForeign(metafile)
  if (foreign.length > 0)
    throw new Error(`The agent may not contain:\n${foreign.map((line) => `  ${line}`).join('\n')}`)
  return { bytes: Object.values(metafile.outputs)[0]?.bytes ?? 0 }
}

function findForeign({ inputs }: Metafile): string[] {
  const packages = withDependencies(allowedPackages)
  const isAllowed = (path: string) => {
    const name = packageOf(path)
    return name ? packages.has(name) : /^(agent|lib\/protocol)\//.test(path)
  }
  return Object.keys(inputs)
    .filter((path) => !isAllowed(path))
    .map((path) => `${path}, imported by ${importersOf(path, inputs)}`)
}

function importersOf(path: string, inputs: Metafile['inputs']): string {
  const importers = Object.entries(inputs).filter(([, { imports }]) =>
    imports.some((one) => one.path === path),
  )
  return importers.map(([importer]) => importer).join(', ') || 'the entry'
}

function packageOf(path: string): string | undefined {
  return /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1]
}

/** The packages and all that they depend on, as installed. */
function withDependencies(names: string[]): Set<string> {
  const found = new Set<string>()
  const visit = (name: string, from: string): void => {
    if (found.has(name)) return
    const folder = resolvePackage(name, from)
    if (!folder) return
    found.add(name)
    const { dependencies, optionalDependencies } = JSON.parse(
      readFileSync(join(folder, 'package.json'), 'utf8'),
    ) as { dependencies?: Record<string, string>; optionalDependencies?: Record<string, string> }
    for (const dependency of Object.keys({ ...dependencies, ...optionalDependencies }))
      visit(dependency, folder)
  }
  for (const name of names) visit(name, root)
  return found
}

function resolvePackage(name: string, from: string): string | undefined {
  for (let folder = from; folder.startsWith(root); folder = dirname(folder)) {
    const candidate = join(folder, 'node_modules', name)
    if (existsSync(join(candidate, 'package.json'))) return candidate
  }
  return undefined
}

if (process.argv[1] && fileURLToPath(import.meta.url) === process.argv[1]) {
  const outfile = process.argv[2] ?? 'dist/agent/sallyport-agent.cjs'
  const { bytes } = await buildAgent('agent/main.ts', outfile)
  console.log(`${relative(process.cwd(), join(root, outfile))}  ${Math.round(bytes / 1024)} KiB`)
}
