/**
 * Tells a shared mailbox (info@, vertrieb@) from a person's by its local part.
 *
 * A closed list in the larger European languages, also with a country or language behind it
 * (sales.uk@). Words that are given names somewhere (mark, art, bill) are left out on purpose.
 */
const ROLES = new Set(
  `abuse account accounting accounts accountspayable accountsreceivable admin administration
  administrator administracion administrativo amministrazione assistance billing board booking
  bookings buchhaltung buero business careers client clients comercial commerciale comercio comms
  communication communications compliance compras comptabilite contabilidad contact contacto
  contactus contato contatti customercare customer customers customerservice customersuccess
  datenschutz demo developer developers devops direccion direction directors dns domains dpo
  einkauf empfang enquiries enquiry events everyone export facturacion feedback finance finanzen
  franchise frontdesk ftp geral gdpr general hallo hello help helpdesk hi hola hostmaster hr
  humanresources import info informacion informatica information informations informazioni
  inkoop inquiries inquiry investor investorrelations investors invoice invoices invoicing it
  itsupport jobs kontakt kundenservice kundeservice leads legal list listserv logistica logistics
  mail mailbox mailerdaemon mailer manager management marketing media members membership
  news newsletter noc noreply donotreply notifications office oficina onlineshop operations
  ops orders order partner partners partnerships payroll people personal post postmaster pr presse
  press prensa privacy procurement projects purchasing reception recepcion recruiting recruitment
  redaktion registrar rh root rrhh sales salesteam secretaria secretariat security segreteria sekretariat
  service services servicedesk shop soporte spam staff store studio subscribe suggestions suporte support
  sysadmin team tech technik technical test training unsubscribe usenet uucp vendas vendite
  ventas verkauf verkoop vertrieb web webadmin webmail webmaster website welcome www zentrale`
    .split(/\s+/)
    .map(squeezed),
)

const REGION = /.[._-][a-z]{2}$/

/** Requires a lower-case local part without a +tag. */
export function isRoleMailbox(local: string): boolean {
  if (ROLES.has(squeezed(local))) return true
  return REGION.test(local) && ROLES.has(squeezed(local.slice(0, -3)))
}

/** no-reply, no_reply and noreply are one. */
function squeezed(local: string): string {
  return local.replace(/[._-]/g, '')
}
