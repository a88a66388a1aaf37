import { z } from 'zod'
import { CopyPlan } from '../../../lib/protocol/copy-plan.ts'
import type { TaskContext } from '../task-context.ts'
import type { PgSession } from '../../connectors/postgresql/session.ts'
import { Ledger } from './sink/ledger.ts'
import { TableSinkEngine } from './sink/sink-plan.ts'
import { createStaging } from './sink/staging.ts'
import { canMark, forgetOldMarks } from './sink/transaction-part.ts'

/** What every copy into a table keeps in its plan. */
export const SinkPlanEngine = z.object({
  sink: TableSinkEngine,
  sinkVersion: z.string(),
  /** Parts of an earlier attempt were committed under a snapshot that may be gone. */
  isContinued: z.boolean(),
})

/** Claims the run at the sink and finds the plan of an earlier attempt, whose parts may be committed already. */
export async function claimSink(
  session: PgSession,
  engine: TableSinkEngine,
  run: { runId: string; epoch: number },
): Promise<{ ledger: Ledger | null; earlier: CopyPlan | null }> {
  if (!engine.ledger) {
    await forgetOldMarks(session)
    return { ledger: null, earlier: null }
  }
  const ledger = new Ledger(session, engine.ledger, run.runId)
  await ledger.create()
  const found = await ledger.claimRun(run.epoch)
  if (found.state === 'cleaned') {
    // In this order: no part of the run that was cleaned may be found once it is open again.
    await ledger.forgetParts()
    await ledger.claimRun(run.epoch, 'open')
  }
  const note = found.state === 'cleaned' ? null : z.object({ plan: CopyPlan }).safeParse(found.note)
  if (found.state !== 'published') await createStaging(session, engine)
  return { ledger, earlier: note?.success ? note.data.plan : null }
}

/** An earlier plan goes on as it was, but reads under the snapshot of this attempt. */
export function continuePlan(earlier: CopyPlan, snapshot: CopyPlan['snapshot'], ctx: TaskContext): CopyPlan {
  ctx.log('info', 'Going on with the plan of an earlier attempt: what it committed is not copied again.')
  const { snapshot: _, ...plan } = earlier
  return { ...plan, engine: { ...plan.engine, isContinued: true }, ...(snapshot && { snapshot }) }
}

/** Whether a repeated append would be recognised. */
export async function guaranteeFor(
  session: PgSession,
  engine: TableSinkEngine,
): Promise<Pick<CopyPlan, 'guarantee'>['guarantee']> {
  const isRepeatable = engine.mode !== 'transaction' || engine.writeBehavior !== 'append'
  return isRepeatable || (await canMark(session)) ? 'exactly-once' : 'at-least-once'
}
