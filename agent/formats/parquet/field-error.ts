/** A value that the other side's type cannot hold. Names the kind of value, never the value itself. */
export class FieldError extends Error {
  override readonly name = 'FieldError'
}
