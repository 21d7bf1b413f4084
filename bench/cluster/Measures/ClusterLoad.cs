using DeployCard.Bench.Cluster.Targets;
using DeployCard.Bench.Common.Load;
using DeployCard.Bench.Common.Reports;
using DeployCard.Bench.Common.Targets;

namespace DeployCard.Bench.Cluster.Measures;

/// <summary>The load generator at every gateway at once, as behind a load balancer, and what it cost.</summary>
internal sealed class ClusterLoad(Stage stage, string deployment, string key, int connections, Report report)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    /// <summary>One run.</summary>
    /// <param name="path">What is asked of the pod.</param>
    /// <param name="headers">As in <see cref="Target.Headers"/>.</param>
    /// <param name="duration">Of the load.</param>
    /// <param name="untilEnded">Whether all calls are to end, and are counted then.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<Taken> Take(
        string path,
        IReadOnlyList<string> headers,
        TimeSpan duration,
        bool untilEnded,
        CancellationToken cancellationToken
    )
    {
        var before = untilEnded ? await stage.Database.Calls(cancellationToken) : 0;
        var (spent, began) = (stage.Spent, TimeProvider.System.GetTimestamp());
        var results = await Task.WhenAll(
            stage.Silos.Select(silo =>
                Wrk.Run(
                    new("", silo.PredictOrigin(deployment), key, []) { Headers = headers },
                    path,
                    connections / stage.Silos.Count,
                    duration,
                    cancellationToken
                )
            )
        );
        if (untilEnded)
            await stage.Database.WaitForEnd(Patience, cancellationToken);
        var took = TimeProvider.System.GetElapsedTime(began).TotalSeconds;
        var cost = stage.Spent - spent;
        var (requests, errors) = (results.Sum(r => r.Requests), results.Sum(r => r.Errors));
        var calls = untilEnded ? await stage.Database.Calls(cancellationToken) - before : requests;
        var taken = new Taken(untilEnded ? calls / took : results.Sum(r => r.RequestsPerSecond), cost * 1e6 / calls, errors);
        Report.Progress($"  {path} {string.Join(' ', headers)}: {taken}");
        if (errors > 0 || calls < requests)
            report.Fail($"{path} with {stage.Silos.Count} silos: {errors} errors, {requests} accepted, {calls} rows");
        return taken;
    }
}

/// <summary>What came of a run.</summary>
/// <param name="PerSecond">Requests, or calls that were completed.</param>
/// <param name="Each">Processor time of one, in µs.</param>
/// <param name="Errors">Wrong answers and broken connections.</param>
internal sealed record Taken(double PerSecond, Cost Each, long Errors)
{
    public override string ToString() =>
        $"{PerSecond:N0}/s, CPU each: silos {Each.Silos:N0} µs, PostgreSQL {Each.Database:N0} µs, pods {Each.Pods:N0} µs";
}
