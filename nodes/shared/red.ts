/** The slice of Node-RED that our nodes use, as types of our own. */
import type { Node, NodeAPI, NodeDef } from 'node-red'

export type Red = NodeAPI
export type RedNode = Node

/** A message: ours is `payload` and `topic`; everything else is somebody else's and goes through. */
export interface LeadMessage {
  payload: unknown
  topic?: string | undefined
  _msgid: string
  [property: string]: unknown
}

export type Send = (messages: LeadMessage | (LeadMessage | LeadMessage[] | null)[]) => void

export interface Def extends NodeDef {
  name: string
}
