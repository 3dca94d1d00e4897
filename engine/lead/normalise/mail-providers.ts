/**
 * Which mail domains belong to a provider of mailboxes for everybody, and which throw them away.
 *
 * Disposable ones come from the list of the same name (CC0), free ones from a table (see
 * `free-mail-domains`) corrected here by hand: relays and access providers count as free, because
 * such an address says nothing about an employer. A domain on neither list is somebody's own.
 */
import { disposableEmailBlocklistSet } from 'disposable-email-domains-js'
import { FREE_MAIL_DOMAINS } from './free-mail-domains'

/** Providers, relays and access providers that the table does not know. */
const ALSO_FREE = `
  proton.me protonmail.ch pm.me passmail.net passinbox.com passmail.com tuta.com tuta.io tutanota.com
  tutanota.de tutamail.com keemail.me hey.com duck.com mozmail.com relay.firefox.com
  privaterelay.appleid.com simplelogin.com simplelogin.co simplelogin.fr slmail.me aleeas.com
  anonaddy.com anonaddy.me addy.io icloud.com.cn zohomail.com zohomail.eu zohomail.in zoho.eu zoho.in
  mailbox.org posteo.de posteo.net posteo.eu posteo.org mailfence.com startmail.com disroot.org
  riseup.net cock.li lavabit.com skiff.com onmail.com vivaldi.net hushmail.me murena.io
  fastmail.de fastmail.jp fastmail.in fastmail.co.uk fastmail.com.au pobox.com messagingengine.com
  gmx.info email.de online.de vodafone.de arcor.de
  magenta.de unitybox.de kabelmail.de bluewin.ch hispeed.ch swissonline.ch sunrise.ch aon.at
  chello.at inode.at btinternet.com btopenworld.com virginmedia.com virgin.net ntlworld.com
  talktalk.net blueyonder.co.uk plusnet.com tesco.net eircom.net sfr.fr bbox.fr neuf.fr numericable.fr
  cegetel.net club-internet.fr tin.it tim.it fastwebnet.it inwind.it iol.it telenet.be skynet.be
  proximus.be scarlet.be upcmail.nl home.nl casema.nl chello.nl hetnet.nl telia.com bredband.net
  telenor.no online.no get2net.dk tdcadsl.dk mail.dk elisanet.fi kolumbus.fi saunalahti.fi
  netcabo.pt sapo.pt telefonica.net movistar.es ono.com azet.sk zoznam.sk citromail.hu t-online.hu
  daum.net kakao.com docomo.ne.jp ezweb.ne.jp softbank.ne.jp i.softbank.jp au.com nifty.com
  ymobile.ne.jp so-net.ne.jp vip.163.com shaw.ca sympatico.ca telus.net bell.net eastlink.ca
  spectrum.net frontier.com windstream.net centurylink.net mediacombb.net suddenlink.net
  iinet.net.au internode.on.net tpg.com.au westnet.com.au xtra.co.nz mweb.co.za telkomsa.net
  vodamail.co.za walla.com yandex.by yandex.kz yandex.ua internet.ru o2online.de
  atlas.cz indamail.hu dir.bg ymail.ne.jp nate.com passport.com prodigy.net.mx uolsinectis.com.ar
  fibertel.com.ar speedy.com.ar ciudad.com.ar adinet.com.uy`

/**
 * Providers that run one mail system under a name per country: outlook.pl, hotmail.co.jp. Countries
 * whose names everybody buys are left out, as gmx.io and live.me are companies.
 */
const FREE_FAMILY =
  /^(?:outlook|hotmail|live|yahoo|gmx)\.(?:com?\.)?(?!(?:ai|cc|co|fm|gg|io|ly|me|to|tv|ws)$)[a-z]{2}$/

/** In the table by mistake or by age: employers, a university, a site. */
const NOT_FREE = 'facebook.com nus.edu.sg test.com'

/** Providers that document "+tag" as the same mailbox. gmail.com is handled with its dots. */
const PLUS_DOMAINS = new Set(
  `icloud.com me.com mac.com proton.me protonmail.com protonmail.ch pm.me fastmail.com fastmail.fm
  hey.com zoho.com zohomail.com zohomail.eu mailbox.org posteo.de posteo.net runbox.com
  mailfence.com yandex.com yandex.ru ya.ru disroot.org riseup.net msn.com`.split(/\s+/),
)

/** Microsoft runs one mail system under a name per country: outlook.de, hotmail.co.uk, live.com.ar. */
const PLUS_FAMILY = /^(?:outlook|hotmail|live)\.(?:[a-z]{2,3})(?:\.[a-z]{2})?$/

/** Built on first use: 13,000 texts that a flow without e-mail never needs. */
let free: ReadonlySet<string> | undefined
let disposable: ReadonlySet<string> | undefined

/** Whether anybody can have a mailbox there. Requires a lower-case ASCII host. */
export function isFreeDomain(host: string): boolean {
  free ??= freeDomains()
  return free.has(host) || FREE_FAMILY.test(host)
}

/** Whether mailboxes there are made to be thrown away. Requires a lower-case ASCII host. */
export function isDisposableDomain(host: string): boolean {
  disposable ??= disposableEmailBlocklistSet()
  return disposable.has(host)
}

/** Whether the provider delivers ana+anything@ to ana@. Requires a lower-case ASCII host. */
export function isPlusDomain(host: string): boolean {
  return PLUS_DOMAINS.has(host) || (PLUS_FAMILY.test(host) && isFreeDomain(host))
}

function freeDomains(): ReadonlySet<string> {
  const domains = new Set(`${FREE_MAIL_DOMAINS} ${ALSO_FREE}`.trim().split(/\s+/))
  for (const domain of NOT_FREE.split(' ')) domains.delete(domain)
  return domains
}
