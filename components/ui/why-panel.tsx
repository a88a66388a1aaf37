import { ChevronDown } from 'lucide-react'
import type { ReactNode } from 'react'
import { StateBadge, type Standing } from './badge'
import { Popover } from './popover'
import { Time } from './time'

/** Why something is in the state it is in: the five things that every state can say. */
export type Why = {
  /** When it began; null where it always was so. */
  since?: string | Date | null | undefined
  /** What was seen: last poll, lease, probe. */
  evidence: readonly (readonly [term: string, value: ReactNode])[]
  /** The rule, with its threshold. */
  rule: ReactNode
  /** What happens next by itself. */
  next: ReactNode
  /** What a person can do; empty when there is nothing to do. */
  remedies: readonly ReactNode[]
}

/** The explanation of a state, as part of a page. */
export function WhyPanel({ since, evidence, rule, next, remedies }: Why) {
  return (
    <dl className="grid gap-3 text-sm">
      {since ? (
        <Answer term="Since">
          <Time value={since} />
        </Answer>
      ) : null}
      {evidence.length > 0 ? (
        <Answer term="Evidence">
          <span className="grid grid-cols-[fit-content(45%)_minmax(0,1fr)] gap-x-4 gap-y-0.5">
            {evidence.map(([term, value]) => (
              <span key={term} className="col-span-2 grid grid-cols-subgrid">
                <span className="wrap-anywhere text-fg-muted">{term}</span>
                <span className="min-w-0 wrap-anywhere">{value}</span>
              </span>
            ))}
          </span>
        </Answer>
      ) : null}
      <Answer term="Rule">{rule}</Answer>
      <Answer term="What happens next">{next}</Answer>
      {remedies.length > 0 ? (
        <Answer term="What you can do">
          <ul className="list-disc space-y-0.5 pl-4 marker:text-fg-faint">
            {remedies.map((remedy, index) => (
              // oxlint-disable-next-line react/no-array-index-key -- remedies are words without an identity
              <li key={index}>{remedy}</li>
            ))}
          </ul>
        </Answer>
      ) : null}
    </dl>
  )
}

/** A state that opens its explanation. */
export function WhyPopover({ standing, word, why }: { standing: Standing; word: string; why: Why }) {
  return (
    <Popover
      label={`Why ${word}`}
      trigger={
        <button
          type="button"
          aria-label={`${word}: why?`}
          className="-mx-1 inline-flex items-center gap-0.5 rounded-sm px-1 align-top hover:bg-hover"
        >
          <StateBadge standing={standing}>{word}</StateBadge>
          <ChevronDown aria-hidden className="size-3.5 text-fg-muted" />
        </button>
      }
    >
      <p className="mb-3">
        <StateBadge standing={standing}>{word}</StateBadge>
      </p>
      <WhyPanel {...why} />
    </Popover>
  )
}

function Answer({ term, children }: { term: string; children: ReactNode }) {
  return (
    <div>
      <dt className="text-xs font-medium text-fg-muted">{term}</dt>
      <dd className="mt-0.5">{children}</dd>
    </div>
  )
}
