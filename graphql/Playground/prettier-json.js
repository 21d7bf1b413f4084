// GraphiQL formats JSON with Prettier, which would add a whole JavaScript parser to the bundle. This plug-in has the same
// two exports and formats with the small parser that GraphiQL already includes. Comments are kept.
import { applyEdits, format } from 'jsonc-parser';

const formatText = text => applyEdits(text, format(text, undefined, { insertSpaces: true, tabSize: 2 }));

export const parsers = {
  jsonc: { astFormat: 'jsonc-text', parse: text => ({ text }), locStart: () => 0, locEnd: node => node.text.length },
};
export const printers = {
  'jsonc-text': { print: path => formatText(path.node.text) },
};
