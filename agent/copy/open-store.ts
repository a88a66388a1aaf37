import type { StoreRef } from '../../lib/protocol/stores.ts'
import type { OpenStore } from '../connectors/connector.ts'
import type { TaskContext } from './task-context.ts'

/** A store with its opened secret: what connectors connect with. */
export async function openStore(
  ref: StoreRef,
  ctx: Pick<TaskContext, 'secretFor' | 'allowedFolders' | 'allowedHosts' | 'signal'>,
): Promise<OpenStore> {
  return {
    name: ref.linkedServiceName,
    address: ref.address,
    secret: await ctx.secretFor(ref),
    allowedFolders: ctx.allowedFolders,
    allowedHosts: ctx.allowedHosts,
    signal: ctx.signal,
  }
}
