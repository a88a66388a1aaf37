import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { writePrivate } from '@/server/files'

/** Leads an enrolled node to where its portal is now: another `--port` moves the portal, and the node's own file says where. */
export async function repoint(nodeDir: string, portalUrl: string): Promise<void> {
  const file = join(nodeDir, 'config.json')
  const config: Record<string, unknown> = JSON.parse(await readFile(file, 'utf8'))
  if (config['portalUrl'] === portalUrl) return
  await writePrivate(file, `${JSON.stringify({ ...config, portalUrl }, null, 2)}\n`)
}
