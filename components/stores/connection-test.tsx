'use client'

import { useQueries } from '@tanstack/react-query'
import { PlugZap } from 'lucide-react'
import { useState } from 'react'
import { callAction } from '@/components/form/call-action'
import { FormError } from '@/components/form/form-error'
import { NodeTestResult } from '@/components/stores/node-test-result'
import { answerOptions } from '@/components/stores/query-options'
import { Button } from '@/components/ui/button'
import { Panel } from '@/components/ui/panel'
import type { ActionError } from '@/lib/action-result'
import { requestConnectionTestAction } from '@/lib/interactive/actions'
import type { NodeTest } from '@/lib/interactive/request-connection-test'

type ConnectionTestProps = {
  store: { id: string; name: string; isFolder: boolean }
  runtimeName: string
  /** Why this person may not test; null where they may. */
  refusal: string | null
}

/** Asks every node of the runtime to connect, and shows per node how far each got. */
export function ConnectionTest({ store, runtimeName, refusal }: ConnectionTestProps) {
  const [tests, setTests] = useState<NodeTest[]>([])
  const [failure, setFailure] = useState<ActionError | null>(null)
  const [requesting, setRequesting] = useState(false)
  const answers = useQueries({ queries: tests.map(({ taskId }) => answerOptions(taskId)) })
  const pending = requesting || answers.some(({ isFetching }) => isFetching)

  async function handleTest() {
    setRequesting(true)
    setFailure(null)
    const asked = await callAction(requestConnectionTestAction, { linkedServiceId: store.id })
    setRequesting(false)
    if (asked.ok) setTests(asked.data.tests)
    else setFailure(asked.error)
  }

  return (
    <Panel
      title="Connection"
      description={
        store.isFolder
          ? `The folder is looked for on each node of ${runtimeName}, so each tests by itself.`
          : `Each node of ${runtimeName} stands in its own network, so each tests by itself.`
      }
      actions={
        <Button
          icon={<PlugZap aria-hidden />}
          pending={pending}
          disabledReason={refusal}
          onClick={() => void handleTest()}
        >
          Test connection
        </Button>
      }
      flush={tests.length > 0}
    >
      <FormError failure={failure} />
      {tests.length === 0 && !failure ? (
        <p className="text-sm text-fg-muted">
          A test goes step by step, up to the right to read, and says where it ends.
        </p>
      ) : null}
      {tests.length > 0 ? (
        <ul aria-label={`Connection of each node to ${store.name}`}>
          {tests.map(({ taskId, nodeName }) => (
            <li key={taskId} className="border-b last:border-b-0">
              <NodeTestResult taskId={taskId} nodeName={nodeName} isFolder={store.isFolder} />
            </li>
          ))}
        </ul>
      ) : null}
    </Panel>
  )
}
