'use client'

import { CsvFields } from '@/components/copy-wizard/csv-fields'
import { PlacePicker, type PickedPlace } from '@/components/stores/place-picker'
import { usePatch, useWizard, type WizardStoreView } from '@/components/copy-wizard/wizard-context'
import { WizardChoice, WizardText } from '@/components/copy-wizard/wizard-field'
import { formatOfName } from '@/components/stores/items'
import { Checkbox } from '@/components/ui/choice'
import { Panel } from '@/components/ui/panel'
import { chooseSourceFormat } from '@/lib/copy-wizard/choose'
import { sourceFormats } from '@/lib/copy-wizard/combinations'
import { isWildcard, trimSlashes } from '@/lib/copy-wizard/copies'

/** A file, a wildcard or a folder, and how its bytes are to be read. */
export function FilesSource({ store }: { store: WizardStoreView }) {
  const { draft, change, refusals } = useWizard()
  const patch = usePatch('source')
  const { container, folder, fileName, recursive, format, csv } = draft.source
  const hasContainer = store.type === 'AzureBlobStorage'
  const whole = !fileName.trim() || isWildcard(fileName)

  function handlePick({ path, item }: PickedPlace) {
    const [first = '', ...rest] = path
    const place = hasContainer ? { container: first, folder: rest.join('/') } : { folder: path.join('/') }
    patch({ ...place, fileName: item?.name ?? '' })
    if (item) change((current) => chooseSourceFormat(current, formatOfName(item.name)))
  }

  return (
    <Panel>
      <div className="flex flex-col gap-4">
        <div className="grid items-start gap-3 sm:grid-cols-2">
          {hasContainer ? (
            <WizardText
              field="source.container"
              label="Container"
              value={container}
              onChange={(value) => patch({ container: value })}
            />
          ) : null}
          <WizardText
            field="source.folder"
            label="Folder"
            hint={hasContainer ? 'Empty: the whole container' : 'Below the folder of the linked service'}
            optional
            value={folder}
            onChange={(value) => patch({ folder: value })}
          />
          <WizardText
            field="source.fileName"
            label="File"
            hint="A name, or a wildcard with * and ?. Empty: every file"
            placeholder="*.csv"
            optional
            value={fileName}
            onChange={(value) => patch({ fileName: value })}
          />
        </div>
        <div className="flex flex-wrap items-center gap-4">
          <PlacePicker
            store={store}
            start={[...(hasContainer && container ? [container] : []), ...folderParts(folder)]}
            title="Choose a file or a folder to copy"
            places
            refusal={refusals.browse}
            onPick={handlePick}
          />
          {whole ? (
            <Checkbox
              label="With the folders below"
              checked={recursive}
              onChange={(event) => patch({ recursive: event.target.checked })}
            />
          ) : null}
        </div>
        <WizardChoice
          field="source.format"
          legend="Format"
          offers={sourceFormats()}
          value={format}
          onChange={(value) => change((current) => chooseSourceFormat(current, value))}
        />
        {format === 'csv' ? (
          <CsvFields part="source" csv={csv} onChange={(value) => patch({ csv: value })} />
        ) : null}
      </div>
    </Panel>
  )
}

function folderParts(folder: string): string[] {
  return trimSlashes(folder).split('/').filter(Boolean)
}
