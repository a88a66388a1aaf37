import { credentialContext, open } from '../../lib/protocol/sealing.ts'
import { type StoreRef, StoreSecret } from '../../lib/protocol/stores.ts'
import { canonicalJson } from '../../lib/protocol/canonical-json.ts'
import { TaskFailure } from '../copy/failure.ts'
import type { KeptCredential } from './vault-file.ts'

/** The private key of a generation; null where this node does not have it. */
export type KeyOf = (generation: number) => Promise<string | null>

/**
 * The kept credential that a task's store may use: of the version asked for, or a newer one for the very same address. A
 * changed address needs its own credential, and fails closed.
 */
export function findCredential(kept: readonly KeptCredential[], store: StoreRef): KeptCredential {
  const found = kept.find(({ sealed }) => sealed.linkedServiceId === store.linkedServiceId)
  if (!found) throw unavailable('the portal has not given it to this node')
  if (found.sealed.version < store.credentialVersion)
    throw unavailable(
      `it holds version ${found.sealed.version}, version ${store.credentialVersion} is asked for`,
    )
  if (canonicalJson(found.context.address) !== canonicalJson(store.address))
    throw unavailable('it was sealed for another address. Enter the secret again, or start the run anew')
  return found
}

/** Opens a credential for the context that it was sealed for; any changed bit of either fails. */
export async function openCredential(
  { sealed, context }: KeptCredential,
  keyOf: KeyOf,
): Promise<StoreSecret> {
  const privateKey = await keyOf(sealed.generation)
  if (privateKey === null)
    throw unavailable(`it was not admitted to generation ${sealed.generation} of the vault`)
  if (sealed.version !== context.version || sealed.linkedServiceId !== context.linkedServiceId)
    throw unavailable('its label does not fit what was sealed')
  try {
    const plain = await open({ privateKey, purpose: 'credential' }, credentialContext(context), sealed)
    return StoreSecret.parse(JSON.parse(new TextDecoder().decode(plain)))
  } catch {
    throw unavailable('it was sealed for another address or changed on the way. Enter the secret again')
  }
}

function unavailable(why: string): TaskFailure {
  return new TaskFailure('credential_unavailable', `This node cannot open the credential: ${why}`, {
    side: 'node',
  })
}
