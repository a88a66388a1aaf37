import { readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { main } from 'assemblyscript/asc'

/** AssemblyScript sources in this folder that become modules of their own; `row-hash` is part of each. */
export const wasmSources = [
  'copy-frames',
  'csv-records',
  'json-encode',
  'json-lines',
  'text-csv',
  'text-rows',
] as const

const folder = fileURLToPath(new URL('.', import.meta.url))

/** Compiles one source. No runtime: the modules use fixed memory only. */
export async function compileWasm(name: (typeof wasmSources)[number]): Promise<Uint8Array> {
  let binary: Uint8Array | undefined
  const { error, stderr } = await main(
    [
      `${name}.wasm.ts`,
      '-O3',
      '--converge',
      '--noAssert',
      '--runtime',
      'stub',
      '--use',
      'abort=',
      '--enable',
      'simd',
      '-o',
      'out.wasm',
    ],
    {
      readFile: (file: string) => readFile(`${folder}${file}`, 'utf8').catch(() => null),
      writeFile: (_file: string, contents: string | Uint8Array) => {
        if (typeof contents !== 'string') binary = contents
      },
      listFiles: () => [],
    },
  )
  // oxlint-disable-next-line typescript/no-base-to-string -- the compiler's memory stream prints what was written to it
  if (error || !binary) throw new Error(`${name}: ${String(stderr)}`)
  return binary
}

/** `npm run build:wasm`: the compiled modules are kept in the repository, so that building the agent needs no compiler. */
export async function buildWasm(): Promise<void> {
  const entries = []
  for (const name of wasmSources)
    entries.push(`  '${name}': '${Buffer.from(await compileWasm(name)).toString('base64')}',\n`)
  const head = `/** Compiled by \`npm run build:wasm\` from the *.wasm.ts files beside; a test holds that they agree. */\n`
  await writeFile(
    `${folder}wasm-binaries.ts`,
    `${head}export const wasmBinaries = {\n${entries.join('')}} as const\n`,
  )
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildWasm()
