using DeployCard.Bench.Cluster.Targets;
using DeployCard.Bench.Common.Load;
using DeployCard.Bench.Common.Reports;
using DeployCard.Bench.Common.Targets;

namespace DeployCard.Bench.Cluster.Measures;

/// <summary>Runs load generators against all gateways concurrently, as a load balancer would, and measures the processor time.</summary>
/// <param name="testbed">Silos that receive the load, with their database.</param>
/// <param name="deployment">Name of the deployment.</param>
/// <param name="key">API key of the deployment.</param>
/// <param name="connections">Total number of connections, divided among the gateways.</param>
/// <param name="report">Report to which failures are added.</param>
internal sealed class ClusterLoad(Testbed testbed, string deployment, string key, int connections, Report report)
{
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromMinutes(5);

    /// <summary>Runs the load once and reports errors and missing rows as failures.</summary>
    /// <param name="path">Path of the requests.</param>
    /// <param name="headers">Additional headers, as in <see cref="Target.Headers"/>.</param>
    /// <param name="duration">Duration of the load.</param>
    /// <param name="untilEnded">Whether the run includes the time until all calls have ended, and counts calls instead of requests.</param>
    /// <param name="cancellationToken">Cancels the run and kills the load generators.</param>
    public async Task<LoadResult> Run(
        string path,
        IReadOnlyList<string> headers,
        TimeSpan duration,
        bool untilEnded,
        CancellationToken cancellationToken
    )
    {
        var before = untilEnded ? await testbed.Database.CountCalls(cancellationToken) : 0;
        var (spent, began) = (testbed.CpuSeconds, TimeProvider.System.GetTimestamp());
        var results = await Task.WhenAll(
            testbed.Silos.Select(silo =>
                Wrk.Run(
                    new("", silo.GetPredictOrigin(deployment), key, []) { Headers = headers },
                    path,
                    connections / testbed.Silos.Count,
                    duration,
                    cancellationToken
                )
            )
        );
        if (untilEnded)
            await testbed.Database.WaitForEnd(WaitTimeout, cancellationToken);
        var took = TimeProvider.System.GetElapsedTime(began).TotalSeconds;
        var cost = testbed.CpuSeconds - spent;
        var (requests, errors) = (results.Sum(r => r.Requests), results.Sum(r => r.Errors));
        var calls = untilEnded ? await testbed.Database.CountCalls(cancellationToken) - before : requests;
        var result = new LoadResult(untilEnded ? calls / took : results.Sum(r => r.RequestsPerSecond), cost * 1e6 / calls, errors);
        Report.WriteProgress($"  {path} {string.Join(' ', headers)}: {result}");
        if (errors > 0 || calls < requests)
            report.RecordFailure($"{path} with {testbed.Silos.Count} silos: {errors} errors, {requests} accepted, {calls} rows");
        return result;
    }
}

/// <summary>Result of a run of the load.</summary>
/// <param name="PerSecond">Requests per second, or completed calls per second.</param>
/// <param name="CpuPerRequest">Processor time per request or call, in µs.</param>
/// <param name="Errors">Number of error statuses, socket errors and timeouts.</param>
internal sealed record LoadResult(double PerSecond, CpuCost CpuPerRequest, long Errors)
{
    public override string ToString() =>
        $"{PerSecond:N0}/s, CPU per request: silos {CpuPerRequest.Silos:N0} µs, "
        + $"PostgreSQL {CpuPerRequest.Database:N0} µs, pods {CpuPerRequest.Pods:N0} µs";
}
