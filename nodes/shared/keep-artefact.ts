/**
 * Keeps every version of a contract or policy that decides anything beside its decisions, so that
 * old ones stay explainable. Once per store and version; later messages pay nothing.
 */
import type { ArtefactKind } from '../../engine/artefact'
import type { ArtefactRef } from '../../engine/lead/lead'
import type { OpenStore } from './config-nodes'

const kept = new WeakMap<OpenStore['store'], Set<string>>()

export async function keepArtefact(
  { store, now }: OpenStore,
  kind: ArtefactKind,
  { ref, spec }: { readonly ref: ArtefactRef; readonly spec: unknown },
): Promise<void> {
  let versions = kept.get(store)
  if (versions === undefined) {
    versions = new Set()
    kept.set(store, versions)
  }
  const version = `${kind} ${ref.hash}`
  if (versions.has(version)) return
  await store.saveArtefact(kind, ref, JSON.stringify(spec), now())
  versions.add(version)
}
