import { TaskFailure } from '../copy/failure.ts'

/** Folder name under which blobs of unfinished runs lie; never listed as data. */
export const stagingFolder = '_sallyport'

/** A path with `/` between plain names: no empty, `.` or `..` segment, no backslash, no NUL. '' is the root. */
export function cleanPath(path: string): string {
  const segments = path.split('/').filter((segment) => segment !== '')
  const bad = segments.find((segment) => segment === '.' || segment === '..' || /[\\\0]/.test(segment))
  if (bad !== undefined)
    throw new TaskFailure('policy_denied', `Path “${path}” must not contain “${bad.replace('\0', '\\0')}”`)
  return segments.join('/')
}

export function joinPath(...parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join('/')
}

export function folderOf(path: string): string {
  return path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : ''
}

export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

/** All files of copies into one sink name: `<name>.<format>`, numbered where a copy had several parts, packed or not. */
export type FileFamily = { folder: string; name: string; format: string }

export function isOfFamily({ folder, name, format }: FileFamily, path: string): boolean {
  const file = nameOf(path)
  if (folderOf(path) !== folder || !file.startsWith(name)) return false
  const [, extension] = /^(?:-\d{5,})?\.(\w+)(?:\.(?:gz|zst))?$/.exec(file.slice(name.length)) ?? []
  return extension === format
}

/**
 * Whether a file name fits a pattern with `*` and `?`, as in Data Factory's wildcardFileName. No regular expression: one with
 * a dozen stars would try for hours on a long name that nearly fits.
 */
export function wildcard(pattern: string): (name: string) => boolean {
  const wanted = Array.from(pattern)
  return (name) => fits(Array.from(name), wanted)
}

/** After a star that took too little, the last star takes one more; earlier ones never need to. */
function fits(name: readonly string[], wanted: readonly string[]): boolean {
  let [at, next] = [0, 0]
  let star: { at: number; next: number } | null = null
  while (at < name.length) {
    if (wanted[next] === '*') star = { at, next: ++next }
    else if (wanted[next] === '?' || wanted[next] === name[at]) [at, next] = [at + 1, next + 1]
    else if (star) [at, next] = [(star.at += 1), star.next]
    else return false
  }
  return wanted.slice(next).every((character) => character === '*')
}
