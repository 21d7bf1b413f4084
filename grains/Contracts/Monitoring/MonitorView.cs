using DeployCard.Common.Collections;
using DeployCard.Contracts.Names;

namespace DeployCard.Contracts.Monitoring;

/// <summary>The result of a monitoring query, with a point for each step, even if nothing was counted in it.</summary>
/// <param name="From">Start of the first point, UTC.</param>
/// <param name="To">End of the last point, UTC.</param>
/// <param name="Step">Length of each point.</param>
/// <param name="Points">The points of the deployment, oldest first.</param>
/// <param name="Pods">The pods measured in the range, oldest first; at most the 200 measured most recently.</param>
[GenerateSerializer, Alias("monitor-view"), Immutable]
public sealed record MonitorView(
    [property: Id(0)] DateTimeOffset From,
    [property: Id(1)] DateTimeOffset To,
    [property: Id(2)] TimeSpan Step,
    [property: Id(3)] ValueList<MonitorPoint> Points,
    [property: Id(4)] ValueList<MonitorPod> Pods
);

/// <summary>The monitoring data of a deployment in one step.</summary>
/// <param name="Time">Start of the step, UTC.</param>
/// <param name="Step">Length of the step.</param>
/// <param name="Counters">The counters, indexed by <see cref="TrafficCounter"/>.</param>
/// <param name="Latency">Latency of requests that reached a pod or failed at the gateway; null if there were no such requests.</param>
/// <param name="AsyncLatency">Duration of attempts of asynchronous calls; null if there were no attempts.</param>
/// <param name="ReadyPods">Maximum number of ready pods in one minute of the step.</param>
/// <param name="ColdStart">Waiting time of requests that were queued while no pod was ready; null if there were no such requests.</param>
[GenerateSerializer, Alias("monitor-point"), Immutable]
public sealed record MonitorPoint(
    [property: Id(0)] DateTimeOffset Time,
    [property: Id(1)] TimeSpan Step,
    [property: Id(2)] ValueList<long> Counters,
    [property: Id(3)] LatencyPercentiles? Latency,
    [property: Id(4)] LatencyPercentiles? AsyncLatency,
    [property: Id(5)] int ReadyPods,
    [property: Id(6)] LatencyPercentiles? ColdStart = null
)
{
    /// <summary>Returns the value of a counter; 0 if the point was created by a version that does not know the counter.</summary>
    public long Get(TrafficCounter counter) => (int)counter < Counters.Count ? Counters[(int)counter] : 0;

    /// <summary>Returns the number of synchronous requests of all outcomes.</summary>
    public long CountRequests() =>
        Get(TrafficCounter.Succeeded)
        + Get(TrafficCounter.ClientErrors)
        + Get(TrafficCounter.ServerErrors)
        + Get(TrafficCounter.Rejected)
        + Get(TrafficCounter.Failed)
        + Get(TrafficCounter.Canceled);
}

/// <summary>The measurements of one pod.</summary>
/// <param name="Pod">Name of the pod.</param>
/// <param name="Points">A point for each step in which the pod was measured, oldest first.</param>
[GenerateSerializer, Alias("monitor-pod"), Immutable]
public sealed record MonitorPod([property: Id(0)] PodName Pod, [property: Id(1)] ValueList<PodPoint> Points);

/// <summary>The resource usage of a pod in one step.</summary>
/// <param name="Time">The start of the step, UTC.</param>
/// <param name="IsReady">Whether the pod was ready at the last measurement.</param>
/// <param name="Cores">Average processor usage over the measurements, in cores; null if unknown.</param>
/// <param name="MaxCores">Highest processor usage of a single measurement, in cores; null if unknown.</param>
/// <param name="MaxMemoryBytes">Highest memory usage, in bytes; null if unknown.</param>
[GenerateSerializer, Alias("pod-point"), Immutable]
public sealed record PodPoint(
    [property: Id(0)] DateTimeOffset Time,
    [property: Id(1)] bool IsReady,
    [property: Id(2)] double? Cores,
    [property: Id(3)] double? MaxCores,
    [property: Id(4)] long? MaxMemoryBytes
);
