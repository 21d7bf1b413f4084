using System.Diagnostics.Tracing;
using Microsoft.Diagnostics.NETCore.Client;
using Microsoft.Diagnostics.Tracing;

namespace DeployCard.Bench.Common.Tracing;

/// <summary>
/// Samples the types that a .NET process allocates. The runtime reports one object per 100 KiB of allocations on average, at random
/// distances.
/// </summary>
internal static class TypeSampler
{
    private const long AllocationSampling = 0x80000000000;
    private const double MeanDistance = 100 * 1024;

    /// <summary>Returns the share of each type in the bytes allocated during an action, by type name.</summary>
    public static async Task<IReadOnlyDictionary<string, double>> Sample(
        int process,
        Func<Task> action,
        CancellationToken cancellationToken
    )
    {
        var bytes = new Dictionary<string, double>();
        var provider = new EventPipeProvider("Microsoft-Windows-DotNETRuntime", EventLevel.Informational, AllocationSampling);
        await using (await TraceSession.Start(process, provider, Listen, cancellationToken))
            await action();
        var all = bytes.Values.Sum();
        return bytes.ToDictionary(type => type.Key, type => type.Value / all);

        void Listen(EventPipeEventSource source) =>
            source.Clr.AllocationSampling += sampled =>
                bytes[sampled.TypeName] = bytes.GetValueOrDefault(sampled.TypeName) + Weight(sampled.ObjectSize);
    }

    /// <summary>Returns the bytes that one sample represents. A large object is more likely to be sampled than a small one.</summary>
    private static double Weight(long size) => size / (1 - Math.Exp(-size / MeanDistance));
}
