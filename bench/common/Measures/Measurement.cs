using DeployCard.Bench.Common.Load;
using DeployCard.Bench.Common.Processes;
using DeployCard.Bench.Common.Targets;

namespace DeployCard.Bench.Common.Measures;

/// <summary>One run of the load generator, and what it cost the proxy.</summary>
/// <param name="Load">What the load generator counted.</param>
/// <param name="Processor">Processor time of the proxy, in microseconds for one request; 0 where there is no proxy.</param>
internal sealed record Measurement(WrkResult Load, double Processor)
{
    public static async Task<Measurement> Take(
        Target target,
        string path,
        int connections,
        TimeSpan duration,
        CancellationToken cancellationToken,
        string? bodyFile = null
    )
    {
        var before = target.Processes.Sum(ProcessorTime.Of);
        var load = await Wrk.Run(target, path, connections, duration, cancellationToken, bodyFile);
        return new(load, (target.Processes.Sum(ProcessorTime.Of) - before) * 1e6 / load.Requests);
    }

    public override string ToString() => $"{Load}, processor {Processor:0.0} µs/request";
}
