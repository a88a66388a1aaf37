import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import next from 'next'
import type { Handler } from '@/server/http-server'

const root = fileURLToPath(new URL('..', import.meta.url))

export type Pages = { handle: Handler; close(): Promise<void> }

/** Next's pages, actions and route handlers: what `next build` made, or compiled on demand for development. */
export async function preparePages(dev: boolean): Promise<Pages> {
  if (!dev && !existsSync(`${root}.next/BUILD_ID`))
    throw new Error('The pages are not built: run "npm run build"')
  const app = next({ dev, dir: root })
  await app.prepare()
  const handle = app.getRequestHandler()
  return { handle: (req, res) => handle(req, res), close: () => app.close() }
}
