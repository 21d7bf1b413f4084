using System.Globalization;
using System.Net;
using DeployCard.EndToEnd.Tests.Support.Crash;
using DeployCard.EndToEnd.Tests.Support.Observability;
using DeployCard.Tests.Support;

namespace DeployCard.EndToEnd.Tests.Observability;

/// <summary>A real Prometheus scrapes three silos under load. The queries of the dashboards and alerts return plausible data.</summary>
public sealed class PrometheusTests(MeasuredCluster shared) : IClassFixture<MeasuredCluster>
{
    private const string Head = """
        | dashboard: panel | query | series | lowest | highest |
        |---|---|---|---|---|
        """;

    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(90);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_dashboard_query_returns_plausible_data()
    {
        foreach (var (where, query) in MonitoringFiles.Queries)
        {
            var values = await QueryValues(
                where,
                query.Replace("$deployment", AllMetricsLoad.Deployment).Replace("$__rate_interval", "30s")
            );
            // An unescaped | would end the table cell.
            var cell = query.ReplaceLineEndings(" ").Replace("|", "\\|", StringComparison.Ordinal);
            await CrashTable.Add(
                Head,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"| {where} | `{cell}` | {values.Count} | {values.Min():G3} | {values.Max():G3} |"
                ),
                Cancellation
            );
        }
    }

    [Fact]
    public async Task Each_alert_expression_has_data()
    {
        var rules = (await shared.Prometheus.Get("rules"))["groups"]!.AsArray().SelectMany(group => group!["rules"]!.AsArray()).ToList();

        rules.Count.ShouldBeGreaterThan(5);
        rules.ShouldAllBe(rule => (string?)rule!["health"] != "err");
        foreach (var rule in rules)
        {
            var query = (string)rule!["query"]!;
            // Storage does not fail in this test, so this rule correctly has no data.
            if ((string)rule["name"]! != "DeployCardStorageErrors")
                await QueryValues((string)rule["name"]!, query[..query.LastIndexOfAny(['>', '='])].TrimEnd('=', ' '));
        }
    }

    [Fact]
    public async Task Metrics_match_the_load()
    {
        await EventuallyEquals("count(up == 1)", 3);
        await EventuallyEquals("count(deploycard_build_info)", 3);
        await EventuallyEquals("sum(deploycard_graphql_subscriptions)", 3);
        await EventuallyEquals("max(orleans_consistent_ring_size)", 3);
        await EventuallyEquals(
            "count(count by (http_response_status_code) "
                + "(deploycard_gateway_request_duration_seconds_count{http_response_status_code=~\"200|401|500\"}))",
            3
        );
        await EventuallyEquals(
            "count(count by (error_type) (deploycard_gateway_request_duration_seconds_count{error_type=~\"KEY_MISSING|pod\"}))",
            2
        );
        await EventuallyEquals("count(count by (deploycard_async_call_status) (deploycard_async_call_duration_seconds_count))", 2);
        await EventuallyEquals("count(count by (deploycard_callback_outcome) (deploycard_callback_delivery_duration_seconds_count))", 2);
        await EventuallyEquals("count(count by (deploycard_storage_operation) (deploycard_storage_operation_duration_seconds_count))", 2);
        await EventuallyEquals("clamp_max(sum(deploycard_pod_crashes_total), 1)", 1);
        await EventuallyEquals("clamp_max(sum(deploycard_pod_restarts_total), 1)", 1);
        await EventuallyEquals("clamp_max(sum(deploycard_callback_abandoned_total), 1)", 1);
        await EventuallyEquals("clamp_max(sum(deploycard_log_lines_total), 1)", 1);
    }

    [Fact]
    public async Task Each_DeployCard_metric_is_documented_with_its_labels_and_no_other_is()
    {
        var documented = DocumentedMetric.All.ToDictionary(metric => metric.Name);
        await Eventually.Get(
            async () => string.Join(", ", documented.Keys.Except((await Metadata()).Keys)),
            missing => missing.Length == 0,
            Cancellation,
            Timeout
        );
        var present = await Metadata();

        present.Keys.Order().ShouldBe(documented.Keys.Order());
        foreach (var (name, (type, description)) in present)
        {
            type.ShouldBe(documented[name].Type, name);
            description.ShouldBe(documented[name].Description, name);
            var series = await shared.Prometheus.Get($"series?match[]={Uri.EscapeDataString($"{{__name__=~\"{name}(_count)?\"}}")}");
            var labels = series
                .AsArray()
                .SelectMany(one => one!.AsObject().Select(label => label.Key))
                .Distinct()
                .Except(["__name__", "instance", "job"])
                .ToList();
            labels.ShouldBeSubsetOf(documented[name].Labels, name);
        }
    }

    [Fact]
    public async Task Metrics_follow_the_conventions_of_Prometheus()
    {
        using var http = new HttpClient();
        var page = await http.GetStringAsync(shared.MetricsOf(0), Cancellation);

        var (_, output) = await PrometheusServer.Promtool(page, "check", "metrics");

        // Metrics of .NET and Orleans have names that DeployCard does not control.
        output.Split('\n').Where(line => line.StartsWith("deploycard", StringComparison.Ordinal)).ShouldBeEmpty();
        page.ShouldNotContain("otel_metric_overflow");
    }

    [Fact]
    public async Task Metrics_are_not_on_the_public_address_and_nothing_else_is_on_theirs()
    {
        using var http = new HttpClient();

        (await http.GetAsync(new Uri($"{shared.Silos[0].Origin}/metrics"), Cancellation)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await http.GetAsync(new Uri(shared.MetricsOf(0), "/graphql"), Cancellation)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await http.GetAsync(new Uri(shared.MetricsOf(0), $"/predict/{AllMetricsLoad.Deployment}/x"), Cancellation)).StatusCode.ShouldBe(
            HttpStatusCode.NotFound
        );
    }

    /// <summary>
    /// Returns the types of the DeployCard metrics by name. In OpenMetrics, the metadata of a counter omits the suffix <c>_total</c>.
    /// </summary>
    private async Task<Dictionary<string, (string Type, string Description)>> Metadata() =>
        (
            from metric in (await shared.Prometheus.Get("metadata?limit=10000")).AsObject()
            where metric.Key.StartsWith("deploycard_", StringComparison.Ordinal)
            let type = (string)metric.Value![0]!["type"]!
            select (
                Name: type == "counter" && !metric.Key.EndsWith("_total", StringComparison.Ordinal) ? $"{metric.Key}_total" : metric.Key,
                Metadata: (type, (string)metric.Value![0]!["help"]!)
            )
        ).ToDictionary();

    /// <summary>Returns the values of all series that the query found.</summary>
    private async Task<IReadOnlyList<double>> QueryValues(string where, string query)
    {
        var (_, _, found) = await Eventually.Get(
            async () => (Where: where, Query: query, Found: await shared.Prometheus.Query(query)),
            seen => seen.Found.Any(series => double.IsFinite(series.Value)) && seen.Found.All(series => series.Value is >= 0 or double.NaN),
            Cancellation,
            Timeout
        );
        return [.. found.Select(series => series.Value).Where(double.IsFinite)];
    }

    private Task EventuallyEquals(string query, double value) =>
        Eventually.Get(
            async () =>
                (Query: query, Value: (await shared.Prometheus.Query(query)).Select(series => series.Value).FirstOrDefault(double.NaN)),
            seen => seen.Value == value,
            Cancellation,
            Timeout
        );
}
