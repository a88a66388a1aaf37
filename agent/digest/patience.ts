/**
 * When to look again for the end of a row that is not whole yet: once there is twice as much of it. Looking from its beginning
 * at every piece that arrives would make the time grow with the square of the row's length: minutes for one of 200 MB.
 */
export class Patience {
  #seen = 0

  /** The unfinished row has so many bytes: they were looked at in vain. */
  begin(bytes: number): void {
    this.#seen = bytes
  }

  isOver(bytes: number, windowBytes: number): boolean {
    return bytes >= this.#seen * 2 || bytes === windowBytes
  }
}
