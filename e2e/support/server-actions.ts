import { readFileSync } from 'node:fs'
import type { Role } from '@/lib/permissions'
import type { ActionWorld } from './action-world'

/** A server action as the build made it: an endpoint that anybody can post to. */
export type ServerAction = { name: string; id: string; path: string }

type Manifest = {
  node: Record<string, { exportedName: string; workers: Record<string, unknown> }>
  edge: Record<string, unknown>
}

/** All of them, from what Next itself reads when one is called, so that a new one cannot be forgotten. */
export function readServerActions(): ServerAction[] {
  const manifest = JSON.parse(readFileSync('.next/server/server-reference-manifest.json', 'utf8')) as Manifest
  if (Object.keys(manifest.edge).length > 0) throw new Error('There are actions that this list does not read')
  return Object.entries(manifest.node).map(([id, { exportedName, workers }]) => {
    const [page] = Object.keys(workers)
    if (!page) throw new Error(`No page has the action ${exportedName}`)
    return { name: exportedName, id, path: pathOf(page) }
  })
}

/** `app/(portal)/factories/[factory]/page` → `/factories/nowhere`: an action runs before its page looks at anything. */
function pathOf(page: string): string {
  return page
    .replace(/^app|\/page$/g, '')
    .replaceAll(/\/\([^)]*\)/g, '')
    .replaceAll(/\[[^\]]*\]/g, 'nowhere')
}

type Call = {
  /** Who may, written out by hand, so that a slip in the product's own table is seen. */
  roles: readonly Role[]
  input: (world: ActionWorld) => unknown
}

const operators: Role[] = ['Owner', 'Contributor', 'Operator']
const contributors: Role[] = ['Owner', 'Contributor']
const owners: Role[] = ['Owner']

/** In an order in which each succeeds for one who may do all of it. */
export const calls: Record<string, Call> = {
  requestConnectionTestAction: {
    roles: operators,
    input: ({ store }) => ({ linkedServiceId: store.id }),
  },
  requestBrowseAction: {
    roles: operators,
    input: ({ store }) => ({ linkedServiceId: store.id, path: [] }),
  },
  requestDescribeAction: {
    roles: operators,
    input: ({ store }) => ({ linkedServiceId: store.id, item: orders }),
  },
  requestPreviewAction: {
    roles: contributors,
    input: ({ store }) => ({
      linkedServiceId: store.id,
      item: orders,
      recipientKey: 'A'.repeat(43),
      requestId: crypto.randomUUID(),
    }),
  },
  cancelInteractiveAction: { roles: operators, input: ({ request }) => ({ taskIds: [request.id] }) },
  revealAuthKeysAction: { roles: owners, input: ({ runtime }) => ({ runtimeId: runtime.id }) },
  regenerateAuthKeyAction: {
    roles: owners,
    input: ({ runtime }) => ({ runtimeId: runtime.id, name: 'authKey1' }),
  },
  createEnrolmentLinkAction: {
    roles: contributors,
    input: ({ runtime }) => ({
      runtimeId: runtime.id,
      linkId: crypto.randomUUID(),
      secretHash: 'ab'.repeat(32),
    }),
  },
  revokeEnrolmentLinkAction: { roles: contributors, input: ({ link }) => ({ linkId: link.id }) },
  renameNodeAction: {
    roles: contributors,
    input: ({ node }) => ({ nodeId: node.id, displayName: 'renamed' }),
  },
  setNodeWishAction: { roles: operators, input: ({ node }) => ({ nodeId: node.id, wish: 'cordoned' }) },
  removeNodeAction: {
    roles: contributors,
    input: ({ spareNode }) => ({ nodeId: spareNode.id, confirmName: spareNode.displayName }),
  },
  createRuntimeAction: {
    roles: contributors,
    input: ({ factory }) => ({ factoryId: factory.id, name: 'made-by-action' }),
  },
  updateRuntimeAction: {
    roles: contributors,
    input: ({ runtime }) => ({
      runtimeId: runtime.id,
      description: 'changed',
      admission: 'standard',
      leaseSeconds: 60,
    }),
  },
  deleteRuntimeAction: {
    roles: contributors,
    input: ({ spareRuntime }) => ({ runtimeId: spareRuntime.id, confirmName: spareRuntime.name }),
  },
  saveLinkedServiceAction: {
    roles: contributors,
    input: ({ factory, runtime }) => ({
      factoryId: factory.id,
      linkedServiceId: crypto.randomUUID(),
      name: 'made-by-action',
      definition: {
        type: 'FileServer',
        connectVia: { referenceName: runtime.name, type: 'IntegrationRuntimeReference' },
        typeProperties: { host: '/srv' },
      },
    }),
  },
  deleteLinkedServiceAction: {
    roles: contributors,
    input: ({ spareStore }) => ({ linkedServiceId: spareStore.id, confirmName: spareStore.name }),
  },
  saveDatasetAction: {
    roles: contributors,
    input: ({ factory, dataset }) => ({
      factoryId: factory.id,
      name: 'made-by-action',
      definition: dataset.definition,
    }),
  },
  deleteDatasetAction: {
    roles: contributors,
    input: ({ spareDataset }) => ({ datasetId: spareDataset.id, confirmName: spareDataset.name }),
  },
  savePipelineAction: {
    roles: contributors,
    input: ({ factory, pipeline }) => ({
      factoryId: factory.id,
      name: 'made-by-action',
      definition: pipeline.definition,
    }),
  },
  createPipelineWithDatasetsAction: {
    roles: contributors,
    input: ({ factory, dataset, pipeline }) => ({
      factoryId: factory.id,
      datasets: [{ name: 'made-with-pipeline', definition: dataset.definition }],
      pipeline: { name: 'made-with-dataset', definition: pipeline.definition },
    }),
  },
  deletePipelineAction: {
    roles: contributors,
    input: ({ sparePipeline }) => ({ pipelineId: sparePipeline.id, confirmName: sparePipeline.name }),
  },
  startPipelineRunAction: { roles: operators, input: ({ pipeline }) => ({ pipelineId: pipeline.id }) },
  cancelPipelineRunAction: { roles: operators, input: ({ run }) => ({ pipelineRunId: run.pipelineRunId }) },
  retryPipelineRunAction: {
    roles: operators,
    input: ({ failedRun }) => ({ pipelineRunId: failedRun.id, mode: 'restart' }),
  },
  updateFactoryAction: {
    roles: contributors,
    input: ({ factory }) => ({ factoryId: factory.id, description: 'changed', tags: {} }),
  },
  deleteFactoryAction: {
    roles: owners,
    input: ({ spareFactory }) => ({ factoryId: spareFactory.id, confirmName: spareFactory.name }),
  },
  createFactoryAction: { roles: contributors, input: ({ newName }) => ({ name: newName }) },
}

const orders = { kind: 'table', schema: 'public', table: 'orders' }

/** Actions on one's own account, which needs no role: who that is comes from the session alone. */
export const ownCalls: Record<string, Pick<Call, 'input'>> = {
  updateProfileAction: { input: () => ({ name: 'Renamed' }) },
  revokeSessionAction: { input: ({ otherSessionId }) => ({ sessionId: otherSessionId }) },
  revokeOtherSessionsAction: { input: () => ({}) },
  changePasswordAction: {
    input: () => ({ currentPassword: 'not this one', newPassword: 'a heron stands at low tide' }),
  },
}

/** Actions for nobody in particular: they have tests of their own, and what strangers get of them is said there. */
export const openCalls = ['signOutAction', 'completeSetupAction']
