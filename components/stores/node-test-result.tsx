'use client'

import { CircleCheck, CircleDashed, CircleX } from 'lucide-react'
import { NodeFailureCallout } from '@/components/stores/node-failure-callout'
import { ProgressLine } from '@/components/stores/progress-line'
import { answerOptions } from '@/components/stores/query-options'
import { useAsked } from '@/components/stores/use-asked'
import { StateBadge } from '@/components/ui/badge'
import { formatDuration } from '@/lib/format'
import type { FailureCode } from '@/lib/protocol/failure'
import { remedyByCode } from '@/lib/protocol/remedies'
import type { connectionSteps, TestConnectionResult } from '@/lib/protocol/interactive'

type Step = (typeof connectionSteps)[number]
type TakenStep = TestConnectionResult['steps'][number]

/** Each step in words, and the failure whose remedy helps when it does not succeed. */
const steps: Record<Step, { name: string; code: FailureCode }> = {
  credential: { name: 'Credential', code: 'credential_unavailable' },
  policy: { name: 'Policy of the node', code: 'policy_denied' },
  dns: { name: 'Host name (DNS)', code: 'dns_failed' },
  tcp: { name: 'Connection (TCP)', code: 'source_unreachable' },
  tls: { name: 'Encryption (TLS)', code: 'tls_failed' },
  login: { name: 'Sign-in', code: 'login_failed' },
  permission: { name: 'Right to read', code: 'permission_denied' },
}

/** A folder on the node has no network between. */
const folderSteps: readonly string[] = ['policy', 'permission'] satisfies Step[]

type NodeTestResultProps = { taskId: string; nodeName: string; isFolder: boolean }

/** One node's test: what it did in which time, and where it ended. */
export function NodeTestResult({ taskId, nodeName, isFolder }: NodeTestResultProps) {
  const { data, progress, failure } = useAsked(answerOptions(taskId), 'to connect')
  const output = data?.output
  const result = output?.kind === 'testConnection' ? output.result : null
  return (
    <section aria-label={`Node ${nodeName}`} className="px-4 py-3">
      <header className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <h3 className="font-semibold">{nodeName}</h3>
        <Verdict result={result} failed={failure !== null} />
        {result?.serverVersion ? <span className="text-sm text-fg-muted">{result.serverVersion}</span> : null}
      </header>
      <div className="mt-2">
        {failure ? <NodeFailureCallout failure={failure} /> : null}
        {result ? <Steps taken={result.steps} ok={result.ok} isFolder={isFolder} /> : null}
        {!result && !failure ? <ProgressLine>{progress ?? 'Asking…'}</ProgressLine> : null}
      </div>
    </section>
  )
}

function Verdict({ result, failed }: { result: TestConnectionResult | null; failed: boolean }) {
  if (failed) return <StateBadge standing="bad">No answer</StateBadge>
  if (!result) return <StateBadge standing="busy">Testing</StateBadge>
  const totalMs = result.steps.reduce((sum, { durationMs }) => sum + durationMs, 0)
  const broken = result.steps.find(({ ok }) => !ok)
  return result.ok ? (
    <StateBadge standing="ok">Connected in {formatDuration(totalMs)}</StateBadge>
  ) : (
    <StateBadge standing="bad">{broken ? `Fails at: ${steps[broken.step].name}` : 'Fails'}</StateBadge>
  )
}

type StepsProps = { taken: readonly TakenStep[]; ok: boolean; isFolder: boolean }

function Steps({ taken, ok, isFolder }: StepsProps) {
  const broken = taken.find((step) => !step.ok)
  return (
    <>
      <ol className="grid gap-1 text-sm">
        {taken.map((step) => (
          <li key={step.step} className="flex items-start gap-2">
            <StepMark ok={step.ok} />
            <span className="w-36 shrink-0">{steps[step.step].name}</span>
            <span
              className={
                step.ok
                  ? 'min-w-0 flex-1 wrap-anywhere text-fg-muted'
                  : 'min-w-0 flex-1 wrap-anywhere text-bad-text'
              }
            >
              {step.detail}
            </span>
            <span className="shrink-0 text-fg-muted tabular-nums">{formatDuration(step.durationMs)}</span>
          </li>
        ))}
        {ok ? null : <NotReached taken={taken} isFolder={isFolder} />}
      </ol>
      {broken ? (
        <p className="mt-2 text-sm">
          <span className="font-medium">What you can do: </span>
          {remedyByCode[steps[broken.step].code]}
        </p>
      ) : null}
    </>
  )
}

function StepMark({ ok }: { ok: boolean }) {
  return ok ? (
    <CircleCheck aria-label="Succeeded" className="mt-0.5 size-4 shrink-0 text-ok-text" />
  ) : (
    <CircleX aria-label="Failed" className="mt-0.5 size-4 shrink-0 text-bad-text" />
  )
}

/** A test stops at the first step that fails; what would have come is said in one line. */
function NotReached({ taken, isFolder }: Pick<StepsProps, 'taken' | 'isFolder'>) {
  const order = (Object.keys(steps) as Step[]).filter((step) => !isFolder || folderSteps.includes(step))
  const last = taken.at(-1)
  const rest = last ? order.slice(order.indexOf(last.step) + 1) : []
  if (rest.length === 0) return null
  return (
    <li className="flex items-start gap-2 text-fg-muted">
      <CircleDashed aria-hidden className="mt-0.5 size-4 shrink-0" />
      <span>Not reached: {rest.map((step) => steps[step].name).join(', ')}</span>
    </li>
  )
}
