/** The environment in which `npm start` gives stores huge pages, see scripts/lib/node-flags.mjs. */
export const HUGE_PAGES = { GLIBC_TUNABLES: 'glibc.malloc.hugetlb=1' } as const;
