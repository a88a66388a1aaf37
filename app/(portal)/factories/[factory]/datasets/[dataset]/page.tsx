import type { Metadata } from 'next'
import { portalPage } from '@/app/portal-page'
import { DatasetContents } from '@/components/datasets/dataset-contents'
import { DatasetHeader } from '@/components/datasets/dataset-header'
import { PageBody } from '@/components/shell/page-header'
import { type DatasetParams, loadDataset } from '../load'

type PageProps = { params: DatasetParams }

export async function generateMetadata({ params }: PageProps): Promise<Metadata> {
  return { title: (await params).dataset }
}

export default async function DatasetPage({ params }: PageProps) {
  return portalPage(async (ctx) => {
    const { factory, dataset, refusals } = await loadDataset(ctx, params)
    const { linkedServiceId, linkedServiceName, storeType, definition } = dataset
    return (
      <>
        <DatasetHeader factory={factory.name} dataset={dataset} refusal={refusals.write} />
        <PageBody>
          <DatasetContents
            store={{
              id: linkedServiceId,
              name: linkedServiceName,
              type: storeType,
              version: dataset.storeVersion,
            }}
            definition={definition}
            refusals={refusals}
          />
        </PageBody>
      </>
    )
  })
}
