import { createHmac, randomBytes, randomUUID } from 'node:crypto'
import { afterEach, beforeEach } from 'vitest'
import { newcomerProofText } from '../../lib/protocol/enrolment.ts'
import { linkSecretContext, seal } from '../../lib/protocol/sealing.ts'
import type { VaultNewcomer } from '../../lib/protocol/vault.ts'
import { type VaultNode, VaultPortal } from './vault-portal.ts'

export const address = {
  type: 'PostgreSql' as const,
  host: 'db.example.com',
  port: 5432,
  database: 'sales',
  username: 'reader',
  sslMode: 'require' as const,
}
export const password = { kind: 'password' as const, password: 'canary-secret-1' }
export const never = new AbortController().signal

/** A portal whose first node has founded the vault, anew for each test. */
export function foundedVault() {
  const world = {} as { portal: VaultPortal; first: VaultNode }

  beforeEach(async () => {
    world.portal = new VaultPortal()
    world.first = await world.portal.node()
    world.portal.work = [{ kind: 'found' }]
    await world.first.vault.sync(never)
  })
  afterEach(() => world.portal.removeFolders())

  /** Lets a member judge a newcomer, and both take in what came of it. */
  async function judge(newcomer: VaultNode, shown: Partial<VaultNewcomer> = {}, by = world.first) {
    world.portal.work = [{ kind: 'admit', newcomer: { ...newcomerOf(newcomer), ...shown } }]
    await by.vault.sync(never)
    await newcomer.vault.sync(never)
  }

  async function aLink({ signing }: { signing: VaultNode }) {
    const { portal } = world
    const [linkId, half] = [randomUUID(), randomBytes(32)]
    const { signingKey, vaultKey } = signing.identity
    const text = newcomerProofText(linkId, signingKey, vaultKey)
    const to = { publicKey: portal.publicKey, purpose: 'link-secret' as const }
    const context = linkSecretContext({ runtimeId: portal.runtimeId, linkId })
    return {
      linkId,
      proof: createHmac('sha256', half).update(text).digest('base64url'),
      sealedSecret: { generation: portal.generation, ...(await seal(to, context, half)) },
    }
  }

  const refusals = () => world.portal.said.filter(({ op }) => op === 'refuse')

  return { world, judge, aLink, refusals }
}

export const newcomerOf = ({ nodeId, identity }: VaultNode): VaultNewcomer => ({
  nodeId,
  nodeName: 'newcomer',
  signingKey: identity.signingKey,
  vaultKey: identity.vaultKey,
  vaultKeySignature: identity.vaultKeySignature,
})
