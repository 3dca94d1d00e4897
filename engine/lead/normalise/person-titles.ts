/**
 * Words around a person's name that are not part of it, and words inside it that keep lower case.
 *
 * Data only; `person-name` says where each counts. Compared in lower case, without dots.
 */
const words = (list: string): ReadonlySet<string> => new Set(list.split(/\s+/))

/** Dropped in front of a name, dot or no dot. */
export const TITLES = words(
  `mr mrs ms miss mx mister dr prof professor sir dame reverend herr frau fräulein monsieur madame
  mademoiselle mme mlle señor señora señorita senor senora senorita sra srta dra profa dhr mevr
  mevrouw drs dott dottssa signor signora signorina sigra dr-ing dipl-ing univ-prof priv-doz`,
)

/** Dropped in front of a name only with their dot: without it they are names or initials. */
export const DOTTED_TITLES = words('sr sig ing mag ir fr hon rev eng phil med iur rer nat habil')

/** Dropped behind a name. */
export const CREDENTIALS = words(
  `phd mba md esq esquire dds dvm cpa pmp cfa mph msc bsc llm llb cissp mbe obe dphil edd pharmd`,
)

/** Dropped behind a name only after a comma: without it Ma and Ba are family names. */
export const COMMA_CREDENTIALS = words('ma ba bs ms jd pe mag dr rn msw cpc fca aca')

/** Tell a daughter or a son from the parent, so they stay with the family name. */
export const GENERATIONS = words('jr sr ii iii iv')

/** Lower case in front of a family name. */
export const PARTICLES = words(
  `van von der den de del della dello dei degli di da do dos das du la le los las el al bin ibn ben
  ter ten te zu zum zur af av vom und y e`,
)
