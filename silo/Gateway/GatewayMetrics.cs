using System.Diagnostics;
using System.Diagnostics.Metrics;
using DeployCard.Grains.Deployments;
using DeployCard.Grains.Telemetry;

namespace DeployCard.Silo.Gateway;

/// <summary>
/// What the gateway measures (meter <c>DeployCard.Gateway</c>), named after OpenTelemetry's semantic conventions. Each deployment is a value of
/// <c>deploycard.deployment</c>; beyond <see cref="MostDeployments"/> of them all further ones are counted together as <c>_other</c>.
/// </summary>
internal sealed class GatewayMetrics
{
    public const string MeterName = "DeployCard.Gateway";

    /// <summary>The most deployments that are told apart in one process.</summary>
    public const int MostDeployments = DeploymentTag.Most;

    // Boxed once: each request has one.
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
            "Time from a prediction's arrival to the end of its answer.",
            null,
            Buckets.Requests
        );
        wait = meter.CreateHistogram(
            "deploycard.gateway.queue.duration",
            "s",
            "Time that a prediction waited for a pod; those that did not wait are not counted.",
            null,
            Buckets.Waits
        );
        coldStart = meter.CreateHistogram(
            "deploycard.gateway.cold_start.duration",
            "s",
            "Time that a prediction waited while no pod was ready.",
            null,
            Buckets.Waits
        );
        meter.CreateObservableUpDownCounter(
            "deploycard.gateway.active_requests",
            () => Gates(routes, g => g.InFlight),
            "{request}",
            "Predictions that pods have."
        );
        meter.CreateObservableUpDownCounter(
            "deploycard.gateway.queued_requests",
            () => Gates(routes, g => g.Waiting),
            "{request}",
            "Predictions that wait for a pod."
        );
        meter.CreateObservableUpDownCounter(
            "deploycard.gateway.pods",
            () => Pods(routes),
            "{pod}",
            "Pods that this gateway forwards to, by whether it can reach them."
        );
    }

    /// <summary>A request was refused before any pod was asked for.</summary>
    public void Refused(DeploymentName deployment, GatewayProblem problem)
    {
        if (duration.Enabled)
            duration.Record(0, Tags(deployment, problem.Status, problem));
    }

    /// <summary>A request came to its end that began at that timestamp.</summary>
    public void Ended(DeploymentName deployment, HttpContext context, GatewayProblem? problem, long started)
    {
        if (duration.Enabled)
            duration.Record(
                Stopwatch.GetElapsedTime(started).TotalSeconds,
                Tags(deployment, problem?.Status ?? context.Response.StatusCode, problem)
            );
    }

    /// <summary>A request has a pod, or none; what it did not wait for is not counted.</summary>
    public void Waited(DeploymentName deployment, Admission admission)
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
                (g.Current?.Pods ?? []).Select(p => (Name: deployments.Bounded(g.Name.Value), State: p.IsOut ? "unreachable" : "ready"))
            )
            .GroupBy(p => p)
            .Select(p => new Measurement<int>(
                p.Count(),
                new KeyValuePair<string, object?>(DeploymentTag.Key, p.Key.Name),
                new("deploycard.pod.state", p.Key.State)
            ));

    private static IEnumerable<Measurement<int>> Summed(IEnumerable<(KeyValuePair<string, object?> Tag, int Count)> counts) =>
        counts.GroupBy(c => c.Tag.Value).Select(g => new Measurement<int>(g.Sum(c => c.Count), g.First().Tag));

    private KeyValuePair<string, object?> Tag(DeploymentName deployment) => deployments.Of(deployment.Value);
}
