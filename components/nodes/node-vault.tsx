import Link from 'next/link'
import { type Standing, StateBadge } from '@/components/ui/badge'
import { Callout } from '@/components/ui/callout'
import { Facts, Panel } from '@/components/ui/panel'
import { formatCount } from '@/lib/format'
import type { NodeCredentialRow, NodeView } from '@/lib/nodes/queries'
import { paths } from '@/lib/paths'

type NodeVaultProps = { factory: string; node: NodeView; credentials: NodeCredentialRow[] }

/** Whether this node can read the credentials of its runtime: each by name. */
export function NodeVault({ factory, node, credentials }: NodeVaultProps) {
  const { runtimeGeneration, error } = node.vault
  return (
    <Panel title="Vault" description="Credentials are sealed for the nodes; the portal cannot open them.">
      <div className="flex flex-col gap-3">
        <Facts
          rows={[
            ['Vault key', runtimeGeneration === 0 ? 'not made yet' : keyWords(node.vault)],
            [
              'Credentials',
              node.credentials.total === 0
                ? 'none in this runtime yet'
                : `${node.credentials.opened} of ${node.credentials.total} opened`,
            ],
          ]}
        />
        {error ? (
          <Callout tone="warn" title="The node could not read the vault">
            {error}
          </Callout>
        ) : null}
        {credentials.length > 0 ? (
          <ul className="flex flex-col gap-2 text-sm">
            {credentials.map((credential) => (
              <li key={credential.linkedServiceId}>
                <div className="flex flex-wrap items-center justify-between gap-x-3">
                  <Link
                    href={paths.linkedService(factory, credential.linkedServiceName)}
                    className="min-w-0 truncate hover:underline"
                  >
                    {credential.linkedServiceName}
                  </Link>
                  <CredentialState credential={credential} />
                </div>
                {credential.error ? <p className="wrap-anywhere text-bad-text">{credential.error}</p> : null}
              </li>
            ))}
          </ul>
        ) : null}
        {node.credentials.total > credentials.length ? (
          <p className="text-sm text-fg-muted">
            and {formatCount(node.credentials.total - credentials.length)} more
            {credentials.some((one) => stateOf(one)[0] === 'ok') ? ', all opened' : ''}
          </p>
        ) : null}
      </div>
    </Panel>
  )
}

function keyWords({ generation, runtimeGeneration, approvalSince }: NodeView['vault']): string {
  if (approvalSince) return 'none: it waits for an Owner’s approval'
  if (generation === 0) return `waiting for key ${runtimeGeneration}`
  return generation === runtimeGeneration
    ? `key ${generation}, the newest`
    : `key ${generation}, the newest is ${runtimeGeneration}`
}

function CredentialState({ credential }: { credential: NodeCredentialRow }) {
  const [standing, word] = stateOf(credential)
  return <StateBadge standing={standing}>{word}</StateBadge>
}

function stateOf({ version, openedVersion, error }: NodeCredentialRow): [Standing, string] {
  if (openedVersion !== null && openedVersion >= version) return ['ok', `Version ${version} opened`]
  if (error) return ['bad', `Version ${version} does not open`]
  return openedVersion === null
    ? ['waiting', `Version ${version} not opened yet`]
    : ['warn', `Version ${openedVersion} of ${version}`]
}
