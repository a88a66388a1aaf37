import type { z } from 'zod'
import type { NodeCall } from '@/lib/agent-route'
import type { Db } from '@/lib/db/client'
import type { VaultRequest, VaultResponse } from '@/lib/protocol/vault'
import { appendMembership } from '@/lib/vault/append'
import { noteFault, noteReady, noteRefusal } from '@/lib/vault/notes'
import { readVaultState } from '@/lib/vault/state'
import { listNewcomers } from '@/lib/vault/work'

/** The vault endpoint: one operation per message. */
export async function answerVault(
  db: Db,
  { node }: NodeCall,
  request: VaultRequest,
): Promise<z.input<typeof VaultResponse>> {
  switch (request.op) {
    case 'pull':
      return { op: 'state', state: await readVaultState(db, node, request) }
    case 'append':
      return { op: 'appended', vaultVersion: await appendMembership(db, node, request) }
    case 'ready':
      await noteReady(db, node, request)
      return { op: 'noted' }
    case 'refuse':
      await noteRefusal(db, node, request)
      return { op: 'noted' }
    case 'newcomers':
      return { op: 'newcomers', newcomers: await listNewcomers(db, node) }
    case 'fault':
      await noteFault(db, node, request.reason)
      return { op: 'noted' }
  }
}
