/**
 * Legal forms as they stand in company names, spelt as matching-key words.
 *
 * Data only; `company-name` says how they are taken off. Left out: words that are a firm's own
 * choice ("group", "holding"), and forms that at the end of a name read as a country or a plain
 * word (NL, CA, EU, "ad", "me", "is"), because taking those off merges two companies.
 */

/** At the end of a name, by country. Forms of several countries stand where they come first. */
const SUFFIXES: Readonly<Record<string, string>> = {
  'United States': `inc, incorporated, corp, corporation, co, company, and co, and company, co inc,
    llc, l l c, limited liability company, lp, limited partnership, llp, lllp, pllc, pc`,
  'United Kingdom': 'ltd, limited, co ltd, co limited, company limited, plc, p l c, cic, cio',
  Ireland: 'dac, designated activity company, clg, unlimited company, uc, teoranta',
  'Australia, New Zealand': 'pty ltd, pty limited, proprietary limited, pty',
  'South Africa': 'soc ltd, npc, cc',
  'India, Pakistan': 'pvt ltd, pvt limited, private limited, private ltd, pvt, opc pvt ltd',
  Singapore: 'pte ltd, pte limited, pte',
  'Malaysia, Brunei': 'sdn bhd, sendirian berhad, bhd, berhad',
  'Thailand, Indonesia, Vietnam': 'public company limited, pcl, tbk, persero, jsc, tnhh',
  'Japan, Korea': `kk, k k, kabushiki kaisha, kabushiki gaisha, gk, godo kaisha, yk, yugen kaisha`,
  Germany: `gmbh, g m b h, ggmbh, mbh, gesellschaft mbh, gesellschaft mit beschrankter haftung,
    gmbh and co kg, gmbh and co kgaa, gmbh and co ohg, gmbh and co, gmbh co kg, gmbh u co kg,
    gmbh und co kg, ug and co kg, ug haftungsbeschrankt, ug haftungsbeschraenkt, ug,
    unternehmergesellschaft, ag, aktiengesellschaft, ag and co kg, ag and co kgaa, ag co kg, kgaa,
    se and co kg, se and co kgaa, kg, kommanditgesellschaft, and co kg, und co kg, co kg, and co ohg,
    ohg, offene handelsgesellschaft, gbr, partg, partg mbb, partgmbb, ek, e k, ekfm, ekfr, ev, e v,
    eingetragener verein, eg, eingetragene genossenschaft`,
  Austria: 'gesmbh, ges m b h, og, keg',
  Switzerland: 'sagl',
  'France, Luxembourg': `sa, s a, societe anonyme, sarl, s a r l, sa rl, societe a responsabilite limitee,
    sas, s a s, societe par actions simplifiee, sasu, eurl, e u r l, sca, snc, s n c, sci, scop,
    selarl, gie, et cie, et compagnie`,
  Belgium: 'sprl, s p r l, bvba, cvba, scrl, asbl, vzw',
  Netherlands:
    'bv, b v, nv, n v, vof, v o f, cv, c v, besloten vennootschap, naamloze vennootschap',
  Italy: `spa, s p a, societa per azioni, srl, s r l, societa a responsabilita limitata, srls, s r l s,
    sas di, sapa, soc coop, soc coop a r l, soc coop a rl, scarl, s c a r l, scpa, societa cooperativa,
    srl unipersonale, srl a socio unico, srl sb, spa sb`,
  Spain: `sl, s l, slu, s l u, sll, slp, slne, sau, s a u, sociedad anonima, sociedad limitada,
    sociedad de responsabilidad limitada, s coop, sociedad cooperativa`,
  'Latin America': `sa de cv, s a de c v, sab de cv, sapi de cv, s de rl de cv, s de r l de c v, s de rl,
    sc de rl, srl de cv, sofom enr, cia ltda, compania limitada, compania anonima, sacif, saic, saa,
    eirl, ltda me, ltda epp, eireli, sociedade limitada`,
  'Portugal, Brazil': `lda, ltda, limitada, unipessoal lda, unipessoal limitada, unipessoal, sgps,
    sgps sa, sociedade anonima`,
  Sweden: 'ab, a b, ab publ, publ, aktiebolag, handelsbolag, kommanditbolag',
  'Norway, Denmark': `as, a s, asa, aps, ivs, k s, ans, amba, aktieselskab, anpartsselskab,
    aksjeselskap`,
  'Finland, Iceland': 'oy, oyj, oy ab, oyj abp, abp, osakeyhtio, ehf, hf, ohf, slhf',
  Baltics: 'ou, osauhing, aktsiaselts, sia, uab, akcine bendrove, uzdaroji akcine bendrove',
  Poland: `sp z oo, sp z o o, spolka z oo, spolka z o o, spzoo, sp zoo,
    spolka z ograniczona odpowiedzialnoscia, spolka akcyjna, sp k, spk, sp j, spj, sp p,
    spolka komandytowa, spolka jawna`,
  'Czechia, Slovakia': 'sro, s r o, spol sro, spol s ro, spol s r o, akciova spolecnost, v o s',
  Hungary: 'kft, zrt, nyrt, kkt, korlatolt felelossegu tarsasag',
  'Romania, Bulgaria': 'pfa, ood, eood, ead',
  'Croatia, Slovenia, Serbia, North Macedonia, Albania': `doo, d o o, jdoo, j d o o, dd, d d, dooel,
    shpk, sh p k`,
  'Greece, Cyprus': 'ae, a e, epe, e p e, ike, i k e',
  Türkiye: `anonim sirketi, limited sirketi, ltd sti, san ve tic as, san ve tic a s,
    san ve tic ltd sti, tic as, tic ltd sti, sti`,
  'Russia, Ukraine, Kazakhstan': 'ooo, oao, zao, pao, ojsc, pjsc, cjsc, tov, tzov',
  'Gulf states':
    'wll, w l l, fze, fzco, fz llc, llc fz, dmcc, saoc, saog, kscc, ksc, bsc, qsc, qpsc',
  'Maghreb, West Africa': 'suarl, sarl au',
  'European Union': 'se, sce, eeig, ewiv, aisbl',
}

/** In front of a name. Fewer: most of these letters also begin real names (AB InBev, SAS Institute). */
const PREFIXES: Readonly<Record<string, string>> = {
  'not a form, but left out as freely': 'the',
  'Indonesia, Vietnam':
    'pt, perseroan terbatas, cong ty tnhh, cong ty co phan, cong ty cp, cong ty',
  Japan: 'kabushiki kaisha, kabushiki gaisha',
  'France, Baltics': 'sarl, eurl, uab, sia, ou',
  'Russia, Ukraine, Kazakhstan': 'ooo, oao, zao, pao, tov, tzov, too',
}

/** Written without blanks or in their own script, so taken out before the name is spelt in ASCII. */
export const UNSPACED_FORMS = new RegExp(
  `株式会社|有限会社|合同会社|合資会社|股份有限公司|有限责任公司|有限責任公司|有限公司|주식회사|유한회사
  |\\((?:株|有|同|주|유)\\)|บริษัท|จำกัด|\\(มหาชน\\)|בע["״']?מ|ش\\.م\\.[مك]\\.?|ذ\\.م\\.م\\.?`
    .replace(/\s+/g, '')
    // The names they are sought in are NFKC too, where a Thai vowel is two characters.
    .normalize('NFKC'),
  'g',
)

type Words = readonly string[]

/** Suffix forms by their last word, the longest first, so that "gmbh and co kg" beats "kg". */
export const SUFFIX_FORMS = indexed(SUFFIXES, (words) => words.at(-1)!)
/** Prefix forms by their first word, the longest first. */
export const PREFIX_FORMS = indexed(PREFIXES, (words) => words[0]!)

function indexed(
  byCountry: Readonly<Record<string, string>>,
  indexWord: (words: Words) => string,
): ReadonlyMap<string, readonly Words[]> {
  const forms = new Set(Object.values(byCountry).flatMap((list) => list.split(/,\s+/)))
  const longestFirst = [...forms].map((form) => form.split(' ')).sort((a, b) => b.length - a.length)
  const index = new Map<string, Words[]>()
  for (const words of longestFirst) {
    const key = indexWord(words)
    index.set(key, [...(index.get(key) ?? []), words])
  }
  return index
}
