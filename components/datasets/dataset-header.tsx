import Link from 'next/link'
import { Fragment } from 'react'
import { datasetKinds, datasetPlace } from '@/components/datasets/dataset-words'
import { DeleteDatasetButton } from '@/components/datasets/delete-dataset-button'
import { PageHeader } from '@/components/shell/page-header'
import { Tabs } from '@/components/ui/tabs'
import type { Dataset } from '@/lib/datasets/queries'
import { formatCount } from '@/lib/format'
import type { NameList } from '@/lib/name-page'
import { paths, withQuery } from '@/lib/paths'

type DatasetHeaderProps = { factory: string; dataset: Dataset & { usedBy: NameList }; refusal: string | null }

/** The top of a dataset's page. */
export function DatasetHeader({ factory, dataset, refusal }: DatasetHeaderProps) {
  const { id, name, definition, linkedServiceName, usedBy } = dataset
  return (
    <PageHeader
      title={name}
      state={
        <>
          <span>{datasetKinds[definition.type]}</span>
          <span className="font-mono text-xs wrap-anywhere text-fg-muted">{datasetPlace(definition)}</span>
          <span>
            <span className="text-fg-muted">in </span>
            <Link
              className="text-accent-text underline"
              href={paths.linkedService(factory, linkedServiceName)}
            >
              {linkedServiceName}
            </Link>
          </span>
          <span className="text-fg-muted">
            {usedBy.total === 0 ? 'used by no pipeline' : <Users factory={factory} dataset={dataset} />}
          </span>
        </>
      }
      actions={
        <DeleteDatasetButton factory={factory} dataset={{ id, name }} users={usedBy} refusal={refusal} />
      }
      tabs={
        <Tabs
          label={`Dataset ${name}`}
          tabs={[
            { label: 'Schema and rows', href: paths.dataset(factory, name) },
            { label: 'Definition', href: paths.dataset(factory, name, 'definition') },
          ]}
        />
      }
    />
  )
}

/** A dataset may be in hundreds of pipelines. */
const shownUsers = 3

function Users({ factory, dataset }: Pick<DatasetHeaderProps, 'factory' | 'dataset'>) {
  const { names, total } = dataset.usedBy
  const more = total - Math.min(names.length, shownUsers)
  return (
    <>
      used by{' '}
      {names.slice(0, shownUsers).map((name, index) => (
        <Fragment key={name}>
          {index > 0 ? ', ' : ''}
          <Link className="text-accent-text underline" href={paths.pipeline(factory, name)}>
            {name}
          </Link>
        </Fragment>
      ))}
      {more > 0 ? (
        <>
          {' and '}
          <Link
            className="text-accent-text underline"
            href={withQuery(paths.pipelines(factory), { q: dataset.name })}
          >
            {formatCount(more)} more
          </Link>
        </>
      ) : null}
    </>
  )
}
