import { and, eq, sql } from 'drizzle-orm'
import { nodes, runtimes } from '@/drizzle/schema/runtimes'
import { appendAudit } from '@/lib/audit/append'
import { AgentRefusal } from '@/lib/agent-refusal'
import type { NodeCall } from '@/lib/agent-route'
import { quarantined } from '@/lib/auth/node-caller'
import type { Db } from '@/lib/db/client'
import { relaxedCommit } from '@/lib/db/relaxed-commit'
import type { PollRequest } from '@/lib/protocol/poll'
import { judgeIncarnation } from '@/lib/nodes/incarnation'
import { takeBackFrom } from '@/lib/tasks/sweep'
import type { Wake } from '@/lib/tasks/wake'

/** Keeps what a poll says of its node. Answers whom to wake, where a process began anew and its old tasks move on. */
export async function recordPoll(db: Db, call: NodeCall, request: PollRequest): Promise<Wake[]> {
  const { node } = call
  // Both by the database's clock, as the times of the node's processes are; the signature was made by the portal's.
  const now = new Date(node.askedMs)
  const at = { signed: new Date(node.askedMs - (Date.now() - call.signedAt.getTime())), now }
  const judgement = judgeIncarnation(node, request.incarnation, at)
  if (judgement === 'clone') return await quarantine(db, call)
  if (judgement === 'late') throw new AgentRefusal('conflict', 'A newer process of this node has taken over')
  const { slots, interactiveFree, resources, machine, capabilities, policy, incarnation } = request
  await db
    .update(nodes)
    .set({
      lastPollAt: sql`now()`,
      lastSeenAt: sql`now()`,
      address: call.address,
      slotsTotal: slots.total,
      slotsFree: slots.free,
      interactiveFree,
      ...(resources && { resources }),
      ...(machine && { machine }),
      ...(capabilities && { capabilities }),
      ...(policy && { policy }),
      ...(judgement === 'new' && {
        incarnation,
        previousIncarnation: node.incarnation,
        incarnationSince: sql`now()`,
      }),
    })
    .where(and(eq(nodes.id, node.nodeId), judgement === 'same' ? eq(relaxedCommit, 'off') : undefined))
  if (judgement === 'same' || node.incarnation === null) return []
  return await takeBackFrom(
    db,
    node.nodeId,
    request.running.map(({ taskId }) => taskId),
  )
}

/** Two machines under one identity: neither is trusted until somebody looks. */
async function quarantine(db: Db, { node, address }: NodeCall): Promise<never> {
  const { nodeId, runtimeId, tenantId, name } = node
  await db.transaction(async (tx) => {
    const [marked] = await tx
      .update(nodes)
      .set({ quarantinedAt: sql`now()` })
      .where(sql`${nodes.id} = ${nodeId} and ${nodes.quarantinedAt} is null`)
      .returning({ id: nodes.id })
    if (!marked) return
    const [runtime] = await tx
      .select({ factoryId: runtimes.factoryId })
      .from(runtimes)
      .where(eq(runtimes.id, runtimeId))
    await appendAudit(
      tx,
      { kind: 'system', job: 'agent-channel', tenantId },
      {
        action: 'node.quarantined',
        factoryId: runtime?.factoryId,
        entityId: nodeId,
        entityName: name,
        after: { reason: 'two processes with this identity were alive at the same time', address },
      },
    )
  })
  await takeBackFrom(db, nodeId)
  throw quarantined(name)
}
