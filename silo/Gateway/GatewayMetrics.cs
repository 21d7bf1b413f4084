using System.Diagnostics;
using System.Diagnostics.Metrics;
using DeployCard.Common.Telemetry;
using DeployCard.Contracts.Names;
using DeployCard.Gateway.Problems;

namespace DeployCard.Gateway;

/// <summary>
/// Metrics of the gateway (meter <c>DeployCard.Gateway</c>), named after OpenTelemetry's semantic conventions. The tag
/// <c>deploycard.deployment</c> names the deployment. Deployments beyond the first <see cref="DeploymentTag.MaxDeployments"/> share the
/// value <c>_other</c>.
/// </summary>
internal sealed class GatewayMetrics
{
    public const string MeterName = "DeployCard.Gateway";

    // Boxed once, because every request records a status code.
    private static readonly object[] Statuses = [.. Enumerable.Range(0, 600).Select(status => (object)status)];

    private readonly DeploymentTag deployments = new();
    private readonly Histogram<double> duration;
    private readonly Histogram<double> wait;
    private readonly Histogram<double> coldStart;

    public GatewayMetrics(IMeterFactory meters, RouteTable routes)
    {
        var meter = meters.Create(MeterName);
        duration = meter.CreateHistogram(
            "deploycard.gateway.request.duration",
            "s",
            "Time from a prediction's arrival to the end of its response.",
            null,
            HistogramBuckets.RequestDurations
        );
        wait = meter.CreateHistogram(
            "deploycard.gateway.queue.duration",
            "s",
            "Time that a prediction waited for a pod. Predictions that did not wait are not recorded.",
            null,
            HistogramBuckets.WaitDurations
        );
        coldStart = meter.CreateHistogram(
            "deploycard.gateway.cold_start.duration",
            "s",
            "Time that a prediction waited while no pod was ready.",
            null,
            HistogramBuckets.WaitDurations
        );
        meter.CreateObservableUpDownCounter(
            "deploycard.gateway.active_requests",
            () => Gates(routes, g => g.InFlight),
            "{request}",
            "Number of requests in flight at pods."
        );
        meter.CreateObservableUpDownCounter(
            "deploycard.gateway.queued_requests",
            () => Gates(routes, g => g.Waiting),
            "{request}",
            "Number of requests that wait for a pod."
        );
        meter.CreateObservableUpDownCounter(
            "deploycard.gateway.pods",
            () => Pods(routes),
            "{pod}",
            "Number of pods that this gateway forwards to, by state: ready or unreachable."
        );
    }

    /// <summary>Records a request that was rejected before a pod was requested.</summary>
    public void RecordRejected(DeploymentName deployment, GatewayProblem problem)
    {
        if (duration.Enabled)
            duration.Record(0, Tags(deployment, problem.Status, problem));
    }

    /// <summary>Records the end of a request.</summary>
    /// <param name="deployment">Deployment that the request was for.</param>
    /// <param name="context">The request and its response.</param>
    /// <param name="problem">Problem that the gateway responded with; null if a pod responded.</param>
    /// <param name="started">Stopwatch timestamp of the request's arrival.</param>
    public void RecordEnded(DeploymentName deployment, HttpContext context, GatewayProblem? problem, long started)
    {
        if (duration.Enabled)
            duration.Record(
                Stopwatch.GetElapsedTime(started).TotalSeconds,
                Tags(deployment, problem?.Status ?? context.Response.StatusCode, problem)
            );
    }

    /// <summary>Records the waiting time of a request. A request that did not wait is not recorded.</summary>
    public void RecordWait(DeploymentName deployment, Admission admission)
    {
        if (admission.Waited <= TimeSpan.Zero)
            return;
        var tag = Tag(deployment);
        wait.Record(admission.Waited.TotalSeconds, tag);
        if (admission.IsCold)
            coldStart.Record(admission.Waited.TotalSeconds, tag);
    }

    private TagList Tags(DeploymentName deployment, int status, GatewayProblem? problem)
    {
        var tags = new TagList { Tag(deployment), { "http.response.status_code", BoxedStatus(status) } };
        if (problem is not null)
            tags.Add("error.type", problem.Code);
        else if (status >= 500)
            tags.Add("error.type", "pod");
        return tags;
    }

    private static object BoxedStatus(int status) => (uint)status < (uint)Statuses.Length ? Statuses[status] : status;

    private IEnumerable<Measurement<int>> Gates(RouteTable routes, Func<DeploymentGate, int> count) =>
        Summed(routes.Gates.Select(g => (Tag(g.Name), count(g))));

    private IEnumerable<Measurement<int>> Pods(RouteTable routes) =>
        routes
            .Gates.SelectMany(g =>
                (g.Current?.Pods ?? []).Select(p =>
                    (Name: deployments.GetValue(g.Name.Value), State: p.IsEjected ? "unreachable" : "ready")
                )
            )
            .GroupBy(p => p)
            .Select(p => new Measurement<int>(
                p.Count(),
                new KeyValuePair<string, object?>(DeploymentTag.Key, p.Key.Name),
                new("deploycard.pod.state", p.Key.State)
            ));

    private static IEnumerable<Measurement<int>> Summed(IEnumerable<(KeyValuePair<string, object?> Tag, int Count)> counts) =>
        counts.GroupBy(c => c.Tag.Value).Select(g => new Measurement<int>(g.Sum(c => c.Count), g.First().Tag));

    private KeyValuePair<string, object?> Tag(DeploymentName deployment) => deployments.For(deployment.Value);
}
