import { StateBadge } from '@/components/ui/badge'
import { Callout } from '@/components/ui/callout'
import { Panel } from '@/components/ui/panel'
import { Time } from '@/components/ui/time'
import { formatCount } from '@/lib/format'
import type { CredentialOnNode } from '@/lib/linked-services/queries'

type CredentialPanelProps = {
  version: number
  /** Nobody can open the secret any more. */
  isLost: boolean
  runtimeName: string
  /** The first of them, and how many there are. */
  nodes: readonly CredentialOnNode[]
  nodeCount: number
}

/** Which nodes have opened the sealed secret: the same secret everywhere, or a reason. */
export function CredentialPanel({ version, isLost, runtimeName, nodes, nodeCount }: CredentialPanelProps) {
  if (version === 0)
    return (
      <Panel title="Credential">
        <p className="text-sm text-fg-muted">
          A folder on the node needs no secret: the node opens it with its own rights, and only where its
          configuration allows.
        </p>
      </Panel>
    )
  return (
    <Panel
      title="Credential"
      description={`Version ${version}, sealed for the nodes of ${runtimeName}. The portal cannot read it.`}
      flush={nodes.length > 0 && !isLost}
    >
      {isLost || nodes.length === 0 ? (
        <Callout tone="warn" title="No node holds this secret any more">
          The last node that could open it was removed.{' '}
          {nodes.length === 0
            ? `Register a node of ${runtimeName}, then enter the secret again.`
            : 'Press Edit and enter it again.'}
        </Callout>
      ) : (
        <ul aria-label="Credential on each node" className="text-sm">
          {nodes.map((node) => (
            <li
              key={node.nodeId}
              className="flex flex-wrap items-center gap-x-3 gap-y-0.5 border-b px-4 py-2 last:border-b-0"
            >
              <span className="min-w-32 flex-1 font-medium wrap-anywhere">{node.nodeName}</span>
              <NodeCredential node={node} version={version} />
            </li>
          ))}
          {nodeCount > nodes.length ? (
            <li className="px-4 py-2 text-fg-muted">and {formatCount(nodeCount - nodes.length)} more</li>
          ) : null}
        </ul>
      )}
    </Panel>
  )
}

function NodeCredential({ node, version }: { node: CredentialOnNode; version: number }) {
  if (node.error)
    return (
      <>
        <StateBadge standing="bad">Cannot open it</StateBadge>
        <span className="wrap-anywhere text-fg-muted">{node.error}. Enter the secret again</span>
      </>
    )
  if (node.version === version && node.openedAt)
    return (
      <>
        <StateBadge standing="ok">Opened</StateBadge>
        <span className="text-fg-muted">
          <Time value={node.openedAt} />
        </span>
      </>
    )
  return (
    <>
      <StateBadge standing="waiting">Not opened yet</StateBadge>
      <span className="text-fg-muted">
        {node.version > 0 ? `It holds version ${node.version}` : 'It opens it at its next poll'}
      </span>
    </>
  )
}
