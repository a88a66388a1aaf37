import { clsx } from 'clsx'
import { useId, type ComponentProps, type ReactNode } from 'react'

type ChoiceProps = Omit<ComponentProps<'input'>, 'type' | 'size' | 'children'> & {
  label: ReactNode
  hint?: ReactNode
}

/*
 * Native inputs under our paint. Headless ones put a visually hidden input with a style attribute into the
 * server's HTML, which the content security policy refuses.
 */

/** Yes or no, as part of what is submitted. */
export function Checkbox(props: ChoiceProps) {
  return <Choice {...props} type="checkbox" look={clsx(box, 'choice-check rounded-sm')} />
}

/** One of several that exclude each other; put them in a RadioGroup. */
export function Radio(props: ChoiceProps) {
  return <Choice {...props} type="radio" look={clsx(box, 'choice-dot rounded-full')} />
}

/** On or off, at once or on submit. */
export function Switch(props: ChoiceProps) {
  // The browser gives a checkbox in this role its aria-checked; saying it again could disagree.
  return <Choice {...props} {...switchRole} look={track} />
}

/** A set of radios with its question. */
export function RadioGroup({ legend, children, describedBy }: RadioGroupProps) {
  return (
    <fieldset aria-describedby={describedBy} className="min-w-0">
      <legend className="mb-2 text-sm font-medium">{legend}</legend>
      <div className="flex flex-col gap-2">{children}</div>
    </fieldset>
  )
}

type RadioGroupProps = { legend: ReactNode; children: ReactNode; describedBy?: string | undefined }

const box = clsx(
  'mt-0.5 grid size-4 shrink-0 appearance-none place-content-center border border-line-strong bg-panel',
  'checked:border-accent-solid checked:bg-accent-solid indeterminate:border-accent-solid',
  'indeterminate:bg-accent-solid disabled:opacity-55 aria-invalid:border-bad-border',
)

const switchRole = { type: 'checkbox', role: 'switch' }

const track = clsx(
  'relative h-5 w-9 shrink-0 appearance-none rounded-full border border-line-strong bg-neutral-5',
  'before:absolute before:top-[2px] before:left-[2px] before:size-3.5 before:rounded-full before:bg-neutral-10',
  'before:transition-transform before:duration-120 before:ease-move',
  'checked:border-accent-solid checked:bg-accent-solid checked:before:translate-x-4 checked:before:bg-accent-on',
  'disabled:opacity-55',
)

function Choice({
  label,
  hint,
  className,
  look,
  ...input
}: ComponentProps<'input'> & ChoiceProps & { look: string }) {
  const id = useId()
  const describedBy = [hint && `${id}-hint`, input['aria-describedby']].filter(Boolean).join(' ') || undefined
  return (
    <label className={clsx('inline-flex items-start gap-2', className)}>
      <input
        // Otherwise all of the label were its name, and the hint not to be told from it.
        aria-labelledby={hint ? `${id}-label` : undefined}
        {...input}
        aria-describedby={describedBy}
        className={look}
      />
      <span className="min-w-0 wrap-anywhere">
        <span id={`${id}-label`} className={clsx('block', input.disabled && 'text-fg-muted')}>
          {label}
        </span>
        {hint ? (
          <span id={`${id}-hint`} className="block text-sm text-fg-muted">
            {hint}
          </span>
        ) : null}
      </span>
    </label>
  )
}
