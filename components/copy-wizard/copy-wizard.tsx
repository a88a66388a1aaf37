'use client'

import { useQuery } from '@tanstack/react-query'
import { useSearchParams } from 'next/navigation'
import {
  type ComponentType,
  lazy,
  type RefObject,
  Suspense,
  useCallback,
  useEffect,
  useMemo,
  useRef,
  useState,
} from 'react'
import { flushSync } from 'react-dom'
import { focusFirstProblem } from '@/components/copy-wizard/focus-problem'
import { SourceStep } from '@/components/copy-wizard/source-step'
import { StepNav, stepNames } from '@/components/copy-wizard/step-nav'
import { Summary } from '@/components/copy-wizard/summary'
import { useCopyDraft } from '@/components/copy-wizard/use-copy-draft'
import { takenNamesOptions } from '@/components/copy-wizard/taken-names'
import { useMappings } from '@/components/copy-wizard/use-mappings'
import { keysOf, linesOf } from '@/components/copy-wizard/wizard-facts'
import {
  type Wizard,
  type WizardData,
  WizardProvider,
  type WizardStoreView,
} from '@/components/copy-wizard/wizard-context'
import { findStores } from '@/components/stores/use-store-choices'
import { Button } from '@/components/ui/button'
import { Skeleton } from '@/components/ui/skeleton'
import { draftProblems } from '@/lib/copy-wizard/checks'
import { plannedCopies, storesOf } from '@/lib/copy-wizard/copies'
import { type CopyDraft, type WizardStep, wizardSteps } from '@/lib/copy-wizard/draft'
import { withProposedKeys } from '@/lib/copy-wizard/mapping'
import { pipelineNameOf } from '@/lib/copy-wizard/names'
import { startFrom, type StartingPoint } from '@/lib/copy-wizard/start-from'
import { withQuery } from '@/lib/paths'

type CopyWizardProps = WizardData & {
  /** What another page wants to be copied. */
  from: StartingPoint
}

/** Copy data in five steps. Everything chosen and typed is kept with every key, and each step can be gone to at any time. */
export function CopyWizard({ from, ...data }: CopyWizardProps) {
  const { factory, choices } = data
  const [met, setMet] = useState<readonly WizardStoreView[]>([])
  const stores = useMemo(() => [...choices.rows, ...met], [choices, met])
  const kept = useCopyDraft(factory.id, async (draft) => {
    const ends = [draft.source.linkedService, draft.sink.linkedService]
    // Without an answer they are chosen anew.
    const found = await findStores(factory.name, choices, ends).catch(() => [])
    setMet(found)
    return startFrom(draft, from, [...choices.rows, ...found])
  })
  const meet = useCallback(
    (store: WizardStoreView) => {
      const isKnown = (known: readonly WizardStoreView[]) => known.some(({ id }) => id === store.id)
      if (!isKnown(choices.rows)) setMet((before) => (isKnown(before) ? before : [...before, store]))
    },
    [choices],
  )
  if (!kept.draft) return <Skeleton className="h-96 w-full" />
  const { draft, change, forget } = kept
  return <Steps data={{ ...data, meet }} stores={stores} draft={draft} change={change} onFinished={forget} />
}

type StepsData = WizardData & Pick<Wizard, 'meet'>
type StepsProps = {
  data: StepsData
  /** All that are known here. */
  stores: readonly WizardStoreView[]
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

function Steps({ onFinished, ...state }: StepsProps) {
  const wizard = useWizardState(state)
  const Part = parts[wizard.step]
  const heading = useLandingOf(wizard.step)
  const begun = wizard.source !== undefined
  useEffect(() => {
    if (begun) for (const load of Object.values(later)) void load()
  }, [begun])
  return (
    <WizardProvider value={wizard}>
      <div className="grid items-start gap-4 lg:grid-cols-[minmax(0,1fr)_288px]">
        <div className="flex min-w-0 flex-col gap-4">
          <StepNav />
          <h2 ref={heading} tabIndex={-1} className="sr-only">
            {stepNames[wizard.step]}
          </h2>
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

/**
 * The button that led to a step may be gone there, or say something else: whoever goes on by keyboard begins at the top
 * of the step, and a screen reader says its name. The steps' own buttons stay, and keep the focus.
 */
function useLandingOf(step: WizardStep): RefObject<HTMLHeadingElement | null> {
  const heading = useRef<HTMLHeadingElement>(null)
  const shown = useRef(step)
  useEffect(() => {
    if (shown.current === step) return
    shown.current = step
    if (!document.activeElement?.closest('nav')) heading.current?.focus({ preventScroll: true })
  }, [step])
  return heading
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

function useWizardState({ data, stores, draft: kept, change }: Omit<StepsProps, 'onFinished'>): Wizard {
  const [step, setStep] = useStep()
  const [attempted, setAttempted] = useState<ReadonlySet<WizardStep>>(new Set())
  const { source, sink } = storesOf(kept, stores)
  const views = useMemo(
    () => ({
      source: stores.find(({ id }) => id === source?.id),
      sink: stores.find(({ id }) => id === sink?.id),
    }),
    [stores, source?.id, sink?.id],
  )
  const copies = useMemo(() => plannedCopies(kept, { sink }), [kept, sink])
  const wanted = step !== 'source' && step !== 'sink'
  const mappings = useMappings({ draft: kept, ...views, copies, wanted })
  const draft = withProposedKeys(kept, keysOf(mappings))
  const name = pipelineNameOf(kept, { source, sink })
  const { data: taken } = useQuery({
    ...takenNamesOptions(data.factory.name, name),
    enabled: step === 'review',
  })
  const facts = { stores, isNameTaken: taken?.isPipeline ?? false, lines: linesOf(mappings) }
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
  const takenDatasets = taken?.datasets ?? []
  return {
    ...data,
    takenDatasets,
    draft,
    change,
    ...views,
    copies,
    mappings,
    problems,
    attempted,
    step,
    goTo,
  }
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
