'use client'

import { clsx } from 'clsx'
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

/** A folder on the node has no network between, and no login: the agent opens it with its own rights. */
const folderSteps: Partial<Record<Step, { name: string; remedy: string }>> = {
  policy: {
    name: steps.policy.name,
    remedy:
      'On the node, allow it: node sallyport-agent.cjs configure --allow-folder. Or choose another folder.',
  },
  permission: {
    name: 'Folder',
    remedy: 'Check that the folder exists on the node, and that the user whom its agent runs as may read it.',
  },
}

function nameOf(step: Step, isFolder: boolean): string {
  return (isFolder ? folderSteps[step]?.name : undefined) ?? steps[step].name
}

function remedyOf(step: Step, isFolder: boolean): string {
  return (isFolder ? folderSteps[step]?.remedy : undefined) ?? remedyByCode[steps[step].code]
}

type NodeTestResultProps = { taskId: string; nodeName: string; isFolder: boolean }

/** One node's test: what it did in which time, and where it ended. */
export function NodeTestResult({ taskId, nodeName, isFolder }: NodeTestResultProps) {
  const { data, progress, failure } = useAsked(
    answerOptions(taskId),
    isFolder ? 'to open the folder' : 'to connect',
  )
  const output = data?.output
  const result = output?.kind === 'testConnection' ? output.result : null
  return (
    <section aria-label={`Node ${nodeName}`} className="px-4 py-3">
      <header className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <h3 className="font-semibold">{nodeName}</h3>
        <Verdict result={result} failed={failure !== null} isFolder={isFolder} />
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

type VerdictProps = { result: TestConnectionResult | null; failed: boolean; isFolder: boolean }

function Verdict({ result, failed, isFolder }: VerdictProps) {
  if (failed) return <StateBadge standing="bad">No answer</StateBadge>
  if (!result) return <StateBadge standing="busy">Testing</StateBadge>
  const totalMs = result.steps.reduce((sum, { durationMs }) => sum + durationMs, 0)
  const broken = result.steps.find(({ ok }) => !ok)
  return result.ok ? (
    <StateBadge standing="ok">
      {isFolder ? 'Opened' : 'Connected'} in {formatDuration(totalMs)}
    </StateBadge>
  ) : (
    <StateBadge standing="bad">{broken ? `Fails at: ${nameOf(broken.step, isFolder)}` : 'Fails'}</StateBadge>
  )
}

/** A line of its own where there is no room beside the step's name. */
const detailClass =
  'order-last min-w-0 basis-full pl-6 wrap-anywhere sm:order-none sm:flex-1 sm:basis-0 sm:pl-0'

type StepsProps = { taken: readonly TakenStep[]; ok: boolean; isFolder: boolean }

function Steps({ taken, ok, isFolder }: StepsProps) {
  const broken = taken.find((step) => !step.ok)
  return (
    <>
      <ol className="grid gap-1 text-sm">
        {taken.map((step) => (
          <li key={step.step} className="flex flex-wrap items-start gap-x-2">
            <StepMark ok={step.ok} />
            <span className="flex-1 sm:w-36 sm:flex-none">{nameOf(step.step, isFolder)}</span>
            <span className={clsx(detailClass, step.ok ? 'text-fg-muted' : 'text-bad-text')}>
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
          {remedyOf(broken.step, isFolder)}
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
  const order = (Object.keys(steps) as Step[]).filter((step) => !isFolder || step in folderSteps)
  const last = taken.at(-1)
  const rest = last ? order.slice(order.indexOf(last.step) + 1) : []
  if (rest.length === 0) return null
  return (
    <li className="flex items-start gap-2 text-fg-muted">
      <CircleDashed aria-hidden className="mt-0.5 size-4 shrink-0" />
      <span>Not reached: {rest.map((step) => nameOf(step, isFolder)).join(', ')}</span>
    </li>
  )
}
