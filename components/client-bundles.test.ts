import { globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build, type Metafile } from 'esbuild'
import { describe, expect, test } from 'vitest'

const root = dirname(dirname(fileURLToPath(import.meta.url)))

/** What must only be fetched when it is needed: a constant that stands beside a schema would bring 90 kB with it. */
const heavy = ['zod', '@hookform/resolvers/zod']

type Graph = {
  /** What each file imports by value, other than by a dynamic import. */
  imports: Map<string, string[]>
  isClient: (file: string) => boolean
  isServer: (file: string) => boolean
}

/** The ways by which the browser's first script of a page gets to what is heavy: "a.tsx → b.ts → zod". */
function heavyChains({ imports, isClient, isServer }: Graph, pages: string[]): string[] {
  const onServer = walk(pages, (file) => (isClient(file) ? [] : (imports.get(file) ?? [])))
  // What a "use server" file exports are addresses there: nothing of it travels.
  const clients = [...onServer.keys()].filter(isClient)
  const inBrowser = walk(clients, (file) => (isServer(file) ? [] : (imports.get(file) ?? [])))
  return heavy.flatMap((name) => (inBrowser.has(name) ? [chainTo(name, inBrowser)] : []))
}

/** Everything that is reached, each with what led to it; the nearest comes first. */
function walk(from: string[], next: (file: string) => string[]): Map<string, string | null> {
  const cameFrom = new Map<string, string | null>(from.map((file) => [file, null]))
  for (const file of cameFrom.keys())
    for (const path of next(file)) if (!cameFrom.has(path)) cameFrom.set(path, file)
  return cameFrom
}

function chainTo(end: string, cameFrom: Map<string, string | null>): string {
  const chain: string[] = []
  for (let at: string | null = end; at !== null; at = cameFrom.get(at) ?? null) chain.unshift(at)
  return chain.join(' → ')
}

async function graphOf(pages: string[]): Promise<Graph> {
  const { metafile } = await build({
    entryPoints: pages,
    absWorkingDir: root,
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    splitting: true,
    outdir: 'out-of-nothing',
    write: false,
    metafile: true,
    loader: { '.css': 'empty' },
    external: ['*.node', '*.wasm'],
    logLevel: 'error',
  })
  const beginsWith = (words: string) => (file: string) =>
    file in metafile.inputs && readFileSync(join(root, file), 'utf8').startsWith(`'${words}'`)
  return {
    imports: staticImports(metafile),
    isClient: beginsWith('use client'),
    isServer: beginsWith('use server'),
  }
}

function staticImports({ inputs }: Metafile): Map<string, string[]> {
  return new Map(
    Object.entries(inputs).map(([file, { imports }]) => [
      file,
      imports.filter(({ kind }) => kind === 'import-statement').map(({ path }) => path),
    ]),
  )
}

describe('the first script of a page', () => {
  test('comes without the parser of schemas', async () => {
    const pages = globSync('app/**/*.tsx', { cwd: root })
    const graph = await graphOf(pages)
    expect(heavyChains(graph, pages)).toEqual([])
  })

  test('is seen to bring what a constant beside a schema brings', () => {
    const files: Record<string, string[]> = {
      'page.tsx': ['list.tsx', 'schemas.ts'],
      'list.tsx': ['form.tsx', 'actions.ts'],
      'form.tsx': ['schemas.ts'],
      'actions.ts': ['zod'],
      'schemas.ts': ['zod'],
    }
    const graph = {
      imports: new Map(Object.entries(files)),
      isClient: (file: string) => file === 'list.tsx',
      isServer: (file: string) => file === 'actions.ts',
    }
    expect(heavyChains(graph, ['page.tsx'])).toEqual(['list.tsx → form.tsx → schemas.ts → zod'])
    graph.imports.set('form.tsx', [])
    expect(heavyChains(graph, ['page.tsx'])).toEqual([])
  })
})
