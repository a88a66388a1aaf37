import { eq, sql } from 'drizzle-orm'
import type { z } from 'zod'
import { pipelines } from '@/drizzle/schema/authoring'
import type { AuditEntry } from '@/lib/audit/append'
import { command } from '@/lib/command'
import type { Tx } from '@/lib/db/client'
import { conflict, invalidInput } from '@/lib/errors'
import { factoryScope } from '@/lib/factories/scope'
import type { Actor } from '@/lib/permissions'
import { SavePipelineInput } from '@/lib/pipelines/schemas'
import { requirePipeline } from '@/lib/pipelines/scope'
import { pipelineProblems } from '@/lib/runs/resolve/check-definition'
import { requireUnchanged } from '@/lib/unchanged'

type Input = z.output<typeof SavePipelineInput>
export type SavedPipeline = { pipelineId: string; name: string }

/** Creates a pipeline, or changes its definition or name. What it refers to must exist and fit. */
export const savePipeline = command({
  permission: 'pipelines.write',
  input: SavePipelineInput,
  scope: (tx, { factoryId }, actor) => factoryScope(tx, actor, factoryId),
  run: writePipeline,
})

/** The write itself, for commands that save a pipeline together with its datasets. */
export async function writePipeline(
  tx: Tx,
  input: Input,
  actor: Actor,
): Promise<{ result: SavedPipeline; audit: AuditEntry }> {
  const { factoryId, name, definition } = input
  await requireFit(tx, input)
  const before = input.pipelineId ? await previous(tx, input, actor) : null
  const [saved] = before
    ? await tx
        .update(pipelines)
        .set({ name, definition, updatedAt: sql`now()` })
        .where(eq(pipelines.id, before.id))
        .returning({ id: pipelines.id })
    : await tx
        .insert(pipelines)
        .values({ tenantId: actor.tenantId, factoryId, name, definition })
        .returning({ id: pipelines.id })
  if (!saved) throw conflict(`The pipeline "${name}" was deleted meanwhile. Load the page again`)
  return {
    result: { pipelineId: saved.id, name },
    audit: {
      action: before ? 'pipeline.updated' : 'pipeline.created',
      factoryId,
      entityId: saved.id,
      entityName: name,
      ...(before ? { before: { name: before.name, definition: before.definition } } : {}),
      after: { name, definition },
    },
  }
}

/** Every problem at its activity, so that the editor can show where. */
async function requireFit(tx: Tx, { factoryId, definition }: Input): Promise<void> {
  const problems = await pipelineProblems(tx, factoryId, definition)
  const [first] = problems
  if (!first) return
  const fields: Record<string, string[]> = {}
  for (const { activity, message } of problems) fields[`definition.activities.${activity}`] = [message]
  throw invalidInput(first.message, fields)
}

async function previous(tx: Tx, input: Input, actor: Actor) {
  const row = await requirePipeline(tx, actor, input.pipelineId ?? '')
  if (row.factoryId !== input.factoryId)
    throw conflict('This pipeline belongs to another factory. Load the page again')
  requireUnchanged('pipeline', row, input.basedOn)
  return row
}
