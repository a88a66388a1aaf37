import { endpoints } from '../../lib/protocol/endpoints.ts'
import type { Call } from '../client.ts'
import { type KeyOf, openCredential } from './credentials.ts'
import type { Holding } from './take-in.ts'
import type { KeptCredential } from './vault-file.ts'

type Report = {
  opened: { linkedServiceId: string; version: number }[]
  failed: { linkedServiceId: string; version: number; reason: string }[]
}

/**
 * Tells the portal which credentials this node has opened for real: it is given tasks only for these. What was told once and
 * has not changed since is not opened again.
 */
export function createReporter(
  { call }: { call: Call },
  keyOf: KeyOf,
): (holding: Holding, signal: AbortSignal) => Promise<void> {
  const told = new Set<string>()
  let toldGeneration = 0
  return async ({ file }, signal) => {
    const generation = Math.max(0, ...file.wraps.map((wrap) => wrap.generation))
    const fresh = file.credentials.filter((kept) => !told.has(markOf(kept)))
    if (generation === 0 || (generation === toldGeneration && fresh.length === 0)) return
    await call(endpoints.vault, { op: 'ready', generation, ...(await tryAll(fresh, keyOf)) }, signal)
    for (const kept of fresh) told.add(markOf(kept))
    toldGeneration = generation
  }
}

async function tryAll(credentials: readonly KeptCredential[], keyOf: KeyOf): Promise<Report> {
  const report: Report = { opened: [], failed: [] }
  for (const kept of credentials) {
    const { linkedServiceId, version } = kept.sealed
    try {
      await openCredential(kept, keyOf)
      report.opened.push({ linkedServiceId, version })
    } catch (error) {
      const reason = (error instanceof Error ? error.message : 'unknown').slice(0, 500)
      report.failed.push({ linkedServiceId, version, reason })
    }
  }
  return report
}

function markOf({ sealed }: KeptCredential): string {
  return `${sealed.linkedServiceId}/${sealed.version}/${sealed.generation}/${sealed.enc}`
}
