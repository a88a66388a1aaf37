import Link from 'next/link'
import { Panel } from '@/components/ui/panel'
import { paths } from '@/lib/paths'

type UsedByPanelProps = { factory: string; datasets: readonly string[]; pipelines: readonly string[] }

/** What would miss it. */
export function UsedByPanel({ factory, datasets, pipelines }: UsedByPanelProps) {
  const nobody = datasets.length === 0 && pipelines.length === 0
  return (
    <Panel title="Used by">
      {nobody ? <p className="text-sm text-fg-muted">Nothing uses it yet.</p> : null}
      <Names title="Datasets" names={datasets} href={(name) => paths.dataset(factory, name)} />
      <Names title="Pipelines" names={pipelines} href={(name) => paths.pipeline(factory, name)} />
    </Panel>
  )
}

type NamesProps = { title: string; names: readonly string[]; href: (name: string) => string }

/** A store may be used by hundreds; the others are a press away. */
const shownAtFirst = 10

function Names({ title, names, href }: NamesProps) {
  if (names.length === 0) return null
  const rest = names.slice(shownAtFirst)
  return (
    <div className="text-sm not-first:mt-3">
      <h3 className="text-fg-muted">{title}</h3>
      <Links names={names.slice(0, shownAtFirst)} href={href} />
      {rest.length > 0 ? (
        <details>
          <summary className="cursor-pointer text-fg-muted">and {rest.length} more</summary>
          <Links names={rest} href={href} />
        </details>
      ) : null}
    </div>
  )
}

function Links({ names, href }: Omit<NamesProps, 'title'>) {
  return (
    <ul className="mt-0.5">
      {names.map((name) => (
        <li key={name}>
          <Link className="text-accent-text wrap-anywhere hover:underline" href={href(name)}>
            {name}
          </Link>
        </li>
      ))}
    </ul>
  )
}
