using DeployCard.Bench.Common.Load;
using DeployCard.Bench.Common.Processes;
using DeployCard.Bench.Common.Targets;

namespace DeployCard.Bench.Common.Measures;

/// <summary>One run of the load generator, with the processor time that the proxy used.</summary>
/// <param name="Load">Result of the load generator.</param>
/// <param name="CpuPerRequest">Processor time of the proxy per request, in µs; 0 if there is no proxy.</param>
internal sealed record Measurement(WrkResult Load, double CpuPerRequest)
{
    /// <summary>Runs the load generator against a target. The parameters are those of <see cref="Wrk.Run"/>.</summary>
    public static async Task<Measurement> Run(
        Target target,
        string path,
        int connections,
        TimeSpan duration,
        CancellationToken cancellationToken,
        string? bodyFile = null
    )
    {
        var before = target.Processes.Sum(ProcessorTime.GetSeconds);
        var load = await Wrk.Run(target, path, connections, duration, cancellationToken, bodyFile);
        return new(load, (target.Processes.Sum(ProcessorTime.GetSeconds) - before) * 1e6 / load.Requests);
    }

    public override string ToString() => $"{Load}, CPU {CpuPerRequest:0.0} µs/request";
}
