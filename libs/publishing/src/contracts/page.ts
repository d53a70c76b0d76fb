import type { Publication, PublicEvent } from './contract';
import { contractName, keyOf } from './contract';
import { exampleOf } from './example';
import { contractFields } from './fields';
import { PAGE_STYLE } from './page-style';
import { headersOf, typeOf } from './public-message';

/** All contracts on one page for people: a whole HTML document that needs nothing beside it. */
export function contractsPage(publications: readonly Publication[]): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Public events of Guanxi</title>
<style>${PAGE_STYLE}</style>
</head>
<body>
<a class="skip" href="#top">To the contracts</a>
<nav aria-label="Contracts">
<p><a href="#top">Public events</a></p>
${publications.map(entryOf).join('\n')}
</nav>
<main id="top" tabindex="-1">
<h1>Public events of Guanxi</h1>
${INTRODUCTION}
${publications.map(topicOf).join('\n')}
</main>
</body>
</html>
`;
}

const INTRODUCTION = `<p>Facts of the business, told to whoever may hear them: over Kafka, over plain HTTP as a feed, or by signed webhooks. What is
told is the same everywhere. Machines read <a href="asyncapi.yaml">asyncapi.yaml</a> and the <a href="published.json">schemas</a>.</p>
<ul>
<li>Every message is a <strong>CloudEvent 1.0</strong>. In Kafka its attributes are headers (<code>ce_...</code>) and the
value is the data as JSON; in the feed and in webhooks it is one JSON object.</li>
<li>Read Kafka with <code>isolation.level=read_committed</code>: each event comes <strong>once</strong>, and those of one key in
their <strong>order</strong>. The key is repeated in <code>ce_subject</code>.</li>
<li><code>ce_time</code> says when something happened, <code>ce_recordedtime</code> when it was learned: facts may come late, and
corrections say what was wrong.</li>
<li>A contract never changes in a way that breaks its readers. <strong>Optional fields may be added</strong>: bear those that you do not
know. Whatever else changes comes as a new version, beside the old one for a time.</li>
<li>An <strong>optional field that is absent</strong> was not recorded, or did not change where the event tells of a change; its
meaning says where it is otherwise.</li>
<li>Names, texts and whatever else says who a person is are not told. Ids say nothing by themselves; who may know more asks for them.</li>
</ul>`;

const entryOf = ({ topic, events }: Publication): string =>
  `<p><a href="#${escaped(topic.name)}"><strong>${escaped(topic.name)}</strong></a></p>
<ul>
${events.map((event) => `<li><a href="#${contractName(event)}">${contractName(event)}</a></li>`).join('\n')}
</ul>`;

function topicOf(publication: Publication): string {
  const { name, title, description, partitions, retentionDays, personal } = publication.topic;
  return `<section>
<h2 id="${escaped(name)}">${escaped(title)}</h2>
<p>${escaped(description)}</p>
<dl>
<dt>Topic</dt><dd><code>${escaped(name)}</code></dd>
<dt>Partitions</dt><dd>${partitions}</dd>
<dt>Kept in Kafka</dt><dd>${retentionDays} days; in the feed for good</dd>
${personal ? '<dt>Personal data</dt><dd>this topic tells who people are</dd>\n' : ''}</dl>
${publication.events.map((event) => contractOf(publication, event)).join('\n')}
</section>`;
}

function contractOf(publication: Publication, contract: PublicEvent): string {
  const name = contractName(contract);
  const { key, event } = exampleOf(publication, contract);
  const { deprecated } = contract;
  const end = deprecated
    ? `<p class="end">Deprecated: published until ${escaped(deprecated.until)}. Read <a href="#${escaped(deprecated.inFavourOf)}">${escaped(deprecated.inFavourOf)}</a> in its place.</p>\n`
    : '';
  return `<article id="${name}">
<h3>${name}</h3>
<p>${escaped(contract.summary)}</p>
${end}<dl>
<dt>Type</dt><dd><code>${typeOf(contract)}</code></dd>
<dt>Key</dt><dd><code>${escaped(keyOf(contract))}</code></dd>
<dt>Schema</dt><dd><a href="schemas/${name}.json">${name}.json</a></dd>
</dl>
${tableOf(contract)}
<details>
<summary>Example</summary>
<p>Key <code>${escaped(key)}</code>, value:</p>
<pre tabindex="0">${escaped(JSON.stringify(event.data, null, 2))}</pre>
<p>Headers:</p>
<pre tabindex="0">${escaped(linesOf(headersOf(event)))}</pre>
</details>
</article>`;
}

function tableOf(contract: PublicEvent): string {
  const fields = contractFields(contract);
  if (fields.length === 0)
    return '<p>That it happened is all that it tells: its data is an empty object.</p>';
  const rows = fields.map(
    ({ field, type, required, description }) =>
      `<tr role="row"><td role="cell"><code>${escaped(field)}</code></td><td role="cell">${escaped(type)}</td><td role="cell">${required ? 'always' : 'optional'}</td><td role="cell">${escaped(description)}</td></tr>`,
  );
  return `<div class="wide"><table role="table">
<thead><tr role="row"><th scope="col">Field</th><th scope="col">Type</th><th scope="col">There</th><th scope="col">Meaning</th></tr></thead>
<tbody>
${rows.join('\n')}
</tbody>
</table></div>`;
}

const linesOf = (headers: Readonly<Record<string, string>>): string =>
  Object.entries(headers)
    .map(([name, value]) => `${name}: ${value}`)
    .join('\n');

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

const escaped = (text: string): string => text.replace(/[&<>"]/g, (sign) => ENTITIES[sign] ?? sign);
