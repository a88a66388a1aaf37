import type { DatasetDefinition } from '@/lib/datasets/schemas'
import { conflict } from '@/lib/errors'
import { secretKindOf, secretNames } from '@/lib/linked-services/address'
import type { CopyActivity } from '@/lib/pipelines/schemas'
import type { StoreAddress, StoreRef } from '@/lib/protocol/stores'

/** What a copy activity refers to, as loaded from the factory. Names are compared without regard to case, as the database does. */
export type Definitions = {
  datasets: readonly { name: string; linkedServiceId: string; definition: DatasetDefinition }[]
  linkedServices: readonly LoadedLinkedService[]
}
export type LoadedLinkedService = {
  id: string
  name: string
  runtimeId: string
  runtimeName: string
  address: StoreAddress
  credentialVersion: number
}
/** One end of a copy, with everything that its error messages name. */
export type CopyEnd = { activity: string; dataset: string; definition: DatasetDefinition; store: StoreRef }

/** The one wording of "this definition cannot run". */
export function cannot(activity: string, reason: string) {
  return conflict(`Cannot run the activity "${activity}": ${reason}`)
}

/** The dataset and linked service at one side of the activity. */
export function resolveEnd(
  activity: CopyActivity,
  { datasets, linkedServices }: Definitions,
  side: 'inputs' | 'outputs',
): { end: CopyEnd; service: LoadedLinkedService } {
  const name = activity[side][0]?.referenceName ?? ''
  const dataset = datasets.find((one) => one.name.toLowerCase() === name.toLowerCase())
  if (!dataset)
    throw cannot(
      activity.name,
      `its ${side === 'inputs' ? 'input' : 'output'} dataset "${name}" does not exist. Create it, or name another one in the pipeline`,
    )
  const service = linkedServices.find((one) => one.id === dataset.linkedServiceId)
  if (!service) throw cannot(activity.name, `the linked service of the dataset "${name}" does not exist`)
  requireCredential(activity, service)
  const { definition } = dataset
  const end = { activity: activity.name, dataset: dataset.name, definition, store: storeRef(service) }
  return { end, service }
}

function requireCredential(activity: CopyActivity, service: LoadedLinkedService): void {
  const kind = secretKindOf(service.address)
  if (kind === null || service.credentialVersion > 0) return
  throw cannot(
    activity.name,
    `the linked service "${service.name}" has no ${secretNames[kind]} yet. Enter it on the page of the linked service`,
  )
}

/** The linked service as a task names it. */
export function storeRef(service: LoadedLinkedService): StoreRef {
  return {
    linkedServiceId: service.id,
    linkedServiceName: service.name,
    runtimeId: service.runtimeId,
    address: service.address,
    credentialVersion: service.credentialVersion,
  }
}
