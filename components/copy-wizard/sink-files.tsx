'use client'

import { CsvFields } from '@/components/copy-wizard/csv-fields'
import { PlacePicker } from '@/components/stores/place-picker'
import { SinkNames } from '@/components/copy-wizard/sink-names'
import { usePatch, useWizard, type WizardStoreView } from '@/components/copy-wizard/wizard-context'
import { WizardChoice, WizardText } from '@/components/copy-wizard/wizard-field'
import { chooseSinkFormat } from '@/lib/copy-wizard/choose'
import { compressionOffers, sinkFormats } from '@/lib/copy-wizard/combinations'
import { isBinaryCopy, trimSlashes } from '@/lib/copy-wizard/copies'

/** The folder that files are written into, and their format. */
export function SinkFiles({ store }: { store: WizardStoreView }) {
  const { draft, change, refusals } = useWizard()
  const patch = usePatch('sink')
  const { container, folder, fileName, format, compression, csv } = draft.sink
  const unchanged = isBinaryCopy(draft)
  const hasContainer = store.type === 'AzureBlobStorage'
  const byPattern = draft.source.kind === 'tables'
  return (
    <div className="flex flex-col gap-4">
      <div className="grid items-start gap-3 sm:grid-cols-2">
        {hasContainer ? (
          <WizardText
            field="sink.container"
            label="Container"
            hint="It must be there already"
            value={container}
            onChange={(value) => patch({ container: value })}
          />
        ) : null}
        <WizardText
          field="sink.folder"
          label="Folder"
          hint={byPattern ? '{table} and {schema} stand for the names at the source' : undefined}
          optional
          value={folder}
          onChange={(value) => patch({ folder: value })}
        />
        {unchanged ? null : (
          <WizardText
            field="sink.fileName"
            label="File names begin with"
            hint={`${fileName.trim() || 'part'}-00000.${endings[format]}, one file per part`}
            value={fileName}
            onChange={(value) => patch({ fileName: value })}
          />
        )}
      </div>
      <div>
        <PlacePicker
          store={store}
          start={hasContainer && container ? [container] : []}
          title="Choose the folder to copy into"
          places
          refusal={refusals.browse}
          onPick={({ path }) => {
            const [first = '', ...rest] = path
            if (hasContainer) patch({ container: first, folder: joined(rest, byPattern) })
            else patch({ folder: joined([...path], byPattern) })
          }}
        />
      </div>
      {unchanged ? (
        <p className="text-sm text-fg-muted">
          Files keep their names, folders and bytes; each is checked by its MD5.
        </p>
      ) : (
        <>
          <WizardChoice
            field="sink.format"
            legend="Format"
            offers={sinkFormats(draft.source)}
            value={format}
            onChange={(value) => change((current) => chooseSinkFormat(current, value))}
          />
          <WizardChoice
            field="sink.compression"
            legend="Compression"
            offers={compressionOffers(format)}
            value={compression}
            onChange={(value) => patch({ compression: value })}
          />
        </>
      )}
      {format === 'csv' && !unchanged ? (
        <CsvFields part="sink" csv={csv} onChange={(value) => patch({ csv: value })} />
      ) : null}
      <SinkNames />
    </div>
  )
}

const endings = { parquet: 'parquet', csv: 'csv', jsonl: 'jsonl', binary: 'bin' } as const

/** Several tables each need a folder of their own below the picked one. */
function joined(parts: readonly string[], byPattern: boolean): string {
  return trimSlashes([...parts, ...(byPattern ? ['{table}'] : [])].join('/'))
}
