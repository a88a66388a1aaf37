import { desc, eq } from 'drizzle-orm'
import { beforeEach, describe, expect, test } from 'vitest'
import { auditLog } from '@/drizzle/schema/audit'
import { linkedServices, pipelines } from '@/drizzle/schema/authoring'
import { activityRuns, pipelineRuns } from '@/drizzle/schema/runs'
import { testDatabase } from '@/lib/db/test-database'
import { aLinkedService, aRuntime } from '@/lib/db/test-fixtures'
import { cancelPipelineRun } from '@/lib/runs/cancel'
import { getRun } from '@/lib/runs/queries'
import { retryPipelineRun } from '@/lib/runs/retry'
import { RunView } from '@/lib/runs/schemas'
import { startPipelineRun } from '@/lib/runs/start'
import { aCopyWorld, type CopyWorld } from '@/lib/runs/test-copy'

const database = testDatabase()
let world: CopyWorld
beforeEach(async () => {
  world = await aCopyWorld(database.db)
})

const start = (who: keyof Pick<CopyWorld, 'owner' | 'operator' | 'reader' | 'stranger'> = 'operator') =>
  startPipelineRun(world[who], { pipelineId: world.pipeline.id })

async function lastAudit() {
  const [entry] = await world.db.select().from(auditLog).orderBy(desc(auditLog.seq)).limit(1)
  return entry
}

describe('startPipelineRun()', () => {
  test('queues a prepare with everything that a node needs, and writes the audit log', async () => {
    const { pipelineRunId } = await start()
    const [activity] = await world.db.select().from(activityRuns)
    expect(activity).toMatchObject({
      pipelineRunId,
      phase: 'preparing',
      runtimeId: world.runtime.id,
      spec: {
        source: {
          kind: 'table',
          schema: 'public',
          table: 'orders',
          store: { linkedServiceName: 'orders-db' },
        },
        sink: { kind: 'table', writeBehavior: 'append', store: { credentialVersion: 1 } },
        options: { verification: 'stream' },
      },
    })
    expect(activity?.spec.activityRunId).toBe(activity?.id)
    expect(await lastAudit()).toMatchObject({
      action: 'run.started',
      entityId: pipelineRunId,
      entityName: 'nightly',
    })
  })

  test('keeps the definition as it was, and who asked', async () => {
    await start()
    await world.db.delete(pipelines)
    const [run] = await world.db.select().from(pipelineRuns)
    expect(run).toMatchObject({
      pipelineId: null,
      pipelineName: 'nightly',
      invokedBy: { type: 'Manual', name: world.operator.actor.name },
      definition: { activities: [{ name: 'copy' }] },
    })
  })

  test('is refused to readers, and does not exist for strangers', async () => {
    await expect(start('reader')).rejects.toMatchObject({ code: 'forbidden' })
    await expect(start('stranger')).rejects.toMatchObject({ code: 'not_found' })
    await expect(startPipelineRun(world.operator, { pipelineId: 'x' })).rejects.toMatchObject({
      code: 'invalid_input',
    })
  })

  test('starts nothing where one activity cannot run, and says which and why', async () => {
    await world.db
      .update(linkedServices)
      .set({ credentialVersion: 0 })
      .where(eq(linkedServices.id, world.sink.id))
    await expect(start()).rejects.toMatchObject({
      code: 'conflict',
      message:
        'Cannot run the activity "copy": the linked service "lake-db" has no password yet. Enter it on the page of the linked service',
    })
    expect(await world.db.$count(pipelineRuns)).toBe(0)
  })

  test('refuses ends that connect via different runtimes', async () => {
    const elsewhere = await aRuntime(world.db, world.factory, { name: 'plant-9' })
    await world.db
      .update(linkedServices)
      .set({ runtimeId: elsewhere.id })
      .where(eq(linkedServices.id, world.sink.id))
    await expect(start()).rejects.toThrow(
      /connects via the integration runtime ".*", its sink "lake-db" via "plant-9"/,
    )
  })
})

describe('activities that depend on each other', () => {
  beforeEach(async () => {
    const [copy] = world.pipeline.definition.activities
    if (!copy) throw new Error('The fixture has one activity')
    const dependsOn = [{ activity: 'copy', dependencyConditions: ['Succeeded' as const] }]
    const activities = [copy, { ...copy, name: 'second', dependsOn }, { ...copy, name: 'beside' }]
    await world.db.update(pipelines).set({ definition: { activities } })
  })

  test('wait, while the others run side by side; and are skipped when theirs did not succeed', async () => {
    const { pipelineRunId } = await start()
    const phases = async () =>
      (await world.db.select().from(activityRuns).orderBy(activityRuns.ordinal)).map(
        ({ phase, status }) => `${phase} ${status}`,
      )
    expect(await phases()).toEqual(['preparing Queued', 'waiting Queued', 'preparing Queued'])
    await cancelPipelineRun(world.operator, { pipelineRunId })
    expect(await phases()).toEqual(['ended Cancelled', 'ended Cancelled', 'ended Cancelled'])
  })
})

describe('cancelPipelineRun()', () => {
  test('is audited, refused to readers, and has nothing to do after the end', async () => {
    const input = await start()
    await expect(cancelPipelineRun(world.reader, input)).rejects.toMatchObject({ code: 'forbidden' })
    await expect(cancelPipelineRun(world.stranger, input)).rejects.toMatchObject({ code: 'not_found' })
    await cancelPipelineRun(world.operator, input)
    expect(await lastAudit()).toMatchObject({ action: 'run.cancelled', before: { status: 'Queued' } })
    await expect(cancelPipelineRun(world.operator, input)).rejects.toMatchObject({
      code: 'conflict',
      message: 'The run of "nightly" has ended (Cancelled): there is nothing to cancel',
    })
  })

  test('says on the run and in its log who asked, until the run is resumed', async () => {
    const { pipelineRunId } = await start()
    const nobody = { cancelledBy: null, cancelRequestedAt: null }
    const look = () => getRun(world.reader, pipelineRunId, RunView.parse({}))
    expect(await look()).toMatchObject({ ...nobody, log: [] })
    await cancelPipelineRun(world.operator, { pipelineRunId })
    const { name } = world.operator.actor
    expect(await look()).toMatchObject({
      cancelledBy: name,
      cancelRequestedAt: expect.stringMatching(/^\d{4}-.+Z$/),
      log: [{ message: `${name} asked to cancel` }],
    })
    await retryPipelineRun(world.operator, { pipelineRunId, mode: 'resume' })
    expect(await look()).toMatchObject({ ...nobody, log: [{}, {}] })
  })
})

describe('retryPipelineRun()', () => {
  test('waits for the end of the run, and is refused to readers', async () => {
    const { pipelineRunId } = await start()
    await expect(retryPipelineRun(world.operator, { pipelineRunId, mode: 'restart' })).rejects.toMatchObject({
      code: 'conflict',
      message: 'Cannot restart the run of "nightly": it is still Queued',
    })
    await expect(retryPipelineRun(world.reader, { pipelineRunId, mode: 'resume' })).rejects.toMatchObject({
      code: 'forbidden',
    })
  })

  test('restarts the pipeline as it is now, in a new run that names the old one', async () => {
    const { pipelineRunId } = await start()
    await cancelPipelineRun(world.operator, { pipelineRunId })
    await world.db.update(pipelines).set({ name: 'renamed' })
    const again = await retryPipelineRun(world.operator, { pipelineRunId, mode: 'restart' })
    const [run] = await world.db.select().from(pipelineRuns).where(eq(pipelineRuns.id, again.pipelineRunId))
    expect(run).toMatchObject({
      pipelineName: 'renamed',
      status: 'Queued',
      invokedBy: { type: 'Retry', runId: pipelineRunId },
    })
    expect(await lastAudit()).toMatchObject({ action: 'run.restarted', after: { pipelineRunId: run?.id } })
  })

  test('resumes with the credential that was entered since', async () => {
    const { pipelineRunId } = await start()
    await cancelPipelineRun(world.operator, { pipelineRunId })
    await world.db.update(linkedServices).set({ credentialVersion: 7 })
    await retryPipelineRun(world.operator, { pipelineRunId, mode: 'resume' })
    const [activity] = await world.db.select().from(activityRuns)
    expect(activity).toMatchObject({
      status: 'Queued',
      spec: { source: { store: { credentialVersion: 7 } } },
    })
    expect(await lastAudit()).toMatchObject({ action: 'run.resumed' })
  })

  test('does not resume through a linked service that has moved to another runtime', async () => {
    const { pipelineRunId } = await start()
    await cancelPipelineRun(world.operator, { pipelineRunId })
    const elsewhere = await aRuntime(world.db, world.factory)
    await aLinkedService(world.db, elsewhere)
    await world.db.update(linkedServices).set({ runtimeId: elsewhere.id })
    await expect(retryPipelineRun(world.operator, { pipelineRunId, mode: 'resume' })).rejects.toMatchObject({
      code: 'conflict',
    })
  })
})
