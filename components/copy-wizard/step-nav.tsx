'use client'

import { clsx } from 'clsx'
import { CircleAlert, CircleCheck } from 'lucide-react'
import { useWizard } from '@/components/copy-wizard/wizard-context'
import { type WizardStep, wizardSteps } from '@/lib/copy-wizard/draft'

export const stepNames = {
  source: 'Source',
  sink: 'Sink',
  mapping: 'Mapping',
  options: 'Options',
  review: 'Review',
} as const satisfies Record<WizardStep, string>

/** The five steps; each can be gone to at any time, and says whether something is wrong with it. */
export function StepNav() {
  const { step, goTo, problems, attempted } = useWizard()
  return (
    <nav aria-label="Steps">
      <ol className="flex gap-1 overflow-x-auto">
        {wizardSteps.map((name, index) => {
          const wrong = attempted.has(name) && problems.some((problem) => problem.step === name)
          const done = attempted.has(name) && !wrong
          return (
            // A phone has no room for five names: the one that is shown takes what it needs.
            <li key={name} className={name === step ? 'flex-none md:min-w-0 md:flex-1' : 'min-w-0 flex-1'}>
              <button
                type="button"
                aria-current={name === step ? 'step' : undefined}
                onClick={() => goTo(name)}
                className={clsx(
                  'flex h-10 w-full items-center justify-center gap-2 rounded-md border px-2 text-sm font-medium whitespace-nowrap md:justify-start md:px-3',
                  name === step ? 'border-accent-solid bg-accent-fill' : 'bg-panel hover:bg-hover',
                )}
              >
                <StepMark number={index + 1} wrong={wrong} done={done} />
                <span className={name === step ? '' : 'sr-only md:not-sr-only'}>{stepNames[name]}</span>
              </button>
            </li>
          )
        })}
      </ol>
    </nav>
  )
}

function StepMark({ number, wrong, done }: { number: number; wrong: boolean; done: boolean }) {
  if (wrong) return <CircleAlert aria-label="Needs attention" className="size-4 shrink-0 text-bad-text" />
  if (done) return <CircleCheck aria-label="Done" className="size-4 shrink-0 text-ok-text" />
  return <span className="text-fg-muted tabular-nums">{number}</span>
}
