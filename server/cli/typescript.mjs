/**
 * Lets Node run this tree as it is: `node --import ./server/cli/typescript.mjs server/main.ts`. Node strips the types
 * itself; this adds what tsconfig.json and Next know and Node does not: the "@/" alias, endings left out, "server-only".
 */
import { existsSync } from 'node:fs'
import { registerHooks } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..')

registerHooks({
  resolve(specifier, context, nextResolve) {
    if (specifier === 'server-only') return { url: 'data:text/javascript,', shortCircuit: true }
    if (specifier.startsWith('@/')) return nextResolve(withEnding(join(root, specifier.slice(2))), context)
    if (isOurs(context.parentURL) && /^\.\.?\//.test(specifier)) {
      return nextResolve(withEnding(join(dirname(fileURLToPath(context.parentURL)), specifier)), context)
    }
    return nextResolve(specifier, context)
  },
})

function isOurs(parentUrl) {
  return (
    parentUrl?.startsWith('file:') && /\.[mc]?tsx?$/.test(parentUrl) && !parentUrl.includes('/node_modules/')
  )
}

function withEnding(path) {
  const found = ['', '.ts', '.tsx'].find(
    (ending) => /\.[cm]?[jt]sx?$|\.json$/.test(path + ending) && existsSync(path + ending),
  )
  return pathToFileURL(path + (found ?? '')).href
}
