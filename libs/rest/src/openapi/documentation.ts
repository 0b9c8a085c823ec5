/**
 * `/docs-json` and `/docs`: the OpenAPI document and a page that shows it. Open to everybody: it says nothing that the
 * repository does not. SwaggerModule.setup would do the same, but only before the application listens, and with the
 * whole package loaded by then.
 */
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { INestApplication } from '@nestjs/common';
import type { NextFunction, Request, Response } from 'express';

const PAGE = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <title>HyperCache API</title>
    <link rel="icon" href="docs/favicon-32x32.png">
    <link rel="stylesheet" href="docs/swagger-ui.css">
  </head>
  <body>
    <div id="swagger-ui"></div>
    <script src="docs/swagger-ui-bundle.js"></script>
    <script src="docs/start.js"></script>
  </body>
</html>
`;

const START_SCRIPT = `SwaggerUIBundle({ url: 'docs-json', dom_id: '#swagger-ui', deepLinking: true });\n`;

/** Files of swagger-ui-dist that the page uses. */
const ASSETS = new Set(['favicon-32x32.png', 'swagger-ui.css', 'swagger-ui-bundle.js']);
const ASSETS_PREFIX = '/docs/';

export function documentation(app: INestApplication, version: string) {
  let document: Promise<string> | undefined;
  const documentText = (): Promise<string> => {
    document ??= createDocumentText(app, version).catch((error: unknown) => {
      document = undefined;
      throw error;
    });
    return document;
  };
  return (request: Request, response: Response, next: NextFunction): void => {
    if ((request.method !== 'GET' && request.method !== 'HEAD') || !request.path.startsWith('/docs')) return next();
    if (request.path === '/docs') return send(response, 'html', PAGE);
    if (request.path === ASSETS_PREFIX) return response.redirect('../docs');
    if (request.path === `${ASSETS_PREFIX}start.js`) return send(response, 'js', START_SCRIPT);
    if (request.path === '/docs-json') {
      documentText().then((text) => send(response, 'json', text), next);
      return;
    }
    const asset = request.path.slice(ASSETS_PREFIX.length);
    if (ASSETS.has(asset))
      response.sendFile(asset, { root: assetsFolder(), maxAge: '1h' }, (error) => error && next(error));
    else next();
  };
}

async function createDocumentText(app: INestApplication, version: string): Promise<string> {
  const { createDocument } = await import('./document.js');
  return JSON.stringify(createDocument(app, version));
}

/** swagger-ui-dist is a dependency of @nestjs/swagger and is looked for from there. */
function assetsFolder(): string {
  const swagger = createRequire(import.meta.url).resolve('@nestjs/swagger/package.json');
  return dirname(createRequire(join(dirname(swagger), 'package.json')).resolve('swagger-ui-dist/package.json'));
}

function send(response: Response, type: string, text: string): void {
  response.type(type).send(text);
}
