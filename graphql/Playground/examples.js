// Example operations, one file each. The first line of a file is its title. A test runs all of them against a real silo.
import deployments from './examples/01-deployments.graphql';
import deploymentsLive from './examples/02-deployments-live.graphql';
import generalInformation from './examples/03-general-information.graphql';
import generalInformationLive from './examples/04-general-information-live.graphql';
import apiTest from './examples/05-api-test.graphql';
import apiTestAsynchronous from './examples/06-api-test-asynchronous.graphql';
import apiTestSnippets from './examples/07-api-test-snippets.graphql';
import asyncCalls from './examples/08-async-calls.graphql';
import asyncCallsLive from './examples/09-async-calls-live.graphql';
import logs from './examples/10-logs.graphql';
import logsLive from './examples/11-logs-live.graphql';
import keys from './examples/12-keys.graphql';
import keysCreate from './examples/13-keys-create.graphql';
import readme from './examples/14-readme.graphql';
import readmeSave from './examples/15-readme-save.graphql';
import events from './examples/16-events.graphql';
import pods from './examples/17-pods.graphql';
import revisions from './examples/18-revisions.graphql';
import monitoring from './examples/19-monitoring.graphql';
import monitoringLive from './examples/20-monitoring-live.graphql';
import alerts from './examples/21-alerts.graphql';
import alertsLive from './examples/22-alerts-live.graphql';

const texts = [
  deployments,
  deploymentsLive,
  generalInformation,
  generalInformationLive,
  apiTest,
  apiTestAsynchronous,
  apiTestSnippets,
  asyncCalls,
  asyncCallsLive,
  logs,
  logsLive,
  keys,
  keysCreate,
  readme,
  readmeSave,
  events,
  pods,
  revisions,
  monitoring,
  monitoringLive,
  alerts,
  alertsLive,
];

export const examples = texts.map(text => ({ title: text.slice(2, text.indexOf('\n')), text }));
