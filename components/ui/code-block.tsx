import { clsx } from 'clsx'
import { CopyButton } from './copy-button'

type CodeBlockProps = {
  code: string
  /** Names it: "Install line". */
  label: string
  /** One line that scrolls sideways, or text that wraps. */
  wrap?: boolean
  /** At most a third of the window high; the rest scrolls. */
  tall?: boolean
}

/** Text to be copied and run: commands, SQL, JSON. */
export function CodeBlock({ code, label, wrap, tall }: CodeBlockProps) {
  return (
    <figure aria-label={label} className="flex min-w-0 items-start rounded-md border bg-canvas">
      <pre
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be reachable by keyboard
        tabIndex={0}
        className={clsx(
          'min-w-0 flex-1 overflow-auto rounded-md px-3 py-2 text-xs leading-5',
          wrap ? 'wrap-anywhere whitespace-pre-wrap' : 'whitespace-pre',
          tall ? 'max-h-[60vh]' : 'max-h-[33vh]',
        )}
      >
        <code>{code}</code>
      </pre>
      <div className="shrink-0 p-1">
        <CopyButton text={code} label={`Copy ${label.charAt(0).toLowerCase()}${label.slice(1)}`} />
      </div>
    </figure>
  )
}
