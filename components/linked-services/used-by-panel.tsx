import { NameLinks } from '@/components/table/name-links'
import { Panel } from '@/components/ui/panel'
import type { LinkedService } from '@/lib/linked-services/queries'
import type { NameList } from '@/lib/name-page'
import { paths, withQuery } from '@/lib/paths'

type UsedByPanelProps = { factory: string; linkedService: Pick<LinkedService, 'name' | 'usedBy'> }

/** What would miss it. */
export function UsedByPanel({ factory, linkedService }: UsedByPanelProps) {
  const { datasets, pipelines } = linkedService.usedBy
  return (
    <Panel title="Used by">
      {datasets.total + pipelines.total === 0 ? (
        <p className="text-sm text-fg-muted">Nothing uses it yet.</p>
      ) : null}
      <Names
        title="Datasets"
        list={datasets}
        href={(name) => paths.dataset(factory, name)}
        allHref={withQuery(paths.datasets(factory), { q: linkedService.name })}
      />
      <Names title="Pipelines" list={pipelines} href={(name) => paths.pipeline(factory, name)} />
    </Panel>
  )
}

type NamesProps = { title: string; list: NameList; href: (name: string) => string; allHref?: string }

function Names({ title, ...names }: NamesProps) {
  if (names.list.total === 0) return null
  return (
    <div className="text-sm not-first:mt-3">
      <h3 className="text-fg-muted">{title}</h3>
      <NameLinks {...names} />
    </div>
  )
}
