'use client'

import { useQuery } from '@tanstack/react-query'
import { LiveProblem } from '@/components/live/live-problem'
import { PageBody, PageHeader } from '@/components/shell/page-header'
import { Panel } from '@/components/ui/panel'
import { Time } from '@/components/ui/time'
import { WhyPanel } from '@/components/ui/why-panel'
import { paths } from '@/lib/paths'
import { NodeActions, type NodeRights } from './node-actions'
import { NodeApproval } from './node-approval'
import { NodeFacts } from './node-facts'
import { NodeStateWhy, nodeStateWord, whyOf } from './node-state'
import { NodeTasks } from './node-tasks'
import { NodeVault } from './node-vault'
import { type NodeLive, nodeQuery } from './query-options'

type NodePageProps = {
  factory: string
  runtime: string
  initial: NodeLive
  rights: NodeRights
  /** Names of the runtime's other nodes that hold the vault key. */
  members: readonly string[]
}

/** One node, up to date by itself: why first where it is not well, then what it does and what it is. */
export function NodePage({ factory, runtime, initial, rights, members }: NodePageProps) {
  const { data, error, dataUpdatedAt } = useQuery({ ...nodeQuery(initial.node.id), initialData: initial })
  const { node, credentials } = data
  const { id, displayName, name, wish, state, tasks, lastSeenAt } = node
  return (
    <>
      <PageHeader
        title={displayName}
        description={displayName === name ? undefined : `Registered as ${name}`}
        state={
          <>
            <NodeStateWhy node={node} />
            {lastSeenAt ? (
              <span className="text-fg-muted">
                heard <Time value={lastSeenAt} />
              </span>
            ) : null}
          </>
        }
        actions={
          <NodeActions
            node={{ id, displayName, wish, running: tasks.length }}
            rights={rights}
            runtimeHref={paths.runtime(factory, runtime)}
          />
        }
      />
      <PageBody>
        <LiveProblem error={error} readAt={dataUpdatedAt} />
        {state === 'Online' ? null : (
          <Panel title={`Why it is ${nodeStateWord(state).toLowerCase()}`}>
            <WhyPanel {...whyOf(node.reason)} />
          </Panel>
        )}
        {node.vault.approvalSince ? (
          <NodeApproval node={node} since={node.vault.approvalSince} members={members} />
        ) : null}
        <NodeTasks factory={factory} node={node} />
        <div className="grid items-start gap-4 lg:grid-cols-2">
          <NodeFacts node={node} />
          <NodeVault factory={factory} node={node} credentials={credentials} />
        </div>
      </PageBody>
    </>
  )
}
