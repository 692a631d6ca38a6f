/* The browser's half of searching.py. Sphinx puts it into language_data.js, after its own search tools. */

const HAN = /[\u3400-\u9fff\uf900-\ufaff]+/gu;

/* Latin words as Sphinx has them; of Chinese the pairs of neighbours, or the character if it is alone. */
var splitQuery = (query) => {
  const words = query
    .replace(HAN, " ")
    .split(/[^\p{Letter}\p{Number}_\p{Emoji_Presentation}]+/gu)
    .filter((word) => word);
  const pairs = (query.match(HAN) ?? []).flatMap((run) => {
    const characters = [...run];
    return characters.length === 1
      ? characters
      : characters.slice(1).map((last, number) => characters[number] + last);
  });
  return [...words, ...pairs];
};

if (typeof Search !== "undefined") {
  /* A page read from a folder may not fetch another one: no summaries there, and no errors. */
  if (window.location.protocol === "file:") DOCUMENTATION_OPTIONS.SHOW_SEARCH_SUMMARY = false;

  /* Sphinx forgets about words of one or two letters, and so about every pair of Chinese characters, when
     it counts whether a page has all words. So ask for each word alone, and keep the pages that have all.
     A page's score is the sum of its words'. */
  const pagesWith = Search.performTermsSearch;
  Search.performTermsSearch = (terms, excluded) => {
    const found = [...terms]
      .map((term) => ({ term, pages: pagesWith(new Set([term]), excluded) }))
      .filter(({ term, pages }) => pages.length || term.length > 2 || term.match(HAN));
    if (!found.length) return [];
    const [first, ...others] = found.map(({ pages }) => new Map(pages.map((page) => [page[0], page])));
    return [...first.values()]
      .filter(([name]) => others.every((pages) => pages.has(name)))
      .map((page) => {
        const score = others.reduce((sum, pages) => sum + pages.get(page[0])[4], page[4]);
        return [...page.slice(0, 4), score / found.length, page[5]];
      });
  };

  /* Where a part of the query is an entry of the glossary or the name of an exercise, or is Chinese and
     stands in one, that comes first; and each such result says what it leads to, not only its page. */
  const search = Search._performSearch;
  Search._performSearch = (query, ...rest) => {
    const { alltitles, docnames, filenames, titles, indexentries } = Search._index;
    const whole = query.toLowerCase().trim();
    const spelled = new Map(Object.keys(alltitles).map((title) => [title.toLowerCase(), title]));
    const parts = whole.split(/\s+/);
    const names = new Map();
    const entries = [];
    for (const [entry, places] of Object.entries(indexentries)) {
      for (const [file, id, isMain] of places) {
        names.set(`${docnames[file]}#${id}`, entry);
        if (!isMain || entry === whole) continue;
        const part = parts.find((one) => entry === one || (one.match(HAN) && entry.includes(one)));
        if (part === undefined) continue;
        const score = Math.round((60 * part.length) / entry.length);
        entries.push([docnames[file], titles[file], `#${id}`, null, score, filenames[file]]);
      }
    }
    const found = search(query, ...rest);
    const all = found.length ? [...found, ...entries] : []; // not one word of several alone
    const results = all.map(([page, title, place, about, score, file]) => {
      const entry = place && titles.includes(title) ? names.get(page + place) : undefined;
      if (entry === undefined) {
        /* Where a term is introduced comes before pages that only use it. */
        const exact = title.toLowerCase().endsWith(` > ${whole}`);
        return [page, title, place, about, exact ? score + 10 : score, file];
      }
      /* A word within the name of an exercise says little; the whole name is meant. */
      const aside = entry !== whole && !parts.includes(entry) && /^[a-z0-9]+(-[a-z0-9]+)+$/.test(entry);
      return [page, `${title} > ${spelled.get(entry) ?? entry}`, place, about, aside ? 4 : score, file];
    });
    /* Sphinx shows the last one first. Of several results for one place the best stays. */
    results.sort(_orderResultsByScoreThenName);
    const seen = new Set();
    return results
      .reverse()
      .filter(([page, , place]) => !seen.has(page + place) && seen.add(page + place))
      .reverse();
  };

  /* What is marked on the page that a result leads to: stretches of Chinese whole, not their pairs. */
  const parse = Search._parseQuery;
  Search._parseQuery = (query) => {
    const [asked, words, excluded, marked, objects] = parse(query);
    const whole = new Set([...marked].filter((word) => !word.match(HAN)));
    for (const run of query.match(HAN) ?? []) whole.add(run);
    localStorage.setItem("sphinx_highlight_terms", [...whole].join(" "));
    return [asked, words, excluded, whole, objects];
  };

  /* The summary is the text at the place of a result, or of the whole article: without contents and displayed
     formulas and code; a term of the glossary together with its definition. */
  const UNQUOTED = ".headerlink, script, style, div.math, .cell_input, details.hide > summary";
  Search.htmlToText = (html, anchor) => {
    const page = new DOMParser().parseFromString(html, "text/html");
    page.querySelectorAll(UNQUOTED).forEach((part) => part.remove());
    let place = page.getElementById(anchor?.slice(1)) ?? page.querySelector("article");
    let text = place?.textContent ?? "";
    while (place?.tagName === "DT" && (place = place.nextElementSibling)) text += ` · ${place.textContent}`;
    return text.replace(/\\[()]/g, "").replace(/\s+/g, " ").trim();
  };

  /* The summary begins where the query stands as it was typed, if it does anywhere. */
  const summarise = Search.makeSearchSummary;
  Search.makeSearchSummary = (html, words, anchor) => {
    const query = new URLSearchParams(window.location.search).get("q")?.trim();
    return summarise(html, query ? [...words, query] : words, anchor);
  };
}
