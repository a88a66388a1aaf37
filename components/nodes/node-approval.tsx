import { Callout } from '@/components/ui/callout'
import { CodeBlock } from '@/components/ui/code-block'
import { Panel } from '@/components/ui/panel'
import { Time } from '@/components/ui/time'
import type { NodeView } from '@/lib/nodes/queries'

type NodeApprovalProps = {
  node: Pick<NodeView, 'displayName' | 'fingerprint'>
  since: string
  /** Names of nodes of the runtime that are admitted, and so can approve. */
  members: readonly string[]
}

/**
 * How an Owner approves a waiting node. The commands carry no fingerprint: one that came from this page would approve
 * whatever the page's server shows.
 */
export function NodeApproval({ node, since, members }: NodeApprovalProps) {
  const { displayName, fingerprint } = node
  return (
    <Panel
      title="Waits for an Owner’s approval"
      description={
        <>
          Since <Time value={since} />. Until then it takes no task that needs a credential.
        </>
      }
    >
      <ol className="flex list-decimal flex-col gap-4 pl-5 text-sm marker:text-fg-muted">
        <li>
          <p className="mb-1.5">On {displayName}, read the fingerprint of its keys:</p>
          <CodeBlock label="Status command" code="node sallyport-agent.cjs status" />
        </li>
        <li>
          <p className="mb-1.5">
            Compare it with the one that this portal was told. If they differ, approve nothing: somebody
            changed the keys on their way, or the portal itself is not to be trusted.
          </p>
          <p className="font-mono text-base font-medium tracking-wide wrap-anywhere">{fingerprint}</p>
        </li>
        <li>
          <p className="mb-1.5">
            On the machine of {memberWords(members)}, approve it with the fingerprint that you read on{' '}
            {displayName}:
          </p>
          <CodeBlock label="Approve command" code="node sallyport-agent.cjs approve <fingerprint>" />
        </li>
      </ol>
      <div className="mt-4">
        <Callout title="Why there is no button here">
          The runtime is strict. An approval that went through this page could be forged by whoever hacked the
          portal; the one on a machine is signed with that node’s key, and every other node checks it.
        </Callout>
      </div>
    </Panel>
  )
}

function memberWords(members: readonly string[]): string {
  if (members.length === 0) return 'a node that is admitted (none is at this moment)'
  if (members.length === 1) return members[0] ?? ''
  if (members.length > 4) return `one of the ${members.length} nodes that are admitted`
  return `${members.slice(0, -1).join(', ')} or ${members.at(-1)}`
}
