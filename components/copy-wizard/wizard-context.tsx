'use client'

import { createContext, useContext } from 'react'
import type { CopyMapping } from '@/components/copy-wizard/use-mappings'
import type { DraftProblem } from '@/lib/copy-wizard/checks'
import type { PlannedCopy } from '@/lib/copy-wizard/copies'
import type { CopyDraft, WizardStep } from '@/lib/copy-wizard/draft'
import type { StoreChoice, StoreChoices } from '@/lib/linked-services/queries'

/** A linked service as the wizard shows it; `version` changes with its definition and credential. */
export type WizardStoreView = StoreChoice

/** What the page gives to the wizard. */
export type WizardData = {
  factory: { id: string; name: string }
  /** The first of the linked services, and how many there are. */
  choices: StoreChoices
  /** Why this person may not do it; null where they may. */
  refusals: { save: string | null; run: string | null; browse: string | null; preview: string | null }
}

export type Wizard = WizardData & {
  /** Names of datasets that those of this copy must differ from. */
  takenDatasets: readonly string[]
  /** Makes a store known that the page did not bring. */
  meet: (store: WizardStoreView) => void
  /** With the keys that an upsert proposes where nobody chose others. */
  draft: CopyDraft
  change: (update: (draft: CopyDraft) => CopyDraft) => void
  source: WizardStoreView | undefined
  sink: WizardStoreView | undefined
  copies: readonly PlannedCopy[]
  mappings: Readonly<Record<string, CopyMapping>>
  problems: readonly DraftProblem[]
  /** Steps that somebody tried to leave: their problems are shown. */
  attempted: ReadonlySet<WizardStep>
  step: WizardStep
  goTo: (step: WizardStep) => void
}

const WizardContext = createContext<Wizard | null>(null)
export const WizardProvider = WizardContext.Provider

export function useWizard(): Wizard {
  const wizard = useContext(WizardContext)
  if (!wizard) throw new Error('A part of the wizard stands outside of it')
  return wizard
}

/** What is wrong at this field, once somebody tried to go on. */
export function useProblem(field: string): string | undefined {
  const { problems, attempted } = useWizard()
  return problems.find((problem) => problem.field === field && attempted.has(problem.step))?.message
}

type Part = 'source' | 'sink' | 'options'

/** Changes some values of one part of the draft. */
export function usePatch<Name extends Part>(part: Name) {
  const { change } = useWizard()
  return (values: Partial<CopyDraft[Name]>) =>
    change((draft) => ({ ...draft, [part]: { ...draft[part], ...values } }))
}
