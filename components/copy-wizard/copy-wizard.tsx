'use client'

import { useSearchParams } from 'next/navigation'
import { type ComponentType, lazy, Suspense, useEffect, useMemo, useState } from 'react'
import { flushSync } from 'react-dom'
import { focusFirstProblem } from '@/components/copy-wizard/focus-problem'
import { SourceStep } from '@/components/copy-wizard/source-step'
import { StepNav, stepNames } from '@/components/copy-wizard/step-nav'
import { Summary } from '@/components/copy-wizard/summary'
import { useCopyDraft } from '@/components/copy-wizard/use-copy-draft'
import { useMappings } from '@/components/copy-wizard/use-mappings'
import { keysOf, linesOf } from '@/components/copy-wizard/wizard-facts'
import { type Wizard, type WizardData, WizardProvider } from '@/components/copy-wizard/wizard-context'
import { Button } from '@/components/ui/button'
import { Skeleton } from '@/components/ui/skeleton'
import { draftProblems } from '@/lib/copy-wizard/checks'
import { plannedCopies, storesOf } from '@/lib/copy-wizard/copies'
import { type CopyDraft, type WizardStep, wizardSteps } from '@/lib/copy-wizard/draft'
import { withProposedKeys } from '@/lib/copy-wizard/mapping'
import { startFrom, type StartingPoint } from '@/lib/copy-wizard/start-from'
import { withQuery } from '@/lib/paths'

type CopyWizardProps = WizardData & {
  /** What another page wants to be copied. */
  from: StartingPoint
}

/** Copy data in five steps. Everything chosen and typed is kept with every key, and each step can be gone to at any time. */
export function CopyWizard({ from, ...data }: CopyWizardProps) {
  const kept = useCopyDraft(data.factory.id, (draft) => startFrom(draft, from, data.stores))
  if (!kept.draft) return <Skeleton className="h-96 w-full" />
  return <Steps data={data} draft={kept.draft} change={kept.change} onFinished={kept.forget} />
}

type StepsProps = {
  data: WizardData
  draft: CopyDraft
  change: Wizard['change']
  onFinished: () => void
}

/** The later steps are fetched when the first choice was made: the page is looked at sooner. */
const later = {
  sink: async () => ({ default: (await import('@/components/copy-wizard/sink-step')).SinkStep }),
  mapping: async () => ({ default: (await import('@/components/copy-wizard/mapping-step')).MappingStep }),
  options: async () => ({ default: (await import('@/components/copy-wizard/options-step')).OptionsStep }),
  review: async () => ({ default: (await import('@/components/copy-wizard/review-step')).ReviewStep }),
}
const FinishButtons = lazy(async () => ({
  default: (await import('@/components/copy-wizard/finish-buttons')).FinishButtons,
}))
const parts: Record<WizardStep, ComponentType> = {
  source: SourceStep,
  sink: lazy(later.sink),
  mapping: lazy(later.mapping),
  options: lazy(later.options),
  review: lazy(later.review),
}

function Steps({ data, draft, change, onFinished }: StepsProps) {
  const wizard = useWizardState(data, draft, change)
  const Part = parts[wizard.step]
  const begun = wizard.source !== undefined
  useEffect(() => {
    if (begun) for (const load of Object.values(later)) void load()
  }, [begun])
  return (
    <WizardProvider value={wizard}>
      <div className="grid items-start gap-4 lg:grid-cols-[minmax(0,1fr)_288px]">
        <div className="flex min-w-0 flex-col gap-4">
          <StepNav />
          <h2 className="sr-only">{stepNames[wizard.step]}</h2>
          <Suspense fallback={<Skeleton className="h-96 w-full" />}>
            <Part />
          </Suspense>
          <Footer wizard={wizard} onFinished={onFinished} />
        </div>
        <aside aria-label="Summary of the copy" className="lg:sticky lg:top-16">
          <Summary />
        </aside>
      </div>
    </WizardProvider>
  )
}

function Footer({ wizard, onFinished }: { wizard: Wizard; onFinished: () => void }) {
  const at = wizardSteps.indexOf(wizard.step)
  const [before, after] = [wizardSteps[at - 1], wizardSteps[at + 1]]
  return (
    <div className="flex flex-wrap items-center justify-between gap-2">
      {before ? (
        <Button onClick={() => wizard.goTo(before)}>Back to {stepNames[before].toLowerCase()}</Button>
      ) : (
        <span />
      )}
      {after ? (
        <Button variant="primary" onClick={() => wizard.goTo(after)}>
          Next: {stepNames[after].toLowerCase()}
        </Button>
      ) : (
        <Suspense fallback={null}>
          <FinishButtons onFinished={onFinished} />
        </Suspense>
      )}
    </div>
  )
}

function useWizardState(data: WizardData, kept: CopyDraft, change: Wizard['change']): Wizard {
  const [step, setStep] = useStep()
  const [attempted, setAttempted] = useState<ReadonlySet<WizardStep>>(new Set())
  const { source, sink } = storesOf(kept, data.stores)
  const views = useMemo(
    () => ({
      source: data.stores.find(({ id }) => id === source?.id),
      sink: data.stores.find(({ id }) => id === sink?.id),
    }),
    [data.stores, source?.id, sink?.id],
  )
  const copies = useMemo(() => plannedCopies(kept, { sink }), [kept, sink])
  const wanted = step !== 'source' && step !== 'sink'
  const mappings = useMappings({ draft: kept, ...views, copies, wanted })
  const draft = withProposedKeys(kept, keysOf(mappings))
  const facts = { stores: data.stores, takenPipelines: data.takenPipelines, lines: linesOf(mappings) }
  const problems = draftProblems(draft, facts)

  function goTo(next: WizardStep) {
    // Everything up to where somebody goes has been passed, so its problems may be shown.
    const passed = wizardSteps.slice(0, wizardSteps.indexOf(next))
    flushSync(() => setAttempted((before) => new Set([...before, step, ...passed])))
    const wrong = problems.some((problem) => problem.step === step)
    const onward = wizardSteps.indexOf(next) === wizardSteps.indexOf(step) + 1
    if (wrong && onward) return focusFirstProblem()
    setStep(next)
    window.history.pushState(null, '', withQuery(location.pathname, { step: next }))
    window.scrollTo({ top: 0 })
  }
  return { ...data, draft, change, ...views, copies, mappings, problems, attempted, step, goTo }
}

/**
 * The step in the address. A step that is gone to is shown at once: the router shows a new address only after what it is
 * busy with, and a question to a node that is just being sent can hold it up.
 */
function useStep(): [WizardStep, (step: WizardStep) => void] {
  const inAddress = readStep(useSearchParams().get('step'))
  const [shown, setShown] = useState({ step: inAddress, inAddress })
  if (shown.inAddress !== inAddress) setShown({ step: inAddress, inAddress })
  return [shown.step, (step) => setShown((before) => ({ ...before, step }))]
}

function readStep(text: string | null): WizardStep {
  return wizardSteps.find((step) => step === text) ?? 'source'
}
