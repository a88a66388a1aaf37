import { inArray, like, or } from 'drizzle-orm'
import { encode } from 'next-auth/jwt'
import { roleAssignments } from '@/drizzle/schema/access'
import { datasets, linkedServices } from '@/drizzle/schema/authoring'
import { factories } from '@/drizzle/schema/factories'
import { pipelineRuns, tasks } from '@/drizzle/schema/runs'
import { authKeys, enrolmentLinks } from '@/drizzle/schema/runtimes'
import { users } from '@/drizzle/schema/tenants'
import { makeAuthKey } from '@/lib/auth-keys/auth-key'
import { sessionCookieName, sessionSecret } from '@/lib/auth/session-cookie'
import { createSession } from '@/lib/auth/sessions'
import type { WriteContext } from '@/lib/command'
import type { Db } from '@/lib/db/client'
import {
  aDataset,
  aFactory,
  aLinkedService,
  aNode,
  aPipeline,
  aRuntime,
  aUser,
  first,
  unique,
} from '@/lib/db/test-fixtures'
import type { Role } from '@/lib/permissions'
import { startPipelineRun } from '@/lib/runs/start'

export type ActionWorld = Awaited<ReturnType<typeof anActionWorld>>

const named = () => ({ name: unique('canary') })

/** One of everything that an action can name, and a spare one of what is deleted. All names begin with "canary". */
export async function anActionWorld({ db, actor }: WriteContext, otherSessionId: string) {
  const { tenantId } = actor
  const factory = await aFactory(db, tenantId, named())
  const runtime = await aRuntime(db, factory, named())
  const authKey = { runtimeId: runtime.id, name: 'authKey1' as const }
  await db.insert(authKeys).values({ ...authKey, ...makeAuthKey(authKey) })
  const node = await aNode(db, runtime, named())
  const store = await aLinkedService(db, runtime, named())
  const dataset = await aDataset(db, store, named())
  const pipeline = await aPipeline(db, { source: dataset, sink: dataset }, named())
  const started = {
    tenantId,
    factoryId: factory.id,
    pipelineId: pipeline.id,
    pipelineName: pipeline.name,
    definition: pipeline.definition,
    invokedBy: { type: 'Manual' as const, userId: null, name: 'canary' },
  }
  const asked = { runtimeId: runtime.id, kind: 'browse' as const, interactive: true, spec: {} as never }
  return {
    factory,
    runtime,
    node,
    store,
    dataset,
    pipeline,
    run: await startPipelineRun({ db, actor }, { pipelineId: pipeline.id }),
    failedRun: first(
      await db
        .insert(pipelineRuns)
        .values({ ...started, status: 'Failed' })
        .returning(),
    ),
    request: first(
      await db
        .insert(tasks)
        .values({ ...asked, state: 'succeeded', requestedBy: crypto.randomUUID() })
        .returning(),
    ),
    link: first(
      await db
        .insert(enrolmentLinks)
        .values({
          id: crypto.randomUUID(),
          runtimeId: runtime.id,
          secretHash: 'cd'.repeat(32),
          expiresAt: new Date(Date.now() + 3_600_000),
        })
        .returning(),
    ),
    spareFactory: await aFactory(db, tenantId, named()),
    spareRuntime: await aRuntime(db, factory, named()),
    spareNode: await aNode(db, runtime, named()),
    spareStore: await aLinkedService(db, runtime, named()),
    spareDataset: await aDataset(db, store, named()),
    sparePipeline: await aPipeline(db, { source: dataset, sink: dataset }, named()),
    newName: unique('made'),
    otherSessionId,
  }
}

/** A user with two sessions, without the sign-in page: `factoryId` absent means a role in the whole tenant. */
export async function aSignedInUser(
  db: Db,
  tenantId: string,
  grant: { role: Role; factoryId?: string } | null,
) {
  const { userId } = await aUser(db, tenantId, null)
  if (grant) await db.insert(roleAssignments).values({ tenantId, userId, ...grant })
  const client = { userAgent: 'journeys', address: '127.0.0.1' }
  const { token } = await createSession(db, userId, client)
  const { sessionId: otherSessionId } = await createSession(db, userId, client)
  const sealed = await encode({ token: { sessionToken: token }, secret: sessionSecret() })
  return { userId, otherSessionId, cookie: `${sessionCookieName()}=${sealed}` }
}

/** No later journey shall find what this one left; the audit log keeps its tenant. */
export async function forgetWorlds(db: Db, userIds: readonly string[]): Promise<void> {
  const made = or(like(factories.name, 'canary-%'), like(factories.name, 'made-%'))
  const inMade = db.select({ id: factories.id }).from(factories).where(made)
  await db.delete(pipelineRuns).where(inArray(pipelineRuns.factoryId, inMade))
  await db.delete(datasets).where(inArray(datasets.factoryId, inMade))
  await db.delete(linkedServices).where(inArray(linkedServices.factoryId, inMade))
  await db.delete(factories).where(made)
  await db.delete(users).where(inArray(users.id, [...userIds]))
}
