import { eq } from 'drizzle-orm'
import type { z } from 'zod'
import { runtimes } from '@/drizzle/schema/runtimes'
import type { NodeCall } from '@/lib/agent-route'
import { appendAudit } from '@/lib/audit/append'
import type { Db } from '@/lib/db/client'
import { detachNode } from '@/lib/nodes/detach'
import type { UnregisterRequest, UnregisterResponse } from '@/lib/protocol/enrolment'
import { wake } from '@/lib/tasks/wake'

/** A machine leaves by itself. */
export async function unregisterNode(
  db: Db,
  { node }: NodeCall,
  { reason }: z.infer<typeof UnregisterRequest>,
): Promise<z.infer<typeof UnregisterResponse>> {
  const { nodeId, runtimeId, tenantId, name } = node
  const wakes = await db.transaction(async (tx) => {
    const [runtime] = await tx
      .select({ factoryId: runtimes.factoryId, name: runtimes.name })
      .from(runtimes)
      .where(eq(runtimes.id, runtimeId))
      .for('no key update')
    const woken = await detachNode(
      tx,
      { id: nodeId, runtimeId },
      reason || 'unregistered on the machine itself',
    )
    await appendAudit(
      tx,
      { kind: 'node', nodeId, name, runtimeId, tenantId },
      {
        action: 'node.unregistered',
        factoryId: runtime?.factoryId,
        entityId: nodeId,
        entityName: name,
        after: { runtime: runtime?.name, reason },
      },
    )
    return woken
  })
  wake(wakes)
  return { removed: true }
}
