'use client'

import { clsx } from 'clsx'
import Link from 'next/link'
import { useId, useState } from 'react'
import { useProblem, useWizard, type WizardStoreView } from '@/components/copy-wizard/wizard-context'
import { FieldNotes } from '@/components/form/field'
import { StoreFilter } from '@/components/stores/store-filter'
import { StoreKind } from '@/components/stores/store-kind'
import { useStoreChoices } from '@/components/stores/use-store-choices'
import { paths } from '@/lib/paths'

type StoreChoiceProps = {
  field: string
  legend: string
  chosen: WizardStoreView | undefined
  onChoose: (store: WizardStoreView) => void
  /** Why a store cannot be chosen here; null where it can. */
  refusalOf: (store: WizardStoreView) => string | null
}

/** The stores of the factory as cards; one that does not fit says why. */
export function StoreChoice({ field, legend, chosen, onChoose, refusalOf }: StoreChoiceProps) {
  const { choices, meet, factory } = useWizard()
  const shown = useStoreChoices(factory.name, choices)
  // Of many, what was chosen before stands first; a card that is chosen now stays where it is, and keeps the focus.
  const [first] = useState(shown.isLong ? chosen : undefined)
  const isFound = chosen === undefined || shown.rows.some(({ id: found }) => found === chosen.id)
  const pinned = isFound ? first : chosen
  const stores = pinned ? [pinned, ...shown.rows.filter((store) => store.id !== pinned.id)] : shown.rows
  const problem = useProblem(field)
  const id = useId()
  return (
    <fieldset aria-describedby={problem ? `${id}-error` : undefined} className="min-w-0">
      <legend className="mb-2 text-sm font-medium">{legend}</legend>
      <StoreFilter shown={shown} />
      <div
        className={clsx(
          'grid gap-2 sm:grid-cols-2 xl:grid-cols-3',
          // What comes below must not be a hundred cards away.
          shown.isLong && '-mx-1 max-h-96 overflow-y-auto p-1',
        )}
      >
        {stores.map((store) => (
          <StoreCard
            key={store.id}
            name={id}
            store={store}
            isChosen={store.id === chosen?.id}
            refusal={refusalOf(store)}
            onChoose={() => {
              meet(store)
              onChoose(store)
            }}
          />
        ))}
      </div>
      <p className="mt-2 text-sm text-fg-muted">
        Another store?{' '}
        <Link className="text-accent-text underline" href={`${paths.linkedServices(factory.name)}?new=1`}>
          Create a linked service
        </Link>{' '}
        and come back: what you chose here is kept.
      </p>
      <FieldNotes id={id} error={problem} />
    </fieldset>
  )
}

type StoreCardProps = {
  name: string
  store: WizardStoreView
  isChosen: boolean
  refusal: string | null
  onChoose: () => void
}

function StoreCard({ name, store, isChosen, refusal, onChoose }: StoreCardProps) {
  return (
    <label
      className={clsx(
        // The hidden radio stays with its card while the cards scroll.
        'relative flex min-w-0 flex-col rounded-md border px-3 py-2 text-sm has-focus-visible:outline-2 has-focus-visible:outline-accent-border',
        isChosen ? 'border-accent-solid bg-accent-fill' : 'bg-panel hover:border-neutral-7',
        refusal !== null && !isChosen && 'bg-canvas text-fg-muted',
      )}
    >
      <input
        type="radio"
        className="sr-only"
        name={name}
        value={store.id}
        checked={isChosen}
        disabled={refusal !== null && !isChosen}
        onChange={onChoose}
      />
      <span className="flex items-start justify-between gap-2">
        <span className="font-medium wrap-anywhere">{store.name}</span>
        <span className="max-w-1/2 shrink-0 truncate text-xs text-fg-muted" title={store.runtimeName}>
          {store.runtimeName}
        </span>
      </span>
      <span className="mt-0.5 text-fg-muted">
        <StoreKind type={store.type} />
      </span>
      <span className="truncate font-mono text-xs text-fg-muted">{store.address}</span>
      {refusal ? <span className="mt-1 text-xs text-fg-muted">{refusal}.</span> : null}
    </label>
  )
}
