import type { Metadata } from 'next'
import { portalPage } from '@/app/portal-page'
import { DatasetForm } from '@/components/datasets/dataset-form'
import { DatasetHeader } from '@/components/datasets/dataset-header'
import { PageBody } from '@/components/shell/page-header'
import { type DatasetParams, loadDataset } from '../../load'

type PageProps = { params: DatasetParams }

export async function generateMetadata({ params }: PageProps): Promise<Metadata> {
  return { title: `${(await params).dataset}, definition` }
}

export default async function DatasetDefinitionPage({ params }: PageProps) {
  return portalPage(async (ctx) => {
    const { factory, dataset, refusals } = await loadDataset(ctx, params)
    const { id, name, definition, updatedAt } = dataset
    return (
      <>
        <DatasetHeader factory={factory.name} dataset={dataset} refusal={refusals.write} />
        <PageBody>
          <DatasetForm
            factoryId={factory.id}
            dataset={{ id, name, definition, updatedAt }}
            refusal={refusals.write}
          />
        </PageBody>
      </>
    )
  })
}
